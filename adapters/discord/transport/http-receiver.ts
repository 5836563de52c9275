import {
  type APIInteractionResponse,
  InteractionResponseType,
  InteractionType,
} from "discord-api-types/v10";
import { type Clock, type Log, readBoundedBody } from "#core";
import { kindOf } from "../inbound/body.ts";
import { isSignedByDiscord, readPublicKey } from "./request-signature.ts";

/** Discord waits 3 s (…/interactions/receiving-and-responding); the rest is for the way back. */
const RESPOND_WITHIN_MS = 2_800;
/** No interaction comes near it: the largest carries a message of 40 components. */
const BODY_MAX_BYTES = 1_048_576;

/** Makes the first response to one interaction. */
export type Take = (interaction: unknown) => Promise<APIInteractionResponse>;

interface HttpReceiver {
  /** Answers one request of Discord's within 2.8 s; never rejects. */
  fetch(request: Request): Promise<Response>;
}

/**
 * Interactions over HTTP, for whatever server hands over web-standard requests. Throws
 * `misconfigured` for a public key that is none.
 */
export function createHttpReceiver({
  publicKey: publicKeyHex,
  clock,
  log,
  take,
}: {
  publicKey: string;
  clock: Clock;
  log: Log;
  take: Take;
}): HttpReceiver {
  const publicKey = readPublicKey(publicKeyHex);

  async function answer(request: Request, deadline: Promise<"late">): Promise<Response> {
    if (request.method !== "POST") return empty(405, { Allow: "POST" });
    const bytes = await readBoundedBody(request, { maxBytes: BODY_MAX_BYTES, deadline });
    if (bytes === "too large") return empty(413);
    if (bytes === "late") return empty(408);
    const { headers } = request;
    if (!isSignedByDiscord({ headers, bytes, publicKey, nowMs: clock.nowMs() })) {
      // Discord sends such requests itself now and then, to see that they are refused.
      log.warn({}, "refused a request that Discord did not sign just now with our public key");
      return empty(401);
    }
    const interaction = parseJsonObject(bytes);
    if (interaction === null) return empty(400);
    const kind = kindOf(interaction);
    if (kind === InteractionType.Ping) {
      return Response.json({ type: InteractionResponseType.Pong });
    }
    const first = await Promise.race([take(interaction), deadline]);
    if (first !== "late") return Response.json(first);
    log.error({ kind }, `not answered within ${RESPOND_WITHIN_MS} ms`);
    return empty(503);
  }

  return {
    async fetch(request) {
      const timer = new AbortController();
      const late = () => "late" as const;
      const deadline = clock.sleep(RESPOND_WITHIN_MS, timer.signal).then(late, late);
      try {
        return await answer(request, deadline);
      } catch (thrown) {
        log.error({ err: thrown }, "an interaction could not be answered");
        return empty(500);
      } finally {
        timer.abort("over");
      }
    },
  };
}

function empty(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers });
}

/** The object that the bytes are as JSON; null for anything else. */
function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { ...value }
      : null;
  } catch {
    return null;
  }
}
