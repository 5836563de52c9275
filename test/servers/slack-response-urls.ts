import { type JsonRecord, textOf } from "./json-record.ts";
import type { LocalSlack } from "./local-slack.ts";
import { SLACK_BOT_ID } from "./slack-workspace.ts";

/** https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
const SLACK_RESPONSE_URL_USES_MAX = 5;
const SLACK_RESPONSE_URL_MS = 30 * 60 * 1000;

interface ResponseUrl {
  madeAtMs: number;
  uses: number;
  channel: string;
  user: string;
  /** The message whose button was pressed, if the app wrote it. */
  source: { ts: string } | null;
}

export type SlackResponseUrls = ReturnType<typeof createSlackResponseUrls>;

/** Keeps what Slack keeps of every response_url, and refuses the worn-out ones. */
export function createSlackResponseUrls(local: LocalSlack) {
  const known = new Map<string, ResponseUrl>();

  /** Null where it can be used; counts as a use then. */
  function refusalOf(id: string): string | null {
    const one = known.get(id);
    if (one === undefined || Date.now() - one.madeAtMs > SLACK_RESPONSE_URL_MS) {
      return "expired_url";
    }
    if (one.uses >= SLACK_RESPONSE_URL_USES_MAX) return "used_url";
    one.uses += 1;
    return null;
  }

  return {
    refusalOf,

    /** Remembers the response_url of a payload on its way to the bot. */
    register(payload: JsonRecord, source: JsonRecord | null): void {
      const id = textOf(payload.response_url).split("/").at(-1) ?? "";
      if (id === "") return;
      const isOwn = source !== null && source.bot_id === SLACK_BOT_ID;
      known.set(id, {
        madeAtMs: Date.now(),
        uses: 0,
        channel: channelOf(payload),
        user: userOf(payload),
        source: isOwn ? { ts: textOf(source.ts) } : null,
      });
    },

    /** From now on, all that were given are refused. */
    expireAll() {
      for (const one of known.values()) one.madeAtMs = 0;
    },
    uses: (url: string) => known.get(url.split("/").at(-1) ?? "")?.uses ?? 0,

    /** Does what a post to it asks for: replace, delete, or a new message (ephemeral unless said). */
    async post(id: string, body: JsonRecord): Promise<void> {
      const one = known.get(id);
      if (one === undefined) return;
      const { channel, user, source } = one;
      // A slash command has no message that could be replaced: the post becomes a new one.
      if (source !== null && body.delete_original === true) {
        await local.api("chat.delete", { channel, ts: source.ts });
        return;
      }
      if (source !== null && body.replace_original === true) {
        await local.api("chat.update", { ...body, channel, ts: source.ts });
        return;
      }
      if (body.delete_original === true) return;
      const message = { text: body.text, blocks: body.blocks, thread_ts: body.thread_ts, channel };
      if (body.response_type === "in_channel") await local.api("chat.postMessage", message);
      else await local.api("chat.postEphemeral", { ...message, user });
    },
  };
}

function channelOf(payload: JsonRecord): string {
  if (typeof payload.channel_id === "string") return payload.channel_id;
  const { channel } = payload;
  return typeof channel === "object" && channel !== null && "id" in channel
    ? textOf(channel.id)
    : "";
}

function userOf(payload: JsonRecord): string {
  if (typeof payload.user_id === "string") return payload.user_id;
  const { user } = payload;
  return typeof user === "object" && user !== null && "id" in user ? textOf(user.id) : "";
}
