import { HTTPError, RateLimitError } from "@discordjs/rest";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type DiscordProxy, startDiscordProxy } from "../servers/discord-proxy.ts";
import { DISCORD_APP, DISCORD_CHANNELS } from "../servers/discord-workspace.ts";
import {
  button,
  createDiscordRestClient,
  gallery,
  messagesOf,
  refusal,
  row,
  text,
  V2,
} from "./discord-rest-client.ts";

const { studio, drafts } = DISCORD_CHANNELS;

describe("Discord's limits behind the proxy", () => {
  let proxy: DiscordProxy;
  let rest: ReturnType<typeof createDiscordRestClient>["rest"];
  let restWith: ReturnType<typeof createDiscordRestClient>["restWith"];
  let post: ReturnType<typeof createDiscordRestClient>["post"];

  beforeAll(async () => {
    proxy = await startDiscordProxy({ transport: "gateway" });
    ({ rest, restWith, post } = createDiscordRestClient(proxy));
    proxy.limits.set({ messages: { limit: 100, seconds: 1 } });
  });
  afterAll(() => proxy?.close());
  afterEach(() => {
    proxy.faults.clear();
    proxy.calls.clear();
    proxy.allowSizes({ fileBytes: 10 * 2 ** 20, requestBytes: 25 * 2 ** 20 });
    proxy.install({ guild: true, people: true });
  });

  it.each([
    ["no content at all", {}, "50006"],
    ["content that is too long", { content: "x".repeat(2001) }, "BASE_TYPE_MAX_LENGTH"],
    [
      "content beside Components V2",
      { flags: V2, content: "x", components: [text("x")] },
      "LEGACY_FIELDS",
    ],
    ["Components V2 without the flag", { components: [text("x")] }, "UNION_TYPE_CHOICES"],
    ["too much text", { flags: V2, components: [text("x".repeat(4000)), text("x")] }, "TEXT_SIZE"],
    [
      "too many components",
      {
        flags: V2,
        components: [{ type: 17, components: Array.from({ length: 40 }, () => text("x")) }],
      },
      "MAX_TOTAL_COMPONENTS",
    ],
    ["an empty gallery", { flags: V2, components: [gallery()] }, "BASE_TYPE_BAD_LENGTH"],
    [
      "a gallery of eleven",
      { flags: V2, components: [gallery(..."abcdefghijk")] },
      "BASE_TYPE_BAD_LENGTH",
    ],
    [
      "an alternative text that is too long",
      {
        flags: V2,
        components: [
          {
            type: 12,
            items: [{ media: { url: "https://example.com/a.png" }, description: "x".repeat(1025) }],
          },
        ],
      },
      "BASE_TYPE_MAX_LENGTH",
    ],
    [
      "six buttons in a row",
      { flags: V2, components: [row(..."abcdef".split("").map((id) => button(id)))] },
      "BASE_TYPE_BAD_LENGTH",
    ],
    [
      "a custom_id that is too long",
      { flags: V2, components: [row(button("x".repeat(101)))] },
      "BUTTON_COMPONENT_CUSTOM_ID",
    ],
    [
      "a custom_id twice",
      { flags: V2, components: [row(button("a")), row(button("a"))] },
      "CUSTOM_ID_DUPLICATED",
    ],
    [
      "a link that is too long",
      {
        flags: V2,
        components: [
          row({ type: 2, style: 5, label: "x", url: `https://example.com/${"x".repeat(500)}` }),
        ],
      },
      "TOO_BIG",
    ],
    [
      "a link with a custom_id",
      {
        flags: V2,
        components: [
          row({ type: 2, style: 5, label: "x", url: "https://example.com", custom_id: "a" }),
        ],
      },
      "BUTTON_COMPONENT_CUSTOM_ID",
    ],
    [
      "a select of 26",
      {
        flags: V2,
        components: [
          row({
            type: 3,
            custom_id: "s",
            options: Array.from({ length: 26 }, (_, n) => ({ label: `${n}`, value: `${n}` })),
          }),
        ],
      },
      "BASE_TYPE_BAD_LENGTH",
    ],
    [
      "an unknown button style",
      { flags: V2, components: [row(button("a", { style: 9 }))] },
      "specification",
    ],
  ])("refuses %s, and says which", async (_, body, reason) => {
    const answer = await refusal(post(studio, body));
    expect(answer.status).toBe(400);
    expect(answer.raw).toContain(reason);
    if (answer.code === 50035) expect(proxy.calls.problems().join()).toContain(reason);
  });

  it("refuses files that are too large, each or together", async () => {
    proxy.allowSizes({ fileBytes: 1000, requestBytes: 3000 });
    const small = Buffer.alloc(900);
    expect(await refusal(post(studio, {}, [Buffer.alloc(1001)]))).toMatchObject({
      status: 413,
      code: 40005,
    });
    await post(studio, {}, [small, small]);
    expect(await refusal(post(studio, {}, [small, small, small, small]))).toMatchObject({
      code: 40005,
    });
  });

  it("answers 429 until the time is over, for that route alone or for all", async () => {
    const hasty = restWith(DISCORD_APP.botToken, { rejectOnRateLimit: () => true });
    const send = () => hasty.post(messagesOf(studio), { body: { content: "hi" } });
    proxy.faults.rateLimit("create_message", 0.4);
    await expect(send()).rejects.toBeInstanceOf(RateLimitError);
    await fetch(`${proxy.apiUrl}/v10${messagesOf(studio)}`, { method: "POST" });
    await rest.get("/users/@me");
    const { same, others } = proxy.calls.during(proxy.faults.waits);
    expect(same.map(({ method, status }) => [method, status])).toEqual([["create_message", 429]]);
    expect(others.map(({ method }) => method)).toEqual(["me"]);
    await new Promise((resolve) => setTimeout(resolve, 520));
    await send();

    proxy.faults.clear();
    proxy.faults.rateLimit("me", 0.3, { isGlobal: true });
    const first = await fetch(`${proxy.apiUrl}/v10/users/@me`);
    expect([first.status, first.headers.get("x-ratelimit-global")]).toEqual([429, "true"]);
    const headers = { Authorization: `Bot ${DISCORD_APP.botToken}` };
    const other = await fetch(`${proxy.apiUrl}/v10/channels/${studio}`, { headers });
    expect(other.status).toBe(429);
    expect(await other.json()).toMatchObject({ global: true });
  });

  it("limits by itself what comes too fast, and tells it in headers before", async () => {
    proxy.limits.set({ messages: { limit: 2, seconds: 20 } });
    const headers = {
      Authorization: `Bot ${DISCORD_APP.botToken}`,
      "Content-Type": "application/json",
    };
    const send = () =>
      fetch(`${proxy.apiUrl}/v10${messagesOf(drafts)}`, {
        method: "POST",
        headers,
        body: JSON.stringify({ content: "hi" }),
      });
    const answers = [await send(), await send(), await send()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers.map((one) => one.headers.get("x-ratelimit-remaining"))).toEqual(["1", "0", "0"]);
    const retryAfterSeconds = Number(answers[2]?.headers.get("retry-after"));
    expect(retryAfterSeconds).toBeGreaterThan(0);
    expect(retryAfterSeconds).toBeLessThanOrEqual(20);
    proxy.limits.set({ messages: { limit: 100, seconds: 1 } });
  });

  it("fails, breaks and loses answers as often as a test asks", async () => {
    const before = proxy.messages.in(drafts).length;
    const send = () => post(drafts, { content: "once" });
    proxy.faults.failWith("create_message", 503);
    await expect(send()).rejects.toBeInstanceOf(HTTPError);
    proxy.faults.reset("create_message");
    await expect(send()).rejects.toThrow();
    expect(proxy.messages.in(drafts)).toHaveLength(before);
    proxy.faults.loseAnswer("create_message");
    await expect(send()).rejects.toThrow();
    expect(proxy.messages.in(drafts)).toHaveLength(before + 1);
    proxy.faults.answerWith("create_message", "missing_permissions");
    expect(await refusal(send())).toMatchObject({ code: 50013 });
    proxy.faults.slow("create_message", 200);
    const startedMs = performance.now();
    await send();
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(200);
    expect(proxy.calls.refusals()).toEqual([]);
  });
});
