import { setTimeout as sleep } from "node:timers/promises";
import { componentsBelow, DISCORD_COMPONENT } from "../servers/discord-component-rules.ts";
import type { DiscordProxy, OpenModal } from "../servers/discord-proxy.ts";
import { type JsonRecord, recordOf, recordsOf, textOf } from "../servers/json-record.ts";

/** A message as a person sees it. */
export interface DiscordMessage {
  readonly channel: string;
  readonly id: string;
  readonly user: string;
  /** What it says: its content, or its text displays. */
  readonly text: string;
  readonly components: readonly JsonRecord[];
  /** All of its text, that of its buttons included, in reading order. */
  readonly shown: string;
  readonly buttons: readonly string[];
  /** The files that it shows as pictures. */
  readonly pictureIds: readonly string[];
  /** The alternative texts of its pictures. */
  readonly alts: readonly string[];
  /** Whether each picture is hidden until it is pressed. */
  readonly spoilers: readonly boolean[];
  /** Its attachments that no component shows. */
  readonly files: readonly JsonRecord[];
  /** The one person who sees it; null: everyone. */
  readonly onlyFor: string | null;
  readonly isEdited: boolean;
  /** "atelier is thinking…" */
  readonly isThinking: boolean;
  /** As Discord sends it. */
  readonly raw: JsonRecord;
}

export type DiscordScreen = ReturnType<typeof createDiscordScreen>;

type Fits = string | RegExp | ((message: DiscordMessage) => boolean);

const WAIT_MS = 15_000;

/** What can be seen in the server, and waiting for it. */
export function createDiscordScreen(proxy: DiscordProxy) {
  const { messages: kept, modals, calls, cdn } = proxy;

  function read(raw: JsonRecord): DiscordMessage {
    return readMessage(kept.shown(raw), kept.factsOf(textOf(raw.id)).onlyFor, kept.isLoading(raw));
  }

  function everything(channel: string): DiscordMessage[] {
    return kept.in(channel).map(read);
  }

  /** What everyone in the channel sees, oldest first. */
  async function messages(channel: string): Promise<DiscordMessage[]> {
    return everything(channel).filter(({ onlyFor }) => onlyFor === null);
  }

  /** What only that person sees there. */
  async function ephemeral(user: string, channel: string): Promise<DiscordMessage[]> {
    return everything(channel).filter(({ onlyFor }) => onlyFor === user);
  }

  /** Waits until `read` gives something; says what there was instead where it does not. */
  async function waitFor<Found>(
    what: string,
    look: () => Found | null | undefined | Promise<Found | null | undefined>,
    { withinMs = WAIT_MS, instead = async () => "" } = {},
  ): Promise<Found> {
    const endMs = Date.now() + withinMs;
    for (;;) {
      const found = await look();
      if (found !== null && found !== undefined) return found;
      if (Date.now() > endMs) break;
      await sleep(15);
    }
    const called = calls.methods().slice(-12).join(", ");
    const refused = calls.refusals().join("\n");
    throw new Error(
      `No ${what} within ${withinMs} ms.\n${await instead()}\nLast calls: ${called || "none"}.\nRefused by Discord: ${refused || "nothing"}.`,
    );
  }

  function waitForMessage(
    channel: string,
    fits: Fits,
    { withinMs = WAIT_MS, onlyFor = null as string | null } = {},
  ): Promise<DiscordMessage> {
    const isIt = typeof fits === "function" ? fits : (m: DiscordMessage) => has(m.shown, fits);
    const look = () => (onlyFor === null ? messages(channel) : ephemeral(onlyFor, channel));
    const to = onlyFor === null ? "" : ` only for ${onlyFor}`;
    const what = typeof fits === "function" ? "message that fits" : `message with ${String(fits)}`;
    return waitFor(`${what} in ${channel}${to}`, async () => (await look()).findLast(isIt), {
      withinMs,
      instead: async () => `There were: ${listed(await look())}`,
    });
  }

  function openModal(user?: string): OpenModal | null {
    const open = user === undefined ? [...modals.values()].at(-1) : modals.get(user);
    return open ?? null;
  }

  /** The dialog before that person, or the newest. */
  function modal(user?: string): JsonRecord | null {
    return openModal(user)?.modal ?? null;
  }

  return {
    messages,
    ephemeral,
    waitFor,
    /** The newest message that has the text, or fits. */
    waitForMessage,
    waitForEphemeral: (user: string, channel: string, fits: Fits, withinMs = WAIT_MS) =>
      waitForMessage(channel, fits, { onlyFor: user, withinMs }),
    /** As it is now; null where it was deleted. */
    async find({ id }: Pick<DiscordMessage, "id">): Promise<DiscordMessage | null> {
      const raw = kept.raw(id);
      return raw === null ? null : read(raw);
    },
    openModal,
    modal,
    waitForModal: (user?: string, withinMs = WAIT_MS) =>
      waitFor("dialog", () => modal(user), { withinMs }),

    /** A file's bytes, as a person's client would show it. */
    async fileBytes(id: string): Promise<Buffer> {
      const answer = await fetch(textOf(cdn.attachment(id).url));
      if (!answer.ok) throw new Error(`There is no file ${id}: ${answer.status}.`);
      return Buffer.from(await answer.arrayBuffer());
    },
  };
}

function readMessage(raw: JsonRecord, onlyFor: string | null, isThinking: boolean): DiscordMessage {
  const inside = componentsBelow(raw).map(({ component }) => component);
  const ofType = (type: number) => inside.filter((component) => component.type === type);
  const texts = ofType(DISCORD_COMPONENT.textDisplay).map(({ content }) => textOf(content));
  const labels = ofType(DISCORD_COMPONENT.button).map(({ label }) => textOf(label));
  const items = ofType(DISCORD_COMPONENT.mediaGallery).flatMap((one) => recordsOf(one.items));
  const files = recordsOf(raw.attachments);
  const isPicture = ({ content_type }: JsonRecord) => textOf(content_type).startsWith("image/");
  const text = [textOf(raw.content), ...texts].filter((one) => one !== "").join("\n");
  return {
    channel: textOf(raw.channel_id),
    id: textOf(raw.id),
    user: textOf(recordOf(raw.author).id),
    text,
    components: recordsOf(raw.components),
    shown: [text, ...embedTexts(raw), ...labels].join("\n").trim(),
    buttons: labels,
    pictureIds: [
      ...items.map(({ media }) => textOf(recordOf(media).attachment_id)),
      ...files.filter(isPicture).map(({ id }) => textOf(id)),
    ],
    alts: items.map(({ description }) => textOf(description)),
    spoilers: items.map(({ spoiler }) => spoiler === true),
    files,
    onlyFor,
    isEdited: typeof raw.edited_timestamp === "string",
    isThinking,
    raw,
  };
}

/** Where the message's links lead: its link buttons, and the links in its text. */
export function linksIn({ components, text }: Pick<DiscordMessage, "components" | "text">) {
  const buttons = componentsBelow({ components }).flatMap(({ component }) =>
    typeof component.url === "string" ? [component.url] : [],
  );
  const written = [...text.matchAll(/\]\((?<url>https?:[^)\s]+)\)/gu)].map(
    ({ groups }) => groups?.url ?? "",
  );
  return [...buttons, ...written];
}

function embedTexts({ embeds }: JsonRecord): string[] {
  return recordsOf(embeds).flatMap(({ title, description, fields }) => [
    textOf(title),
    textOf(description),
    ...recordsOf(fields).map(({ name, value }) => `${textOf(name)} ${textOf(value)}`),
  ]);
}

function has(shown: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? shown.includes(wanted) : wanted.test(shown);
}

function listed(messages: readonly DiscordMessage[]): string {
  const lines = messages.map(
    ({ id, user, shown, isThinking }) => `  ${id} ${user}: ${isThinking ? "(thinking)" : shown}`,
  );
  return lines.length === 0 ? "none" : `\n${lines.join("\n")}`;
}
