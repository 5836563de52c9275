import { createHmac } from "node:crypto";
import { createBoltApp } from "../../adapters/slack/transport/bolt-app.ts";
import { createHttpReceiver } from "../../adapters/slack/transport/http-receiver.ts";
import type { Log } from "../../src/ports/index.ts";
import { createShiftableClock } from "../fixtures/shiftable-clock.ts";

const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";
export const url = "https://atelier.example.com/slack/events";
export const FORM = "application/x-www-form-urlencoded";

export const command = {
  command: "/imagine",
  text: "a red fox & more",
  team_id: "T1",
  user_id: "U1",
};
export const commandBody = new URLSearchParams({ ...command, channel_id: "C1" }).toString();
export const eventBody = JSON.stringify({
  type: "event_callback",
  team_id: "T1",
  event_id: "Ev1",
  event: { type: "app_mention", user: "U1", channel: "C1", text: "hello", ts: "1.1" },
});

export function signatureOf(
  body: string | Uint8Array,
  timestamp: string,
  secret = signingSecret,
): string {
  const hmac = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body);
  return `v0=${hmac.digest("hex")}`;
}

export function signed(
  body: string,
  {
    type = FORM,
    ageSeconds = 0,
    headers = {},
  }: { type?: string; ageSeconds?: number; headers?: Record<string, string> } = {},
): Request {
  const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds);
  return new Request(url, {
    method: "POST",
    body,
    headers: {
      "Content-Type": type,
      "X-Slack-Request-Timestamp": timestamp,
      "X-Slack-Signature": signatureOf(body, timestamp),
      ...headers,
    },
  });
}

/** A real Bolt app on the receiver, with what the receiver logs. */
export function createReceivingApp() {
  const lines: string[] = [];
  const note = (level: string) => (_fields: object, message: string) => {
    lines.push(`${level}: ${message}`);
  };
  const log: Log = { info: note("info"), warn: note("warn"), error: note("error") };
  const clock = createShiftableClock();
  const receiver = createHttpReceiver({ signingSecret, clock, log });
  const app = createBoltApp({
    receiver,
    botToken: "xoxb-1",
    apiUrl: "http://127.0.0.1:9/api/",
    self: () => ({ team: "T1", botUser: "UBOT" }),
    log,
  });
  return { app, receiver, clock, log, lines, fetch: receiver.fetch };
}
