import {
  type APIInteractionResponse,
  type APIModalInteractionResponseCallbackData,
  InteractionResponseType,
  MessageFlags,
} from "discord-api-types/v10";
import type { Choice } from "#core";
import type { DiscordMessage } from "./render.ts";
import type { DiscordTarget } from "./target.ts";

/** The first responses that are given here (discord.com/developers/docs/interactions/receiving-and-responding). */

/** Only the person reads it. */
export function said(message: DiscordMessage): APIInteractionResponse {
  return {
    type: InteractionResponseType.ChannelMessageWithSource,
    data: { ...message, flags: message.flags | MessageFlags.Ephemeral },
  };
}

/** Who may see what follows is decided here, and never changes. */
export function deferred({ response }: Pick<DiscordTarget, "response">): APIInteractionResponse {
  if (response === "update") return nothing();
  return {
    type: InteractionResponseType.DeferredChannelMessageWithSource,
    data: response === "ephemeral" ? { flags: MessageFlags.Ephemeral } : {},
  };
}

/** A press that is understood and changes nothing. */
export function nothing(): APIInteractionResponse {
  return { type: InteractionResponseType.DeferredMessageUpdate };
}

export function form(data: APIModalInteractionResponseCallbackData): APIInteractionResponse {
  return { type: InteractionResponseType.Modal, data };
}

export function proposed(choices: readonly Choice[]): APIInteractionResponse {
  return {
    type: InteractionResponseType.ApplicationCommandAutocompleteResult,
    data: { choices: choices.map(({ name, value }) => ({ name, value })) },
  };
}
