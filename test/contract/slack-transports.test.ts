import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSlackPeople } from "../e2e/slack-people.ts";
import { createSlackScreen } from "../e2e/slack-screen.ts";
import { until } from "../fixtures/until.ts";
import { textOf } from "../servers/json-record.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { slackHttpBody } from "../servers/slack-http-transport.ts";
import { type SlackProxyOptions, startSlackProxy } from "../servers/slack-proxy.ts";
import { slackSignature } from "../servers/slack-signature.ts";
import { SLACK_APP, SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import { connectWebSocket } from "../servers/web-socket.ts";
import { startSmallBot } from "./slack-proxy-bot.ts";

const installed = localSlackIsInstalled();
const needed = installed ? "" : " (needs local-slack: Linux on x64)";
const { studio } = SLACK_CHANNELS;
const { ana } = SLACK_USERS;

async function openProxy(options: SlackProxyOptions) {
  const proxy = await startSlackProxy(options);
  onTestFinished(() => proxy.close());
  return { proxy, people: createSlackPeople(proxy, createSlackScreen(proxy)) };
}

async function openBot(transport: "socket" | "http") {
  const { proxy, people } = await openProxy({ transport });
  const bot = await startSmallBot(proxy, transport);
  onTestFinished(async () => void (await bot.stop()));
  return { proxy, people, bot };
}

describe.skipIf(!installed)(`Socket Mode of the proxy${needed}`, () => {
  it("sends on the next connection what was not acknowledged when the line broke", async () => {
    const { proxy, people, bot } = await openBot("socket");
    bot.acknowledgeAfter(100);
    const during = people.command(ana, studio, "/imagine during");
    await until(() => bot.heard.length === 1);
    proxy.sockets.cutAll();
    await until(() => proxy.sockets.open() === 0);
    const after = people.command(ana, studio, "/imagine after");
    await Promise.all([during, after]);
    await until(() => proxy.sockets.unacknowledged().length === 0);
    expect(proxy.sockets.connections()).toBe(2);
    expect(bot.heard).toEqual(["command during", "command during", "command after"]);
    const [first, second] = proxy.deliveries.all;
    expect(proxy.sockets.acknowledged).toEqual([first?.id, second?.id]);
  });

  it("asks for a new connection as Slack does, and takes each ticket once", async () => {
    const { proxy, bot } = await openBot("socket");
    proxy.sockets.refreshAll();
    await until(() => proxy.sockets.connections() === 2);
    const used = textOf(proxy.calls.of("apps.connections.open")[0]?.answer?.url);
    const listeners = { onText() {} };
    await expect(connectWebSocket(used, listeners)).rejects.toThrow("408");
    const { url } = await bot.client.apps.connections.open({ token: SLACK_APP.appToken });
    const socket = await connectWebSocket(textOf(url), listeners);
    socket.close();
    await until(() => proxy.sockets.open() === 1);
  });
});

describe.skipIf(!installed)(`HTTP deliveries of the proxy${needed}`, () => {
  it("sends an event again, with Slack's retry headers, until it is taken", async () => {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      const { "x-slack-retry-num": number, "x-slack-retry-reason": reason } = request.headers;
      seen.push([number, reason]);
      response.writeHead(seen.length < 3 ? 500 : 200).end();
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const { proxy, people } = await openProxy({
      transport: "http",
      requestUrl: `http://127.0.0.1:${port}/slack/events`,
      retryDelaysMs: [0, 0, 0],
    });
    await people.mention(ana, studio, "hello");
    await until(() => seen.length === 3);
    await sleep(50);
    expect(seen).toEqual([
      [undefined, undefined],
      ["1", "http_error"],
      ["2", "http_error"],
    ]);
    const ids = proxy.deliveries.all.map(({ payload }) => payload.event_id);
    expect(new Set(ids).size).toBe(1);
  });

  it("signs so that Bolt takes it, and lets a test sign anything else", async () => {
    const { people, bot } = await openBot("http");
    const { signingSecret } = SLACK_APP;
    const taken = await people.command(ana, studio, "/imagine signed");
    expect(taken.status).toBe(200);
    const { body, contentType } = slackHttpBody(taken);
    const post = async (text: string, timestampSeconds?: number) => {
      const time = timestampSeconds === undefined ? {} : { timestampSeconds };
      const signature = slackSignature({ signingSecret, body, ...time });
      const headers = { "Content-Type": contentType, ...signature };
      return (await fetch(bot.url, { method: "POST", body: text, headers })).status;
    };
    expect(await post(body)).toBe(200);
    expect(await post(body.replace("signed", "forged"))).toBe(401);
    expect(await post(body, Math.floor(Date.now() / 1000) - 301)).toBe(401);
  });
});
