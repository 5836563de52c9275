import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { REST, RESTEvents } from "@discordjs/rest";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDiscordApi, type DiscordApi } from "../../adapters/discord/api/discord-api.ts";
import {
  discordErrorCode,
  isTokenDead,
  isTooLarge,
} from "../../adapters/discord/api/discord-errors.ts";
import { createRequestGuard } from "../../adapters/discord/api/request-guard.ts";
import { processClock } from "../../src/drivers/process/process-runtime.ts";
import type { LogFields } from "../../src/ports/index.ts";
import { quietLog } from "../fixtures/quiet.ts";
import { type DiscordProxy, startDiscordProxy } from "../servers/discord-proxy.ts";
import type { DiscordRefusalName } from "../servers/discord-refusals.ts";
import { DISCORD_APP, DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { text, V2 } from "./discord-rest-client.ts";

const { studio, drafts, dmOfAna } = DISCORD_CHANNELS;
const said = (words: string) => ({ body: { flags: V2, components: [text(words)] } });

describe("calls to Discord's REST API", () => {
  let proxy: DiscordProxy;
  let api: DiscordApi;
  const lines: { message: string; fields: LogFields }[] = [];

  function apiAt(apiUrl: string, token: string = DISCORD_APP.botToken): DiscordApi {
    const log = {
      ...quietLog,
      error: (fields: LogFields, message: string) => lines.push({ message, fields }),
    };
    const applicationId = DISCORD_APP.id;
    return createDiscordApi({ token, applicationId, apiUrl, log, clock: processClock });
  }

  beforeAll(async () => {
    proxy = await startDiscordProxy({ transport: "gateway" });
    proxy.limits.set({ messages: { limit: 100, seconds: 1 } });
    api = apiAt(proxy.apiUrl);
  });
  beforeEach(() => {
    proxy.faults.clear();
    proxy.calls.clear();
  });
  afterEach(() => {
    expect(proxy.calls.problems()).toEqual([]);
  });
  afterAll(async () => {
    api?.close();
    await proxy?.close();
  });

  const failure = (call: Promise<unknown>) =>
    call.then(
      () => Promise.reject(new Error("It did not fail.")),
      (thrown: unknown) => thrown,
    );

  it("writes, looks at, changes and deletes a message, and opens direct messages", async () => {
    const placed = await api.createMessage(studio, said("first"));
    expect(placed.channel).toBe(studio);
    await api.editMessage(placed, said("second"));
    expect(JSON.stringify(await api.getMessage(placed))).toContain("second");
    await api.deleteMessage(placed);
    expect(discordErrorCode(await failure(api.getMessage(placed)))).toBe(10008);
    expect(await api.createDm(DISCORD_USERS.ana)).toBe(dmOfAna);
  });

  it("lets Discord know a message that is sent again by its nonce", async () => {
    await api.createMessage(studio, said("once"), { nonce: "a-job-with-an-id-longer-than-25" });
    expect(proxy.calls.bodies("create_message")).toEqual([
      expect.objectContaining({ nonce: "a-job-with-an-id-longer-t", enforce_nonce: true }),
    ]);
  });

  it.each([
    ["missing_access", 50001, "not_allowed", "View Channel"],
    ["missing_permissions", 50013, "not_allowed", "Attach Files"],
    ["no_direct_messages", 50007, "not_allowed", "privacy settings"],
    ["unknown_message", 10008, "not_found", "not there any more"],
    ["too_large", 40005, "invalid_input", "too large"],
    ["invalid_form", 50035, "internal", "Discord refused"],
  ] as const)("says what to do about %s", async (name, code, kind, words) => {
    proxy.faults.answerWith("create_message", name);
    const error = await failure(api.createMessage(studio, said("x")));
    expect(error).toMatchObject({ kind, message: expect.stringContaining(words) });
    expect([discordErrorCode(error), isTokenDead(error)]).toEqual([code, false]);
    expect(isTooLarge(error)).toBe(code === 40005);
  });

  it.each([
    "unknown_webhook",
    "invalid_webhook_token",
    "unknown_interaction",
    "already_acknowledged",
    "unauthorized",
    "not_found",
  ] satisfies DiscordRefusalName[])("knows a dead token by %s, and no dead bot", async (name) => {
    proxy.faults.answerWith("edit_response", name);
    const error = await failure(api.editAnswer("some-token", said("x")));
    expect(error).toMatchObject({ kind: "not_found" });
    expect(isTokenDead(error)).toBe(true);
    await api.createMessage(studio, said("the bot goes on"));
  });

  it("does not take a message that is gone for a dead token", async () => {
    proxy.faults.answerWith("edit_response", "unknown_message");
    expect(isTokenDead(await failure(api.editAnswer("some-token", said("x"))))).toBe(false);
  });

  it("waits as long as a 429 says, then makes the call once more", async () => {
    proxy.faults.rateLimit("create_message", 0.8);
    await api.createMessage(studio, said("after a pause"));
    const [first, second, ...others] = proxy.calls.of("create_message");
    expect(others).toEqual([]);
    expect([first?.status, second?.status]).toEqual([429, 200]);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(800);
    expect(proxy.calls.during(proxy.faults.waits).same).toEqual([]);
  });

  it("keeps to the limits that the headers tell, so that there is no 429 at all", async () => {
    proxy.limits.set({ messages: { limit: 2, seconds: 0.5 } });
    const words = ["one", "two", "three", "four", "five"];
    // Where nothing was said before: its window is not open yet.
    await Promise.all(words.map((each) => api.createMessage(drafts, said(each))));
    proxy.limits.set({ messages: { limit: 100, seconds: 1 } });
    expect(proxy.calls.of("create_message").map(({ status }) => status)).toEqual([
      200, 200, 200, 200, 200,
    ]);
  });

  it("does not wait longer than it may, and sends nothing after that", async () => {
    proxy.faults.rateLimit("edit_message", 1);
    const placed = await api.createMessage(studio, said("first"));
    const startedAtMs = performance.now();
    const options = { waitMaxMs: 300, isOnce: true };
    const error = await failure(api.editMessage(placed, said("too late"), options));
    expect(performance.now() - startedAtMs).toBeLessThan(900);
    expect(error).toMatchObject({ kind: "unavailable" });
    await processClock.sleep(1_300);
    expect(proxy.calls.of("edit_message")).toHaveLength(1);
  });

  it("sends again what was lost on the way where that does no harm, and nothing else", async () => {
    const placed = await api.createMessage(studio, said("first"));
    proxy.faults.failWith("edit_message", 503);
    proxy.faults.reset("edit_message");
    await api.editMessage(placed, said("second"));
    expect(proxy.calls.of("edit_message")).toHaveLength(3);
    proxy.faults.loseAnswer("create_message");
    const error = await failure(api.createMessage(studio, said("not twice")));
    expect(error).toMatchObject({ kind: "unavailable" });
    expect(proxy.calls.of("create_message")).toHaveLength(2);
    proxy.faults.failWith("edit_message", 503);
    await failure(api.editMessage(placed, said("third"), { isOnce: true }));
    expect(proxy.calls.of("edit_message")).toHaveLength(4);
  });

  it("asks once a minute at most with a bot token that is not accepted", async () => {
    const stranger = apiAt(proxy.apiUrl, "MTIz.wrong.token");
    const errors = [];
    for (let turn = 0; turn < 5; turn += 1) {
      errors.push(await failure(stranger.createMessage(studio, said("x"))));
    }
    for (const error of errors) expect(error).toMatchObject({ kind: "misconfigured" });
    expect(proxy.calls.invalidRequests()).toBe(1);
    stranger.close();
  });

  it("accepts the same token again after a refusal that was Discord's own mistake", async () => {
    const nowMs = { value: 0 };
    const { apiUrl } = proxy;
    const clock = { ...processClock, nowMs: () => nowMs.value };
    const token = DISCORD_APP.botToken;
    const other = createDiscordApi({
      token,
      applicationId: DISCORD_APP.id,
      apiUrl,
      log: quietLog,
      clock,
    });
    proxy.faults.answerWith("create_message", "unauthorized");
    await failure(other.createMessage(studio, said("x")));
    nowMs.value = 60_001;
    await other.createMessage(studio, said("here again"));
    other.close();
  });

  it("stops long before so many refusals that Discord bans the address", () => {
    const clock = { ...processClock, nowMs: () => 0 };
    const guard = createRequestGuard({ clock, log: quietLog });
    guard.onWarning({ count: 4_500, remainingTime: 60_000 });
    expect(() => guard.check(false)).not.toThrow();
    guard.onWarning({ count: 5_000, remainingTime: 60_000 });
    expect(() => guard.check(false)).toThrow(
      expect.objectContaining({ kind: "rate_limited", retryAfterMs: 60_000 }),
    );
  });

  it("makes no call for a while after 5,000 that Discord did not allow", {
    timeout: 60_000,
  }, async () => {
    let asked = 0;
    const forbidding = createServer((request, response) => {
      asked += 1;
      request.resume();
      response.writeHead(403, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ message: "Missing Access", code: 50001 }));
    });
    forbidding.listen(0, "127.0.0.1");
    await once(forbidding, "listening");
    const { port } = forbidding.address() as AddressInfo;
    const apiUrl = `http://127.0.0.1:${port}/api`;
    // The client counts for the whole process, and lets one client make 50 calls a second only.
    const hasty = new REST({
      api: apiUrl,
      globalRequestsPerSecond: 100_000,
      invalidRequestWarningInterval: 1,
    });
    let refused = 0;
    hasty.on(RESTEvents.InvalidRequestWarning, ({ count }) => {
      refused = count;
    });
    const ask = (n: number) => failure(hasty.get(`/channels/${n}`, { auth: false }));
    while (refused < 4_950) await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n)));
    while (refused < 4_999) await ask(0);

    const stubborn = apiAt(apiUrl);
    const write = () => failure(stubborn.createMessage(studio, said("let me in")));
    expect(await write()).toMatchObject({ kind: "not_allowed" });
    const before = asked;
    expect(await write()).toMatchObject({ kind: "rate_limited" });
    expect(asked).toBe(before);
    stubborn.close();
    forbidding.close();
    forbidding.closeAllConnections();
  });
});
