import { setTimeout as sleep } from "node:timers/promises";
import { type JsonRecord, recordOf, recordsOf, textOf } from "../servers/json-record.ts";
import type { SlackProxy } from "../servers/slack-proxy.ts";

/** A message as a person sees it. */
export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly JsonRecord[];
  /** All of its text, that of its blocks included, in reading order. */
  readonly shown: string;
  readonly buttons: readonly string[];
  /** The files that its blocks show. */
  readonly pictureIds: readonly string[];
  /** The files that were shared with it. */
  readonly files: readonly JsonRecord[];
  readonly threadTs: string | null;
  /** The one person who sees it; null: everyone. */
  readonly onlyFor: string | null;
  readonly isEdited: boolean;
}

export type SlackScreen = ReturnType<typeof createSlackScreen>;

const WAIT_MS = 15_000;

/** What can be seen in the workspace, and waiting for it. */
export function createSlackScreen(proxy: SlackProxy) {
  const { local } = proxy;

  async function everything(channel: string): Promise<SlackMessage[]> {
    return (await local.messages(channel)).map(readMessage);
  }

  /** What all members of the channel see, replies included, oldest first. */
  async function messages(channel: string): Promise<SlackMessage[]> {
    return (await everything(channel)).filter(({ onlyFor }) => onlyFor === null);
  }

  /** What only that person sees there. */
  async function ephemeral(user: string, channel: string): Promise<SlackMessage[]> {
    return (await everything(channel)).filter(({ onlyFor }) => onlyFor === user);
  }

  async function replies(message: Pick<SlackMessage, "channel" | "ts">): Promise<SlackMessage[]> {
    return (await messages(message.channel)).filter(({ threadTs }) => threadTs === message.ts);
  }

  /** Waits until `read` gives something; says what there was instead where it does not. */
  async function waitFor<Found>(
    what: string,
    read: () => Found | null | undefined | Promise<Found | null | undefined>,
    { withinMs = WAIT_MS, instead = async () => "" } = {},
  ): Promise<Found> {
    const endMs = Date.now() + withinMs;
    for (;;) {
      const found = await read();
      if (found !== null && found !== undefined) return found;
      if (Date.now() > endMs) break;
      await sleep(15);
    }
    const refused = proxy.calls.refusals();
    const called = proxy.calls.methods().slice(-12).join(", ");
    throw new Error(
      `No ${what} within ${withinMs} ms.\n${await instead()}\nLast calls: ${called || "none"}.\nRefused by Slack: ${refused.join("\n") || "nothing"}.`,
    );
  }

  function waitForMessage(
    channel: string,
    fits: string | RegExp | ((message: SlackMessage) => boolean),
    { withinMs = WAIT_MS, onlyFor = null as string | null } = {},
  ): Promise<SlackMessage> {
    const isIt = typeof fits === "function" ? fits : (m: SlackMessage) => has(m.shown, fits);
    const read = () => (onlyFor === null ? messages(channel) : ephemeral(onlyFor, channel));
    const to = onlyFor === null ? "" : ` only for ${onlyFor}`;
    const what = typeof fits === "function" ? "message that fits" : `message with ${String(fits)}`;
    return waitFor(`${what} in ${channel}${to}`, async () => (await read()).findLast(isIt), {
      withinMs,
      instead: async () => `There were: ${listed(await read())}`,
    });
  }

  function modal(): JsonRecord | null {
    return local.screen.modals().at(-1) ?? null;
  }

  return {
    messages,
    ephemeral,
    replies,
    waitFor,
    /** The newest message that has the text, or fits. */
    waitForMessage,
    waitForEphemeral: (
      user: string,
      channel: string,
      fits: string | RegExp | ((message: SlackMessage) => boolean),
      withinMs = WAIT_MS,
    ) => waitForMessage(channel, fits, { onlyFor: user, withinMs }),
    /** As it is now; null where it was deleted. */
    async find({
      channel,
      ts,
    }: Pick<SlackMessage, "channel" | "ts">): Promise<SlackMessage | null> {
      return (await everything(channel)).find((message) => message.ts === ts) ?? null;
    },

    /** The topmost dialog; the workspace has one stack, whoever opened it. */
    modal,
    modalErrors: () => local.screen.modalErrors(),
    waitForModal: (withinMs = WAIT_MS) => waitFor("dialog", modal, { withinMs }),
    waitForNoModal: (withinMs = WAIT_MS) =>
      waitFor("closed dialog", () => (modal() === null ? true : null), {
        withinMs,
        instead: async () => `Open is: ${shownText(modal())}`,
      }),

    home: (user: string) => local.screen.home(user),
    waitForHome: (user: string, text: string | RegExp = "", withinMs = WAIT_MS) =>
      waitFor(
        `App Home of ${user} with ${String(text)}`,
        () => {
          const home = local.screen.home(user);
          return home !== null && has(shownText(home), text) ? home : null;
        },
        { withinMs, instead: async () => `It shows: ${shownText(local.screen.home(user))}` },
      ),

    /** All files of the workspace that are not deleted. */
    files: async () => recordsOf((await local.api("files.list", { count: 1000 })).files),
    /** A file's bytes, as a person's browser would show it. */
    async fileBytes(id: string): Promise<Buffer> {
      const { file } = await local.api("files.info", { file: id });
      const answer = await fetch(textOf(recordOf(file).permalink));
      if (!answer.ok) throw new Error(`There is no file ${id}.`);
      return Buffer.from(await answer.arrayBuffer());
    },
  };
}

function readMessage(raw: JsonRecord): SlackMessage {
  const blocks = recordsOf(raw.blocks);
  return {
    channel: textOf(raw.channel),
    ts: textOf(raw.ts),
    user: textOf(raw.user),
    text: textOf(raw.text),
    blocks,
    shown: [textOf(raw.text), shownText(blocks)].join("\n").trim(),
    buttons: elementsOf(blocks)
      .filter(({ type }) => type === "button")
      .map(({ text }) => textOf(recordOf(text).text)),
    pictureIds: valuesOf(blocks, "slack_file").map((file) => textOf(recordOf(file).id)),
    files: recordsOf(raw.files),
    threadTs: typeof raw.thread_ts === "string" ? raw.thread_ts : null,
    onlyFor: typeof raw.ephemeral_to === "string" ? raw.ephemeral_to : null,
    isEdited: raw.edited !== undefined,
  };
}

/** The elements that a person can press or choose from. */
export function elementsOf(blocks: readonly JsonRecord[]): JsonRecord[] {
  return blocks.flatMap((block) => {
    const own = [...recordsOf(block.elements), ...recordsOf([block.accessory, block.element])];
    return own.map((element): JsonRecord => ({ ...element, block_id: block.block_id }));
  });
}

/** Where the message's links lead. */
export function linksIn({ blocks }: Pick<SlackMessage, "blocks">): string[] {
  return valuesOf(blocks, "url").filter((url) => typeof url === "string");
}

/** Every text below the value. */
function shownText(value: unknown): string {
  const texts = valuesOf(value, "text").filter((text) => typeof text === "string");
  return texts.join("\n");
}

function valuesOf(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesOf(each, name));
  return Object.entries(recordOf(value)).flatMap(([key, below]) => [
    ...(key === name ? [below] : []),
    ...valuesOf(below, name),
  ]);
}

function has(shown: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? shown.includes(wanted) : wanted.test(shown);
}

function listed(messages: readonly SlackMessage[]): string {
  const lines = messages.map(({ ts, user, shown }) => `  ${ts} ${user}: ${shown}`);
  return lines.length === 0 ? "none" : `\n${lines.join("\n")}`;
}
