import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSlackAttachments } from "../../adapters/slack/api/attachments.ts";
import { createSlackApi } from "../../adapters/slack/api/slack-api.ts";
import { createUpload } from "../../adapters/slack/api/upload.ts";
import { processClock } from "../../src/drivers/process/process-runtime.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { quietLog } from "../fixtures/quiet.ts";
import { type SlackDesk, slackDesks } from "../fixtures/slack-desk.ts";
import { createWorkshop } from "../fixtures/workshop.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { SLACK_DEFAULT_GRANTS } from "../servers/slack-api-rules.ts";
import { SLACK_APP, SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";

const desks = slackDesks();
const { ana } = SLACK_USERS;
const { studio } = SLACK_CHANNELS;
const installed = localSlackIsInstalled();
const needed = installed ? "" : " (not run: needs local-slack)";
const background = { r: 9, g: 90, b: 120 };
const picture = await sharp({ create: { width: 20, height: 12, channels: 3, background } })
  .webp()
  .toBuffer();

describe.skipIf(!installed)(`a picture that a person sent in Slack${needed}`, () => {
  let desk: SlackDesk;
  beforeAll(async () => {
    desk = await desks.open();
  });
  beforeEach(() => {
    desk.world.proxy.faults.clear();
    desk.world.proxy.grant(SLACK_DEFAULT_GRANTS);
  });

  async function sent(name: string, bytes: Uint8Array): Promise<string> {
    const { files } = await desk.world.upload(ana, studio, [{ name, bytes }]);
    return String(files[0]?.id);
  }
  const open = (attachment: string) => desk.attachments.open({ attachment });

  it("comes into the input store", async () => {
    const stored = await open(await sent("fox.webp", picture));
    expect(stored).toMatchObject({ widthPx: 20, heightPx: 12 });
    expect(await desk.services.stores.inputs.has(stored.key)).toBe(true);
  });

  it("is refused as no picture when it is something else", async () => {
    const id = await sent("notes.txt", Buffer.from("not a picture"));
    await expect(open(id)).rejects.toMatchObject({ kind: "invalid_input" });
  });

  it("is refused when it cannot be seen, with a sentence on what to do", async () => {
    await expect(open("F0GONE0000")).rejects.toMatchObject({
      kind: "not_allowed",
      message: expect.stringContaining("Invite me there, or send it to me."),
    });
    await expect(open("../secret")).rejects.toMatchObject({ kind: "invalid_input" });
  });

  it("is refused by the name of the missing scope", async () => {
    const id = await sent("fox.webp", picture);
    desk.world.proxy.revoke("files:read");
    await expect(open(id)).rejects.toMatchObject({
      kind: "not_allowed",
      message: expect.stringContaining("files:read"),
    });
  });

  it("can be sent again when Slack is away", async () => {
    const id = await sent("fox.webp", picture);
    desk.world.proxy.faults.failWith("download", 503);
    await expect(open(id)).rejects.toMatchObject({ kind: "unavailable" });
    await open(id);
  });
});

/** A Slack that describes one file as the test says, and another host that hears what it is asked. */
describe("a file that Slack describes", () => {
  const servers: Server[] = [];
  const heard: (string | undefined)[] = [];
  let storage: EmbeddedStorage;
  let slackUrl = "";
  let elsewhereUrl = "";
  let file: object = {};
  let answerDownload: (path: string) => { status?: number; headers?: object; body?: Uint8Array };

  async function serve(server: Server): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  beforeAll(async () => {
    storage = await openEmbeddedStorage();
    slackUrl = await serve(
      createServer((request, response) => {
        request.resume();
        if (request.url?.startsWith("/api/")) {
          response.setHeader("Content-Type", "application/json");
          const upload = { upload_url: `${elsewhereUrl}/upload`, file_id: "F01FILE" };
          return response.end(JSON.stringify({ ok: true, file, ...upload }));
        }
        const {
          status = 200,
          headers = {},
          body = new Uint8Array(),
        } = answerDownload(request.url ?? "");
        response.writeHead(status, { ...headers });
        return response.end(body);
      }),
    );
    elsewhereUrl = await serve(
      createServer((request, response) => {
        heard.push(request.headers.authorization);
        response.end(picture);
      }),
    );
  });
  beforeEach(() => {
    heard.length = 0;
    answerDownload = () => ({ headers: { "Content-Type": "image/webp" }, body: picture });
  });
  afterAll(async () => {
    for (const server of servers) server.close().closeAllConnections();
    await storage.close();
  });

  const newApi = () =>
    createSlackApi({
      botToken: SLACK_APP.botToken,
      apiUrl: `${slackUrl}/api/`,
      newLimiter: async () => ({
        schedule: (call) => call(),
        pause: () => {},
        close: async () => {},
      }),
      clock: processClock,
      log: quietLog,
    });

  async function open(described: object) {
    file = described;
    const api = newApi();
    const { services } = createWorkshop(storage);
    const attachments = createSlackAttachments({ api, botToken: SLACK_APP.botToken, services });
    return attachments.open({ attachment: "F01FILE" });
  }

  it("is downloaded with the token from Slack, redirects within Slack included", async () => {
    answerDownload = (path) =>
      path === "/a" ? { status: 302, headers: { Location: "/b" } } : { body: picture };
    expect(await open({ url_private: `${slackUrl}/a` })).toMatchObject({ widthPx: 20 });
  });

  it("is refused when it is on another host, which never hears of the token", async () => {
    const refused = { kind: "invalid_input" };
    await expect(open({ url_private: `${elsewhereUrl}/x` })).rejects.toMatchObject(refused);
    await expect(
      open({ url_private: "https://files.slack.com.example.com/x" }),
    ).rejects.toMatchObject(refused);
    answerDownload = () => ({ status: 302, headers: { Location: `${elsewhereUrl}/x` } });
    await expect(open({ url_private: `${slackUrl}/a` })).rejects.toMatchObject(refused);
    expect(heard).toEqual([]);
  });

  it("is refused when it is too large, by what is said and by what comes", async () => {
    const tooLarge = { kind: "invalid_input", message: expect.stringContaining("25 MB") };
    await expect(open({ size: 25_000_001, url_private: `${slackUrl}/a` })).rejects.toMatchObject(
      tooLarge,
    );
    answerDownload = () => ({
      headers: { "Transfer-Encoding": "chunked" },
      body: new Uint8Array(26_000_000),
    });
    await expect(open({ url_private: `${slackUrl}/a` })).rejects.toMatchObject({
      message: "That file is over 25 MB, the most I take. Send a smaller one.",
    });
  });

  it("is refused when a sign-in page comes instead of it", async () => {
    answerDownload = () => ({
      headers: { "Content-Type": "text/html; charset=utf-8" },
      body: Buffer.from("<!DOCTYPE html><title>Sign in</title>"),
    });
    await expect(open({ url_private: `${slackUrl}/a` })).rejects.toMatchObject({
      kind: "not_allowed",
      message: expect.stringContaining("files:read"),
    });
  });

  it("is refused when it goes round in circles", async () => {
    answerDownload = () => ({ status: 302, headers: { Location: "/a" } });
    await expect(open({ url_private: `${slackUrl}/a` })).rejects.toMatchObject({
      kind: "not_allowed",
    });
  });

  it("is not uploaded to another host, whoever names it", async () => {
    const upload = createUpload({ api: newApi(), clock: processClock });
    const given = upload({ bytes: picture, name: "fox.webp", alt: "a fox" });
    await expect(given).rejects.toMatchObject({ kind: "internal" });
    expect(heard).toEqual([]);
  });
});
