import { ErrorCode, WebClient } from "@slack/web-api";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { recordOf, recordsOf, textOf } from "../servers/json-record.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { type SlackProxy, startSlackProxy } from "../servers/slack-proxy.ts";
import { SLACK_APP, SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { quietSlackLogger } from "./slack-proxy-bot.ts";

const installed = localSlackIsInstalled();
const needed = installed ? "" : " (needs local-slack: Linux on x64)";
const { studio, lobby, board, drafts, dmOfAna } = SLACK_CHANNELS;
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

describe.skipIf(!installed)(`Slack's Web API behind the proxy${needed}`, () => {
  let proxy: SlackProxy;
  let slack: WebClient;

  const clientWith = (token?: string, options = {}) =>
    new WebClient(token, {
      slackApiUrl: proxy.apiUrl,
      retryConfig: { retries: 0 },
      logger: quietSlackLogger,
      ...options,
    });
  /** What Slack answered to a call that it refused. */
  async function refused(call: Promise<unknown>): Promise<Record<string, unknown>> {
    try {
      await call;
    } catch (thrown) {
      if (thrown instanceof Error && "data" in thrown) return { ...(thrown.data as object) };
      throw thrown;
    }
    throw new Error("It was not refused.");
  }
  async function uploadPicture(): Promise<string> {
    const done = await slack.filesUploadV2({ filename: "fox.png", file: PNG });
    return String(done.files[0]?.files?.[0]?.id);
  }
  const pictureBlock = (id: string) => [
    { type: "image" as const, slack_file: { id }, alt_text: "a fox" },
  ];

  beforeAll(async () => {
    proxy = await startSlackProxy({ transport: "socket" });
    slack = clientWith(SLACK_APP.botToken);
  });
  afterAll(() => proxy?.close());
  afterEach(() => {
    proxy.faults.clear();
    proxy.grant({ scopes: ["chat:write", "files:read", "files:write", "im:write"] });
    proxy.processFiles({ polls: 1, ms: 0 });
  });

  it("refuses a call without a token, with a wrong one and with the wrong kind", async () => {
    const none = await refused(clientWith().chat.postMessage({ channel: studio, text: "hi" }));
    expect(none).toMatchObject({ error: "not_authed" });
    const wrong = await refused(clientWith("xoxb-other").auth.test());
    expect(wrong).toMatchObject({ error: "invalid_auth" });
    const kind = await refused(slack.apps.connections.open());
    expect(kind).toMatchObject({ error: "not_allowed_token_type" });
    const app = clientWith(SLACK_APP.appToken);
    const app2 = await refused(app.chat.postMessage({ channel: studio, text: "hi" }));
    expect(app2).toMatchObject({ error: "not_allowed_token_type" });
    expect((await app.apps.connections.open()).url).toMatch(/^ws:\/\/127\.0\.0\.1/u);
    expect(await proxy.local.messages(studio)).toEqual([]);
  });

  it("names the scope that is missing, and those that are there", async () => {
    proxy.grant({ scopes: ["chat:write"] });
    const answer = await refused(slack.files.info({ file: "F1" }));
    expect(answer).toMatchObject({
      error: "missing_scope",
      needed: "files:read",
      provided: "chat:write",
      response_metadata: { scopes: ["chat:write"] },
    });
    proxy.revoke("chat:write");
    const post = await refused(slack.chat.postMessage({ channel: studio, text: "hi" }));
    expect(post).toMatchObject({ error: "missing_scope", needed: "chat:write" });
  });

  it("lets the bot write only where it is a member", async () => {
    const post = (channel: string) => slack.chat.postMessage({ channel, text: "hello" });
    expect(await refused(post(lobby))).toMatchObject({ error: "not_in_channel" });
    expect(await refused(post(board))).toMatchObject({ error: "channel_not_found" });
    expect(await refused(post("C0NOWHERE"))).toMatchObject({ error: "channel_not_found" });
    proxy.grant({ scopes: ["chat:write", "chat:write.public"] });
    expect(await post(lobby)).toMatchObject({ ok: true, channel: lobby });
    expect(await refused(post(board))).toMatchObject({ error: "channel_not_found" });
    const toCleo = { channel: drafts, user: SLACK_USERS.cleo, text: "psst" };
    expect(await refused(slack.chat.postEphemeral(toCleo))).toMatchObject({
      error: "user_not_in_channel",
    });
    expect(await post(SLACK_USERS.ana)).toMatchObject({ ok: true, channel: dmOfAna });
  });

  it("refuses blocks over Slack's limits and says which", async () => {
    const text = { type: "mrkdwn" as const, text: "x".repeat(3001) };
    const blocks = [{ type: "section" as const, text }];
    const answer = await refused(slack.chat.postMessage({ channel: studio, text: "t", blocks }));
    expect(answer).toMatchObject({ error: "invalid_blocks" });
    expect(JSON.stringify(answer.response_metadata)).toContain("/blocks/0/text/text");
    const view = { type: "home" as const, blocks };
    expect(await refused(slack.views.publish({ user_id: SLACK_USERS.ana, view }))).toMatchObject({
      error: "invalid_arguments",
    });
    expect(await refused(slack.chat.postMessage({ channel: studio, text: "" }))).toMatchObject({
      error: "no_text",
    });
  });

  it("shows a file only once it is processed, and never after it was deleted", async () => {
    proxy.processFiles({ polls: 2 });
    const id = await uploadPicture();
    const show = () =>
      slack.chat.postMessage({ channel: studio, text: "a fox", blocks: pictureBlock(id) });
    expect(await refused(show())).toMatchObject({ error: "invalid_blocks" });
    for (const _poll of [1, 2]) {
      const { file } = await slack.files.info({ file: id });
      expect(file).toMatchObject({ id, mimetype: "" });
      expect(file).not.toHaveProperty("thumb_360");
    }
    const { file } = await slack.files.info({ file: id });
    expect(file).toMatchObject({ mimetype: "image/png", thumb_360: expect.any(String) });
    expect(await show()).toMatchObject({ ok: true });
    await slack.files.delete({ file: id });
    expect(await refused(show())).toMatchObject({ error: "invalid_blocks" });
    expect(await refused(slack.files.info({ file: id }))).toMatchObject({ error: "file_deleted" });
  });

  it("shows PNG, JPEG and GIF alone, and of people's files those that the bot sees", async () => {
    const shared = async (channel: string, name: string) => {
      const form = new FormData();
      for (const [field, value] of Object.entries({ user: SLACK_USERS.ana, channel, text: "" })) {
        form.set(field, value);
      }
      form.append("file", new Blob([new Uint8Array(PNG)]), name);
      const { message } = await proxy.local.control("upload", form);
      return textOf(recordsOf(recordOf(message).files)[0]?.id);
    };
    const show = (id: string) =>
      slack.chat.postMessage({ channel: studio, text: "a fox", blocks: pictureBlock(id) });
    expect(await show(await shared(studio, "fox.png"))).toMatchObject({ ok: true });
    const webp = await shared(studio, "fox.webp");
    expect(await refused(show(webp))).toMatchObject({ error: "invalid_blocks" });
    expect(await slack.files.info({ file: webp })).toMatchObject({ ok: true });
    for (const channel of [lobby, board]) {
      const hidden = await shared(channel, "fox.png");
      expect(await refused(show(hidden))).toMatchObject({ error: "invalid_blocks" });
      const asked = refused(slack.files.info({ file: hidden }));
      expect(await asked).toMatchObject({ error: "file_not_found" });
    }
  });

  it("can take its time over a file, however often it is asked", async () => {
    proxy.processFiles({ polls: 0, ms: 300 });
    const id = await uploadPicture();
    expect((await slack.files.info({ file: id })).file?.mimetype).toBe("");
    await new Promise((resolve) => setTimeout(resolve, 320));
    expect((await slack.files.info({ file: id })).file?.mimetype).toBe("image/png");
  });

  it("gives a private file to the bot's token alone; others get the sign-in page", async () => {
    const id = await uploadPicture();
    const { file } = await slack.files.info({ file: id });
    const url = String(file?.url_private);
    expect(url.startsWith(proxy.url)).toBe(true);
    const plain = await fetch(url);
    expect([plain.status, await plain.text()]).toEqual([200, expect.stringContaining("Sign in")]);
    const headers = { Authorization: `Bearer ${SLACK_APP.botToken}` };
    const own = await fetch(url, { headers });
    expect(Buffer.from(await own.arrayBuffer()).equals(PNG)).toBe(true);
    proxy.revoke("files:read");
    expect(await (await fetch(url, { headers })).text()).toContain("Sign in");
  });

  it("changes the bot's own lasting messages alone", async () => {
    const update = (channel: string, ts: string) =>
      slack.chat.update({ channel, ts, text: "changed" });
    expect(await refused(update(studio, "1.1"))).toMatchObject({ error: "message_not_found" });
    const mine = { channel: studio, user: SLACK_USERS.ana, text: "psst" };
    const { message_ts = "" } = await slack.chat.postEphemeral(mine);
    expect(await refused(update(studio, message_ts))).toMatchObject({ error: "message_not_found" });
    const anas = await proxy.local.control("message", { ...mine, text: "hello" });
    const { ts } = anas.message as { ts: string };
    expect(await refused(update(studio, ts))).toMatchObject({ error: "cant_update_message" });
    const deleted = refused(slack.chat.delete({ channel: studio, ts }));
    expect(await deleted).toMatchObject({ error: "cant_delete_message" });
  });

  it("keeps the blocks of a message that is changed without any", async () => {
    const blocks = [{ type: "divider" as const }];
    const { ts = "" } = await slack.chat.postMessage({ channel: studio, text: "one", blocks });
    await slack.chat.update({ channel: studio, ts, text: "two" });
    const message = (await proxy.local.messages(studio)).find((one) => one.ts === ts);
    expect(message).toMatchObject({ text: "two", blocks: [{ type: "divider" }] });
  });

  it("answers 429 with Retry-After until the time is over, for that method alone", async () => {
    const { ts = "" } = await slack.chat.postMessage({ channel: studio, text: "one" });
    proxy.faults.rateLimit("chat.update", 1);
    const hasty = clientWith(SLACK_APP.botToken, { rejectRateLimitedCalls: true });
    const update = () => hasty.chat.update({ channel: studio, ts, text: "two" });
    await expect(update()).rejects.toMatchObject({
      code: ErrorCode.RateLimitedError,
      retryAfter: 1,
    });
    await expect(update()).rejects.toMatchObject({ code: ErrorCode.RateLimitedError });
    await hasty.chat.postMessage({ channel: studio, text: "three" });
    const { same, others } = proxy.calls.during(proxy.faults.waits);
    expect(same.map(({ method }) => method)).toEqual(["chat.update"]);
    expect(others.map(({ method }) => method)).toEqual(["chat.postMessage"]);
    await new Promise((resolve) => setTimeout(resolve, 1010));
    expect(await update()).toMatchObject({ ok: true });
  });

  it("breaks uploads, loses answers and fails as often as a test asks", async () => {
    proxy.faults.reset("upload", 1);
    await expect(uploadPicture()).rejects.toThrow();
    expect(await uploadPicture()).toMatch(/^F/u);

    proxy.faults.loseAnswer("chat.postMessage");
    const before = (await proxy.local.messages(drafts)).length;
    const post = () => slack.chat.postMessage({ channel: drafts, text: "once" });
    await expect(post()).rejects.toMatchObject({ code: ErrorCode.RequestError });
    expect(await proxy.local.messages(drafts)).toHaveLength(before + 1);

    proxy.faults.failWith("chat.postMessage", 503);
    await expect(post()).rejects.toMatchObject({ code: ErrorCode.HTTPError, statusCode: 503 });
    proxy.faults.answerWith("chat.postMessage", "internal_error");
    expect(await refused(post())).toMatchObject({ error: "internal_error" });
    const startedMs = performance.now();
    proxy.faults.slow("chat.postMessage", 200);
    await post();
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(200);
  });

  it("records what was called, in order, and what Slack's rules refused of it", async () => {
    proxy.calls.clear();
    await slack.chat.postMessage({ channel: studio, text: "first" });
    await refused(slack.chat.postMessage({ channel: lobby, text: "second" }));
    proxy.faults.answerWith("auth.test", "internal_error");
    await refused(slack.auth.test());
    expect(proxy.calls.methods()).toEqual(["chat.postMessage", "chat.postMessage", "auth.test"]);
    expect(proxy.calls.of("chat.postMessage").map(({ args }) => args.text)).toEqual([
      "first",
      "second",
    ]);
    expect(proxy.calls.refusals()).toEqual([expect.stringContaining("not_in_channel")]);
  });
});
