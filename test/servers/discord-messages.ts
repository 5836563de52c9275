import type { DiscordCdn } from "./discord-cdn.ts";
import { DISCORD_MESSAGE_FLAG, isV2 } from "./discord-component-rules.ts";
import { resolvedComponents, shownComponents } from "./discord-media.ts";
import { type BodyProblem, DiscordRefusal, invalidForm } from "./discord-refusals.ts";
import type { SentFile } from "./discord-requests.ts";
import type { DiscordTwin } from "./discord-twin.ts";
import { type JsonRecord, recordOf, recordsOf, textOf } from "./json-record.ts";

const DISCORD_ATTACHMENTS_MAX = 10;
const { ephemeral, componentsV2, loading } = DISCORD_MESSAGE_FLAG;
/** Flags that an edit may set; the others stay as they are (suppressed embeds, Components V2). */
const EDITABLE_FLAGS = (1 << 2) | componentsV2;

/** What the twin does not know of a message. */
export interface MessageFacts {
  /** The one person who sees it; null: everyone. */
  onlyFor: string | null;
  /** The interaction token that it was written with. */
  token: string | null;
  /** https://docs.discord.com/developers/resources/message#message-interaction-metadata-object */
  metadata: JsonRecord | null;
}

interface Written {
  channel: string;
  body: JsonRecord;
  files: readonly SentFile[];
  /** Null: a new message. */
  existing: JsonRecord | null;
}

interface Prepared {
  /** The body as the twin takes it. */
  readonly body: JsonRecord;
  readonly attachmentIds: readonly string[];
  readonly flags: number;
}

export type DiscordMessages = ReturnType<typeof createDiscordMessages>;

/** Messages with their files: the twin keeps the messages, this what the twin has no place for. */
export function createDiscordMessages(twin: DiscordTwin, cdn: DiscordCdn) {
  /** As the twin last answered, so that looking costs nothing. */
  const known = new Map<string, JsonRecord>();
  const facts = new Map<string, MessageFacts>();

  /** With links that are signed anew, as Discord shows it. */
  function shown(raw: JsonRecord): JsonRecord {
    const components = shownComponents(recordsOf(raw.components), cdn);
    const ids = attachmentIdsOf(raw).filter((id) => !components.attachmentIds.includes(id));
    const metadata = facts.get(textOf(raw.id))?.metadata ?? null;
    return {
      ...raw,
      flags: Number(raw.flags ?? 0),
      components: components.components,
      attachments: ids.map((id) => cdn.attachment(id)),
      ...(metadata === null ? {} : { interaction_metadata: metadata }),
    };
  }

  async function refresh(channel: string, id: string): Promise<JsonRecord> {
    const raw = await twin.ask("GET", `/channels/${channel}/messages/${id}`);
    known.set(id, raw);
    return raw;
  }

  async function attached({ channel, body, files, existing }: Written): Promise<string[]> {
    const entries = recordsOf(body.attachments);
    const before = existing === null ? [] : attachmentIdsOf(existing);
    const listed = entries.map(({ id }) => String(id));
    const isFile = (id: string) => files.some(({ index }) => index === id);
    const unknown = listed.findIndex((id) => !before.includes(id) && !isFile(id));
    if (unknown !== -1) {
      throw refused(["attachments", String(unknown)], "There is neither a file nor an attachment.");
    }
    const kept =
      body.attachments === undefined ? before : before.filter((id) => listed.includes(id));
    const added = [];
    for (const { index, name, bytes } of files) {
      const entry = recordOf(entries.find(({ id }) => String(id) === index));
      const file = await cdn.store({
        channel,
        bytes,
        name: textOf(entry.filename) || name,
        description: textOf(entry.description) || null,
      });
      added.push(file.id);
    }
    const ids = [...kept, ...added];
    if (ids.length > DISCORD_ATTACHMENTS_MAX) {
      throw refused(["attachments"], `${ids.length} attachments, 10 are allowed.`);
    }
    return ids;
  }

  return {
    /** The body with its files stored and its references resolved. Throws what Discord refuses. */
    async prepare(written: Written): Promise<Prepared> {
      const { body, existing } = written;
      const before = Number(existing?.flags ?? 0);
      const asked = Number(body.flags ?? 0);
      const flags = (existing === null ? asked : before | (asked & EDITABLE_FLAGS)) & ~loading;
      const content = body.content === undefined ? textOf(existing?.content) : textOf(body.content);
      const attachmentIds = await attached(written);
      const given =
        body.components === undefined
          ? recordsOf(existing?.components)
          : recordsOf(body.components);
      const resolved = resolvedComponents(given, attachmentIds, cdn);
      if (resolved.problems.length > 0) throw invalidForm(resolved.problems);
      if (isV2(flags) && content !== "") {
        const path = ["content"];
        const code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2";
        const message =
          "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2";
        throw invalidForm([{ path, code, message }]);
      }
      const embeds =
        body.embeds === undefined ? recordsOf(existing?.embeds) : recordsOf(body.embeds);
      const isEmpty = content === "" && embeds.length === 0 && resolved.components.length === 0;
      if (isEmpty && (isV2(flags) || attachmentIds.length === 0)) {
        throw new DiscordRefusal("empty_message");
      }
      const { nonce, message_reference, tts } = body;
      const rest = { nonce, message_reference, tts };
      return {
        body: { ...rest, content, embeds, components: resolved.components, flags },
        attachmentIds,
        flags,
      };
    },

    /** After the twin has written it. */
    async finish(
      channel: string,
      id: string,
      { attachmentIds, flags }: Pick<Prepared, "attachmentIds" | "flags">,
      about: MessageFacts | null,
    ): Promise<JsonRecord> {
      await twin.amend(id, attachmentIds, flags);
      if (about !== null) facts.set(id, about);
      return shown(await refresh(channel, id));
    },

    refresh,
    shown,
    raw: (id: string) => known.get(id) ?? null,
    factsOf: (id: string): MessageFacts =>
      facts.get(id) ?? { onlyFor: null, token: null, metadata: null },
    isEphemeral: (raw: JsonRecord) => (Number(raw.flags ?? 0) & ephemeral) !== 0,
    isLoading: (raw: JsonRecord) => (Number(raw.flags ?? 0) & loading) !== 0,

    forget(id: string) {
      known.delete(id);
    },
    /** All that stand in the channel, oldest first. */
    in(channel: string): readonly JsonRecord[] {
      const here = [...known.values()].filter((raw) => raw.channel_id === channel);
      const order = (raw: JsonRecord) => Date.parse(textOf(raw.timestamp));
      return here.sort((a, b) => order(a) - order(b));
    },
  };
}

function attachmentIdsOf(raw: JsonRecord): string[] {
  return recordsOf(raw.attachments).map(({ id }) => String(id));
}

function refused(path: readonly string[], message: string): DiscordRefusal {
  const problems: BodyProblem[] = [{ path, code: "ATTACHMENT_INVALID", message }];
  return invalidForm(problems);
}
