import { z } from "zod";
import { AtelierError, fetchBounded } from "#core";
import type { SlackMessage } from "../render.ts";
import { SlackAnswerError } from "./slack-errors.ts";

const RESPOND_TIMEOUT_MS = 10_000;
/** `ok`, or a short JSON object. */
const ANSWER_MAX_BYTES = 64_000;

/** What a response_url takes (docs.slack.dev/interactivity/handling-user-interaction). */
export interface ResponseUrlMessage extends SlackMessage {
  response_type: "ephemeral" | "in_channel";
  /** Without it a button's own message would be replaced. */
  replace_original: boolean;
  thread_ts?: string;
}

const refusalSchema = z.object({ ok: z.literal(false), error: z.string() });

/**
 * Posts one answer. Slack answers 200 `ok`; what it refuses comes with `{"ok":false,"error":…}`,
 * mostly as 404 and sometimes as 200, and an address that is no more as a bare 404. Throws
 * SlackAnswerError with Slack's code (`expired_url` for the bare 404), or what fetch throws.
 */
export async function postToResponseUrl(url: string, message: ResponseUrlMessage): Promise<void> {
  const { status, bytes } = await fetchBounded(
    url,
    {
      method: "POST",
      headers: { "Content-Type": "application/json; charset=utf-8" },
      body: JSON.stringify(message),
    },
    { timeoutMs: RESPOND_TIMEOUT_MS, maxBytes: ANSWER_MAX_BYTES },
  );
  const text = new TextDecoder().decode(bytes);
  const refusal = refusalSchema.safeParse(parseJson(text));
  if (refusal.success) throw new SlackAnswerError(refusal.data.error);
  if (status === 200) return;
  if (status === 429) throw new SlackAnswerError("ratelimited");
  if (status >= 500) {
    throw new AtelierError("unavailable", "Slack does not answer as it should. Try again.");
  }
  // An address that was used five times or is half an hour old says so in plain text, or just 404.
  const code = text.trim();
  throw new SlackAnswerError(/^[a-z_]{3,40}$/u.test(code) ? code : "expired_url");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
