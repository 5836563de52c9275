import { InteractionType } from "discord-api-types/v10";
import { AtelierError, type Clock, type Command, type Services } from "#core";
import { type ActionInbound, type AgainInbound, readAction } from "./inbound/actions.ts";
import { type AutocompleteInbound, readAutocomplete } from "./inbound/autocomplete.ts";
import { kindOf } from "./inbound/body.ts";
import {
  type CommandInbound,
  type MessageCommandInbound,
  readCommand,
} from "./inbound/commands.ts";
import { readSubmission, type SubmissionInbound } from "./inbound/submissions.ts";

export type DiscordInbound =
  | CommandInbound
  | MessageCommandInbound
  | AutocompleteInbound
  | ActionInbound
  | AgainInbound
  | SubmissionInbound;

export interface InboundParts {
  /** The app whose interactions are taken. */
  applicationId: string;
  commands: readonly Command[];
  /** For what options propose. */
  services: Services;
  clock: Pick<Clock, "nowMs">;
  /** Whether files may be loaded from that address: one of Discord's own. */
  isFileUrl: (url: string) => boolean;
}

/**
 * Reads what people do, from the raw interaction, which is the same over the gateway and HTTP
 * (docs.discord.com/developers/interactions/receiving-and-responding). Every `deliveryId` is the
 * same when Discord sends the same thing again. Throws `invalid_input` for an interaction that is
 * not as Discord documents it, or not this app's.
 */
export function createInbound(parts: InboundParts) {
  return {
    read(interaction: unknown): DiscordInbound {
      switch (kindOf(interaction)) {
        case InteractionType.ApplicationCommand:
          return readCommand(interaction, parts);
        case InteractionType.MessageComponent:
          return readAction(interaction, parts);
        case InteractionType.ApplicationCommandAutocomplete:
          return readAutocomplete(interaction, parts);
        case InteractionType.ModalSubmit:
          return readSubmission(interaction, parts);
        default:
          throw new AtelierError("invalid_input", "Discord sent something that I do not know.");
      }
    },
  };
}

export type DiscordInboundReader = ReturnType<typeof createInbound>;
