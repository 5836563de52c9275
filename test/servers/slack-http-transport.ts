import { randomUUID } from "node:crypto";
import { parseJson } from "./json-record.ts";
import type { Delivery, DeliveryTransport } from "./slack-deliveries.ts";
import { slackSignature } from "./slack-signature.ts";

interface HttpTransportOptions {
  signingSecret: string;
  /** Where the bot listens, as the app's settings name it; read for each delivery. */
  requestUrl: () => string;
}

/** Slack's HTTP deliveries: events as JSON, everything else as a form, all of it signed. */
export function createSlackHttpTransport({
  signingSecret,
  requestUrl,
}: HttpTransportOptions): DeliveryTransport {
  return {
    newId: randomUUID,
    async send(delivery) {
      const { body, contentType } = slackHttpBody(delivery);
      const answer = await fetch(requestUrl(), {
        method: "POST",
        body,
        headers: {
          "Content-Type": contentType,
          "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
          ...slackSignature({ signingSecret, body }),
          ...retryHeaders(delivery),
        },
      }).catch(() => null);
      const text = await answer?.text().catch(() => null);
      if (answer === null || text === null || text === undefined) return null;
      return { status: answer.status, answer: parseJson(text) ?? text };
    },
  };
}

/** The exact bytes of a delivery, also for tests that send one themselves. */
export function slackHttpBody({ kind, payload }: Pick<Delivery, "kind" | "payload">) {
  if (kind === "events_api") {
    return { body: JSON.stringify(payload), contentType: "application/json" };
  }
  const fields =
    kind === "interactive"
      ? { payload: JSON.stringify(payload) }
      : Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));
  return {
    body: new URLSearchParams(fields).toString(),
    contentType: "application/x-www-form-urlencoded",
  };
}

/** https://docs.slack.dev/apis/events-api#retries: only events are sent again. */
function retryHeaders({ kind, attempt, reason }: Delivery): Record<string, string> {
  if (kind !== "events_api" || attempt === 0) return {};
  return { "X-Slack-Retry-Num": String(attempt), "X-Slack-Retry-Reason": reason };
}
