import type { App, Receiver, ReceiverEvent } from "@slack/bolt";
import { AtelierError, type Clock, type Log, readBoundedBody } from "#core";
import { parseBody } from "./request-body.ts";
import { isSignedBySlack } from "./request-signature.ts";

/** Slack waits 3 s (docs.slack.dev/interactivity/handling-user-interaction); the rest is for the way back. */
const ACK_WITHIN_MS = 2_800;
/** No body of Slack's comes near it: a message has at most 40,000 characters of text and 50 blocks. */
const BODY_MAX_BYTES = 1_048_576;

export interface HttpReceiver extends Receiver {
  /** Answers one request of Slack's within 2.8 s; never rejects. */
  fetch(request: Request): Promise<Response>;
  /** Resolves when no listener runs any more. */
  settled(): Promise<void>;
}

/**
 * Bolt's receiver for whatever server hands over web-standard requests: each is answered with
 * what is acknowledged, with 500 when that failed, and with 503 or nothing when it is late.
 */
export function createHttpReceiver({
  signingSecret,
  clock,
  log,
}: {
  signingSecret: string;
  clock: Clock;
  log: Log;
}): HttpReceiver {
  if (signingSecret === "") {
    throw new AtelierError("misconfigured", "Set SLACK_SIGNING_SECRET: it is empty.");
  }
  let app: App | null = null;
  /** Listeners go on for a moment after they acknowledged. */
  const underWay = new Set<Promise<void>>();

  async function answer(request: Request, deadline: Promise<"late">): Promise<Response> {
    if (request.method !== "POST") return empty(405, { Allow: "POST" });
    const bytes = await readBoundedBody(request, { maxBytes: BODY_MAX_BYTES, deadline });
    if (bytes === "too large") return empty(413);
    if (bytes === "late") return empty(408);
    const { headers } = request;
    if (!isSignedBySlack({ headers, bytes, signingSecret, nowMs: clock.nowMs() })) {
      log.warn({}, "refused a request that Slack did not sign just now with our signing secret");
      return empty(401);
    }
    const body = parseBody(bytes, headers.get("Content-Type") ?? "");
    if (body === null) return empty(400);
    if (body.ssl_check === "1") return empty(200);
    if (body.type === "url_verification") {
      return typeof body.challenge === "string"
        ? Response.json({ challenge: body.challenge })
        : empty(400);
    }
    return handOver(body, headers, deadline);
  }

  async function handOver(
    body: Record<string, unknown>,
    headers: Headers,
    deadline: Promise<"late">,
  ): Promise<Response> {
    if (app === null) return empty(503);
    const isEvent = body.type === "event_callback";
    const about = { type: body.type ?? body.command };
    let acknowledged: Response | null = null;
    let isLate = false;
    let settle: (response: Response) => void = () => {};
    const answered = new Promise<Response>((resolve) => {
      settle = resolve;
    });

    const event: ReceiverEvent = {
      body,
      ...retryOf(headers),
      ack: async (given: unknown) => {
        if (acknowledged !== null) {
          log.error(about, "a listener acknowledged twice; what it said the second time is lost");
          return;
        }
        acknowledged = responseOf(given);
        if (isLate) log.error(about, "acknowledged after Slack was answered; what it said is lost");
        else settle(acknowledged);
      },
    };
    const processed: Promise<void> = app
      .processEvent(event)
      .then(
        () => settle(acknowledged ?? empty(200)),
        (thrown: unknown) => {
          log.error({ ...about, err: thrown }, "a listener failed");
          settle(empty(500));
        },
      )
      .finally(() => underWay.delete(processed));
    underWay.add(processed);

    const first = await Promise.race([answered, deadline]);
    if (first !== "late") return first;
    isLate = true;
    log.error(about, `not acknowledged within ${ACK_WITHIN_MS} ms`);
    return empty(isEvent ? 503 : 200);
  }

  return {
    init(theApp) {
      app = theApp;
    },
    start: async () => {},
    stop: async () => {},
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async fetch(request) {
      const timer = new AbortController();
      const late = () => "late" as const;
      const deadline = clock.sleep(ACK_WITHIN_MS, timer.signal).then(late, late);
      try {
        return await answer(request, deadline);
      } catch (thrown) {
        // The body broke off, or this file is wrong: Slack sends events again either way.
        log.error({ err: thrown }, "a request could not be read");
        return empty(500);
      } finally {
        timer.abort();
      }
    },
  };
}

function empty(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers });
}

/** What a listener acknowledged with, as Slack reads it. */
function responseOf(given: unknown): Response {
  if (given === undefined || given === null || given === "") return empty(200);
  return typeof given === "string" ? new Response(given) : Response.json(given);
}

function retryOf(headers: Headers): Pick<ReceiverEvent, "retryNum" | "retryReason"> {
  const retryNum = headers.get("X-Slack-Retry-Num") ?? "";
  const retryReason = headers.get("X-Slack-Retry-Reason");
  return {
    ...(/^\d{1,3}$/.test(retryNum) && { retryNum: Number(retryNum) }),
    ...(retryReason !== null && { retryReason }),
  };
}
