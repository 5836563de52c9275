import { bodyProblems, type DiscordBodyKind } from "./discord-body-rules.ts";
import type { DiscordCalls } from "./discord-calls.ts";
import { DISCORD_MESSAGE_FLAG } from "./discord-component-rules.ts";
import type { DiscordInteractions, FirstResponse, Interaction } from "./discord-interactions.ts";
import type { DiscordMessages } from "./discord-messages.ts";
import { DiscordRefusal, invalidForm } from "./discord-refusals.ts";
import { type DiscordAnswer, type DiscordBody, recordIn } from "./discord-requests.ts";
import type { DiscordSnowflakes } from "./discord-snowflakes.ts";
import type { DiscordTwin } from "./discord-twin.ts";
import { type JsonRecord, recordOf, textOf } from "./json-record.ts";

interface ResponsesOptions {
  twin: DiscordTwin;
  calls: DiscordCalls;
  messages: DiscordMessages;
  interactions: DiscordInteractions;
  snowflakes: DiscordSnowflakes;
  /** A dialog opened before someone. */
  onModal(interaction: Interaction, modal: JsonRecord): void;
}

/** What may answer what, by the interaction's type. */
const ALLOWED: Readonly<Record<number, readonly number[]>> = {
  1: [1],
  2: [4, 5, 9],
  3: [4, 5, 6, 7, 9],
  4: [8],
  5: [4, 5, 6, 7],
};
const { ephemeral, loading } = DISCORD_MESSAGE_FLAG;

/** Throws what Discord would refuse of a body, and notes it. */
export function checkBody(
  calls: DiscordCalls,
  kind: DiscordBodyKind,
  body: unknown,
  existing: JsonRecord | null = null,
): void {
  const problems = bodyProblems(kind, body, Number(existing?.flags ?? 0));
  if (problems.length === 0) return;
  calls.problem(kind, problems);
  throw invalidForm(problems);
}

/** First responses to interactions, by whatever way they come. */
export function createDiscordResponses(options: ResponsesOptions) {
  const { twin, calls, messages, interactions, snowflakes, onModal } = options;

  async function respond(
    id: string,
    token: string,
    given: DiscordBody,
    via: FirstResponse["via"],
    withResponse: boolean,
  ): Promise<DiscordAnswer> {
    const body = recordIn(given);
    try {
      const interaction = interactions.claim(id, token, via, body);
      try {
        const { originalId } = interaction;
        const source = originalId === null ? null : messages.raw(originalId);
        checkBody(calls, "callback", given.json, source);
        needAllowed(interaction, Number(body.type));
        await carryOut(interaction, body, given);
        interaction.isAnswered = true;
      } catch (thrown) {
        interactions.unclaim(interaction);
        throw thrown;
      }
      return withResponse ? described(interaction) : { status: 204, body: null };
    } finally {
      interactions.heard(id);
    }
  }

  async function carryOut(interaction: Interaction, body: JsonRecord, given: DiscordBody) {
    const data = recordOf(body.data);
    switch (body.type) {
      case 4:
        return reply(interaction, data, given);
      case 5:
        return defer(interaction, data);
      case 7:
        return update(interaction, data, given);
      case 9:
        return onModal(interaction, data);
      default:
        return undefined;
    }
  }

  async function callTwin({ id, token }: Interaction, body: JsonRecord): Promise<void> {
    const answer = await twin.api("POST", `/interactions/${id}/${token}/callback`, body);
    if (answer.status >= 300) throw new Error(`The twin says: ${JSON.stringify(answer.body)}`);
  }

  async function reply(interaction: Interaction, data: JsonRecord, { files }: DiscordBody) {
    const { channel } = interaction;
    const prepared = await messages.prepare({ channel, body: data, files, existing: null });
    await callTwin(interaction, { type: 4, data: prepared.body });
    const id = await twin.originalOf(interaction.id);
    if (id === null) throw new Error("The twin made no message.");
    interaction.originalId = id;
    await messages.finish(channel, id, prepared, factsOf(interaction, prepared.flags));
  }

  async function defer(interaction: Interaction, data: JsonRecord) {
    const { id, channel } = interaction;
    // Only this one counts at that moment; the edit brings the others.
    const flags = (Number(data.flags ?? 0) & ephemeral) | loading;
    await callTwin(interaction, { type: 5 });
    const messageId = snowflakes.next();
    await twin.addLoadingMessage(id, messageId, channel, flags);
    interaction.originalId = messageId;
    const nothing = { attachmentIds: [], flags };
    await messages.finish(channel, messageId, nothing, factsOf(interaction, flags));
  }

  async function update(interaction: Interaction, data: JsonRecord, { files }: DiscordBody) {
    const { channel, originalId } = interaction;
    const existing = originalId === null ? null : messages.raw(originalId);
    if (existing === null || originalId === null) throw new DiscordRefusal("unknown_message");
    const prepared = await messages.prepare({ channel, body: data, files, existing });
    await callTwin(interaction, { type: 7, data: prepared.body });
    await messages.finish(channel, originalId, prepared, null);
  }

  function described(interaction: Interaction): DiscordAnswer {
    const { id, payload, response, originalId } = interaction;
    const raw = originalId === null ? null : messages.raw(originalId);
    const isOwn = response?.type === 4 || response?.type === 5 || response?.type === 7;
    const body = {
      interaction: {
        id,
        type: payload.type,
        ...(raw !== null && isOwn
          ? {
              response_message_id: originalId,
              response_message_loading: messages.isLoading(raw),
              response_message_ephemeral: messages.isEphemeral(raw),
            }
          : {}),
      },
      ...(raw !== null && isOwn
        ? { resource: { type: response?.type, message: messages.shown(raw) } }
        : {}),
    };
    return { status: 200, body };
  }

  return { respond };
}

/** Who sees a message that an interaction's token wrote. */
export function factsOf({ payload, token, user, id }: Interaction, flags: number) {
  const metadata: JsonRecord = {
    id,
    type: payload.type,
    user: recordOf(payload.member).user ?? payload.user,
    authorizing_integration_owners: payload.authorizing_integration_owners,
    ...(payload.type === 3 ? { interacted_message_id: textOf(recordOf(payload.message).id) } : {}),
  };
  return { onlyFor: (flags & ephemeral) === 0 ? null : user, token, metadata };
}

function needAllowed({ payload, originalId, response }: Interaction, type: number): void {
  const allowed = ALLOWED[Number(payload.type)] ?? [];
  const needsMessage = type === 6 || type === 7;
  if (allowed.includes(type) && (!needsMessage || originalId !== null)) return;
  const message = `A response of type ${type} does not answer this interaction (${response?.via}).`;
  throw invalidForm([{ path: ["type"], code: "INTERACTION_CALLBACK_TYPE_INVALID", message }]);
}
