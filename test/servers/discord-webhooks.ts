import type { DiscordCalls } from "./discord-calls.ts";
import type { DiscordInteractions, Interaction } from "./discord-interactions.ts";
import type { DiscordMessages } from "./discord-messages.ts";
import { DiscordRefusal } from "./discord-refusals.ts";
import { type DiscordAnswer, type DiscordBody, recordIn } from "./discord-requests.ts";
import { checkBody, factsOf } from "./discord-responses.ts";
import type { DiscordTwin } from "./discord-twin.ts";
import { type JsonRecord, textOf } from "./json-record.ts";

interface WebhooksOptions {
  twin: DiscordTwin;
  calls: DiscordCalls;
  messages: DiscordMessages;
  interactions: DiscordInteractions;
}

/** What an interaction's token opens after the first response. */
export function createDiscordWebhooks({ twin, calls, messages, interactions }: WebhooksOptions) {
  function messageOf(interaction: Interaction, named: string): JsonRecord {
    const isOriginal = named === "@original" || named === interaction.originalId;
    const id = isOriginal ? interaction.originalId : named;
    const raw = id === null ? null : messages.raw(id);
    const isOwn = isOriginal || messages.factsOf(named).token === interaction.token;
    if (raw !== null && isOwn) return raw;
    throw new DiscordRefusal("unknown_message");
  }

  async function change(
    interaction: Interaction,
    existing: JsonRecord,
    given: DiscordBody,
  ): Promise<JsonRecord> {
    const { channel, token } = interaction;
    const id = textOf(existing.id);
    const { files } = given;
    const body = recordIn(given);
    const prepared = await messages.prepare({ channel, body, files, existing });
    const path = `/webhooks/${textOf(interaction.payload.application_id)}/${token}/messages/${id}`;
    await twin.ask("PATCH", path, prepared.body);
    return messages.finish(channel, id, prepared, null);
  }

  return {
    async followUp(application: string, token: string, given: DiscordBody): Promise<DiscordAnswer> {
      const interaction = interactions.open(application, token);
      checkBody(calls, "follow_up", given.json);
      const original = interaction.originalId;
      const thinking = original === null ? null : messages.raw(original);
      // The first one takes the place of "is thinking".
      if (thinking !== null && messages.isLoading(thinking)) {
        return { status: 200, body: await change(interaction, thinking, given) };
      }
      interactions.countFollowUp(interaction);
      const { channel } = interaction;
      const { files } = given;
      const body = recordIn(given);
      const prepared = await messages.prepare({ channel, body, files, existing: null });
      const made = await twin.ask("POST", `/webhooks/${application}/${token}`, prepared.body);
      const facts = factsOf(interaction, prepared.flags);
      const message = await messages.finish(channel, textOf(made.id), prepared, facts);
      return { status: 200, body: message };
    },

    async edit(
      application: string,
      token: string,
      named: string,
      given: DiscordBody,
    ): Promise<DiscordAnswer> {
      const interaction = interactions.open(application, token);
      const existing = messageOf(interaction, named);
      checkBody(calls, "edit_response", given.json, existing);
      return { status: 200, body: await change(interaction, existing, given) };
    },

    async get(application: string, token: string, named: string): Promise<DiscordAnswer> {
      const interaction = interactions.open(application, token);
      return { status: 200, body: messages.shown(messageOf(interaction, named)) };
    },

    async delete(application: string, token: string, named: string): Promise<DiscordAnswer> {
      const interaction = interactions.open(application, token);
      const id = textOf(messageOf(interaction, named).id);
      await twin.ask("DELETE", `/webhooks/${application}/${token}/messages/${id}`);
      messages.forget(id);
      return { status: 204, body: null };
    },
  };
}
