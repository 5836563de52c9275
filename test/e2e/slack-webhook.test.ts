import { beforeAll, describe, expect, it } from "vitest";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import type { Delivery } from "../servers/slack-deliveries.ts";
import { slackHttpBody } from "../servers/slack-http-transport.ts";
import { slackSignature } from "../servers/slack-signature.ts";
import { SLACK_APP, SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import { type SlackWorld, slackWorlds } from "./slack-world.ts";

const installed = localSlackIsInstalled();
const needed = installed ? "" : " (needs local-slack: Linux on x64)";
const processes = atelierProcesses();
const worlds = slackWorlds();
const { signingSecret } = SLACK_APP;
const { studio } = SLACK_CHANNELS;
const { ana } = SLACK_USERS;
const FORM = "application/x-www-form-urlencoded";
const BODY_MAX_BYTES = 1_048_576;
const FIVE_MINUTES_SECONDS = 300;
const API_KEY = "a-key-that-is-long-enough";

describe.skipIf(!installed)(`POST /slack/events${needed}`, { timeout: 60_000 }, () => {
  let slack: SlackWorld;
  let atelier: AtelierProcess;
  /** A command that Slack sent before, and its text for another. */
  let earlier: Delivery;

  beforeAll(async () => {
    slack = await worlds.start({ transport: "http" });
    atelier = await processes.start({ environment: { ...slack.environment, API_KEYS: API_KEY } });
    earlier = await slack.command(ana, studio, "/help");
    await slack.waitForEphemeral(ana, studio, "/imagine");
  });

  function commandBody(text: string): string {
    const payload = { ...earlier.payload, command: "/imagine", text, trigger_id: `1.${text}` };
    return slackHttpBody({ kind: "slash_commands", payload }).body;
  }

  interface Tampering {
    secret?: string;
    ageSeconds?: number;
    signedBody?: string;
    without?: "X-Slack-Signature" | "X-Slack-Request-Timestamp";
  }

  async function post(body: string, tampering: Tampering = {}): Promise<Response> {
    const { secret = signingSecret, ageSeconds = 0, signedBody = body, without } = tampering;
    const timestampSeconds = Math.floor(Date.now() / 1000) - ageSeconds;
    const signature = slackSignature({ signingSecret: secret, body: signedBody, timestampSeconds });
    const headers = new Headers({ "Content-Type": FORM, ...signature });
    if (without !== undefined) headers.delete(without);
    return atelier.request("/slack/events", { method: "POST", body, headers });
  }

  /** What Ana's /history says now: all that she ever asked for. */
  async function history(): Promise<string> {
    const before = (await slack.ephemeral(ana, studio)).length;
    await slack.command(ana, studio, "/history");
    const said = await slack.waitFor("history", async () =>
      (await slack.ephemeral(ana, studio))
        .slice(before)
        .find(({ shown }) => /Running/u.test(shown)),
    );
    return said.shown;
  }

  const drawn = (text: string) =>
    slack.waitForMessage(studio, (m) => m.shown.includes(text) && m.pictureIds.length > 0);

  it("takes what Slack signed, without any of API_KEYS, and everything else needs one", async () => {
    const answer = await post(commandBody("signed well"));
    expect(answer.status).toBe(200);
    await drawn("signed well");
    const generate = await atelier.postJson("/generate", { prompt: "unsigned" });
    expect(generate.status).toBe(401);
    expect((await atelier.request("/metrics")).status).toBe(401);
    const withKey = { headers: { "X-Api-Key": API_KEY, Authorization: `Bearer ${API_KEY}` } };
    expect((await atelier.request("/metrics", withKey)).status).toBe(200);
  });

  const refused: [string, Tampering][] = [
    ["another secret", { secret: "0123456789abcdef0123456789abcdef" }],
    ["another body", { signedBody: "command=/help" }],
    ["a time more than five minutes ago", { ageSeconds: FIVE_MINUTES_SECONDS + 5 }],
    ["a time more than five minutes ahead", { ageSeconds: -FIVE_MINUTES_SECONDS - 5 }],
    ["no signature", { without: "X-Slack-Signature" }],
    ["no time", { without: "X-Slack-Request-Timestamp" }],
  ];
  it.each(refused)("refuses %s with 401 and does nothing", async (what, tampering) => {
    const answer = await post(commandBody(`refused for ${what}`), tampering);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toBe("");
    // Whatever it had begun would have been received before this is.
    await post(commandBody(`after ${what}`));
    await drawn(`after ${what}`);
    const asked = await history();
    expect(asked).toContain(`after ${what}`);
    expect(asked).not.toContain("refused for");
  });

  it.each([
    ["almost five minutes ago", FIVE_MINUTES_SECONDS - 10],
    ["almost five minutes ahead", -FIVE_MINUTES_SECONDS + 10],
  ])("takes a time %s", async (what, ageSeconds) => {
    expect((await post(commandBody(what), { ageSeconds })).status).toBe(200);
    await drawn(what);
  });

  it("refuses a body over 1 MB with 413, and reads one of exactly 1 MB", async () => {
    const atMost = "x".repeat(BODY_MAX_BYTES);
    // Signed, but nothing that Slack sends.
    expect((await post(atMost)).status).not.toBe(413);
    expect((await post(`${atMost}x`)).status).toBe(413);
    const unsigned = { secret: "0123456789abcdef0123456789abcdef" };
    expect((await post(`${atMost}x`, unsigned)).status).toBe(413);
    // In pieces, without a length.
    const pieces = new ReadableStream({
      start(controller) {
        const piece = new TextEncoder().encode("x".repeat(65_536));
        for (let sent = 0; sent <= BODY_MAX_BYTES; sent += piece.length) controller.enqueue(piece);
        controller.close();
      },
    });
    const init = {
      method: "POST",
      body: pieces,
      duplex: "half" as const,
      headers: { "Content-Type": FORM },
    };
    expect((await atelier.request("/slack/events", init)).status).toBe(413);
  });

  it("answers nothing but POST, and Slack's own check of the address", async () => {
    expect((await atelier.request("/slack/events")).status).toBe(405);
    const body = JSON.stringify({ type: "url_verification", challenge: "3eZbrw1a" });
    const headers = {
      "Content-Type": "application/json",
      ...slackSignature({ signingSecret, body }),
    };
    const answer = await atelier.request("/slack/events", { method: "POST", body, headers });
    expect(await answer.json()).toEqual({ challenge: "3eZbrw1a" });
  });

  it("and wrong ones leave no trace of what they carried in the log", () => {
    expect(atelier.output()).not.toContain("refused for");
    expect(atelier.output()).not.toContain(signingSecret);
    expect(atelier.output()).not.toContain(API_KEY);
  });
});
