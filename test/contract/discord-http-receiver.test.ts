import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { APIInteractionResponse } from "discord-api-types/v10";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createHttpReceiver, type Take } from "../../adapters/discord/transport/http-receiver.ts";
import { type DiscordWorld, discordWorlds } from "../e2e/discord-world.ts";
import { createShiftableClock, type ShiftableClock } from "../fixtures/shiftable-clock.ts";
import { discordSignature } from "../servers/discord-signature.ts";
import { DISCORD_APP, DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import type { JsonRecord } from "../servers/json-record.ts";

const url = "http://127.0.0.1/discord/interactions";
const deferred: APIInteractionResponse = { type: 5 };
const body = JSON.stringify({ type: 2, id: "1", token: "t", data: { name: "ümläut" } });

let clock: ShiftableClock;
let logged: string[];
let heard: unknown[];
let take: Take;

const log = {
  info() {},
  warn: (_fields: object, text: string) => void logged.push(text),
  error: (_fields: object, text: string) => void logged.push(text),
};

function receiver(publicKey: string = DISCORD_APP.publicKey) {
  return createHttpReceiver({ publicKey, clock, log, take: (interaction) => take(interaction) });
}

beforeEach(() => {
  clock = createShiftableClock();
  logged = [];
  heard = [];
  take = async (interaction) => {
    heard.push(interaction);
    return deferred;
  };
});

function signed(
  text: string,
  headers: Readonly<Record<string, string>> = discordSignature({ body: text }),
): Request {
  return new Request(url, { method: "POST", body: text, headers });
}

const statusOf = async (request: Request) => (await receiver().fetch(request)).status;

describe("who is heard", () => {
  it("is Discord, signing just now", async () => {
    const response = await receiver().fetch(signed(body));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toEqual(deferred);
    expect(heard).toEqual([JSON.parse(body)]);
  });

  it("is nobody whose body is another than the signed one, down to a byte that changes nothing", async () => {
    const headers = discordSignature({ body });
    for (const other of [`${body} `, body.replace("1", "2"), ""]) {
      const response = await receiver().fetch(signed(other, headers));
      expect(response.status, other).toBe(401);
      expect(await response.text()).toBe("");
    }
    expect(heard).toEqual([]);
  });

  it("is nobody with another key, signature or time than the signed one", async () => {
    const good = discordSignature({ body });
    const signature = good["X-Signature-Ed25519"];
    const stranger = generateKeyPairSync("ed25519").privateKey;
    const bad = [
      discordSignature({ body, key: stranger }),
      {
        ...good,
        "X-Signature-Ed25519": `${signature.startsWith("0") ? "1" : "0"}${signature.slice(1)}`,
      },
      { ...good, "X-Signature-Ed25519": signature.slice(2) },
      { ...good, "X-Signature-Ed25519": `${signature}00` },
      { ...good, "X-Signature-Ed25519": "0".repeat(128) },
      { ...good, "X-Signature-Ed25519": "not a signature" },
      { ...good, "X-Signature-Ed25519": "" },
      { ...good, "X-Signature-Timestamp": String(Number(good["X-Signature-Timestamp"]) - 1) },
      { ...good, "X-Signature-Timestamp": `${good["X-Signature-Timestamp"]}.0` },
      { ...good, "X-Signature-Timestamp": "now" },
    ];
    for (const headers of bad) {
      expect(await statusOf(signed(body, headers)), JSON.stringify(headers)).toBe(401);
    }
    expect(heard).toEqual([]);
  });

  it("is nobody whose headers are missing or there twice", async () => {
    for (const name of ["X-Signature-Ed25519", "X-Signature-Timestamp"]) {
      const without = signed(body);
      without.headers.delete(name);
      expect(await statusOf(without), `without ${name}`).toBe(401);
      const twice = signed(body);
      twice.headers.append(name, twice.headers.get(name) ?? "");
      expect(await statusOf(twice), `${name} twice`).toBe(401);
    }
  });

  it("is nobody from more than five minutes ago, or ahead", async () => {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const at = (seconds: number) =>
      statusOf(signed(body, discordSignature({ body, timestampSeconds: nowSeconds + seconds })));
    expect([await at(-290), await at(290)]).toEqual([200, 200]);
    expect([await at(-310), await at(310)]).toEqual([401, 401]);
    clock.shift(600_000);
    expect(await at(0)).toBe(401);
  });

  it("is not even a PING without a signature, and with one is answered without anybody's help", async () => {
    const ping = JSON.stringify({ type: 1, id: "1" });
    expect(await statusOf(signed(ping, {}))).toBe(401);
    const response = await receiver().fetch(signed(ping));
    expect(await response.json()).toEqual({ type: 1 });
    expect(heard).toEqual([]);
  });

  it("is nobody as long as the public key is none", () => {
    const { publicKey } = DISCORD_APP;
    for (const key of ["", publicKey.slice(2), `${publicKey}00`, publicKey.replace(/./u, "g")]) {
      expect(() => receiver(key)).toThrow("DISCORD_PUBLIC_KEY");
    }
    expect(() => receiver(publicKey.toUpperCase())).not.toThrow();
  });
});

describe("what is read", () => {
  it("is posted only", async () => {
    const response = await receiver().fetch(new Request(url));
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "POST"]);
  });

  it("is at most one megabyte, said beforehand or not", async () => {
    const most = `{"type":2,"x":"${"x".repeat(1_048_576 - 17)}"}`;
    expect(most).toHaveLength(1_048_576);
    expect(await statusOf(signed(most))).toBe(200);
    expect(await statusOf(signed(`${most} `))).toBe(413);
    const lying = { ...discordSignature({ body }), "Content-Length": "9999999" };
    expect(await statusOf(signed(body, lying))).toBe(413);
  });

  it("is given up when it does not end, before Discord gives up", async () => {
    const endless = new ReadableStream<Uint8Array>({ start() {} });
    const startedMs = performance.now();
    const request = new Request(url, { method: "POST", body: endless, duplex: "half" });
    expect(await statusOf(request)).toBe(408);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  it("is refused when it is signed and still no object", async () => {
    for (const text of ["{", "[]", "null", "1", ""]) {
      expect(await statusOf(signed(text)), text).toBe(400);
    }
    expect(heard).toEqual([]);
  });
});

describe("what is answered", () => {
  it("comes before Discord gives up, whatever happens", async () => {
    take = () => new Promise(() => {});
    const startedMs = performance.now();
    expect(await statusOf(signed(body))).toBe(503);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(logged).toEqual(["not answered within 2800 ms"]);
  });

  it("is 500 when nobody could make a response", async () => {
    take = () => Promise.reject(new Error("The store is away."));
    expect(await statusOf(signed(body))).toBe(500);
    expect(logged).toEqual(["an interaction could not be answered"]);
  });
});

describe("Discord's own examination of an endpoint", () => {
  const worlds = discordWorlds();
  let discord: DiscordWorld;
  const server = createServer(getRequestListener((request) => receiver().fetch(request)));

  beforeAll(async () => {
    discord = await worlds.start({ transport: "http" });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("There is no port.");
    discord.proxy.deliverTo(`http://127.0.0.1:${address.port}/discord/interactions`);
  });
  afterAll(() => server.close());

  it("is passed, and commands are answered in time", async () => {
    const statuses = await discord.proxy.examine();
    const { right, ...wrong } = statuses;
    expect(right).toBe(200);
    expect(Object.keys(wrong).length).toBeGreaterThan(5);
    expect(new Set(Object.values(wrong))).toEqual(new Set([401]));

    await discord.register([{ name: "help", description: "Help" }]);
    const { answer, tookMs, payload } = await discord.command(
      DISCORD_USERS.ana,
      DISCORD_CHANNELS.studio,
      "/help",
    );
    expect(answer).toMatchObject({ type: 5, via: "http" });
    expect(tookMs).toBeLessThan(3_000);
    expect(heard.at(-1)).toEqual(JSON.parse(JSON.stringify(payload)) as JsonRecord);
  });
});
