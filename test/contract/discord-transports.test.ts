import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { REST } from "@discordjs/rest";
import { type APIInteractionResponse, Routes } from "discord-api-types/v10";
import { afterEach, describe, expect, it } from "vitest";
import { createGateway, type Gateway } from "../../adapters/discord/transport/gateway.ts";
import { processClock as clock } from "../../src/drivers/process/process-runtime.ts";
import { type DiscordWorld, discordWorlds } from "../e2e/discord-world.ts";
import { until } from "../fixtures/until.ts";
import {
  DISCORD_APP,
  DISCORD_CHANNELS,
  DISCORD_GUILD,
  DISCORD_USERS,
} from "../servers/discord-workspace.ts";
import { recordOf, textOf } from "../servers/json-record.ts";

const { studio, dmOfAna, dmOfTwo } = DISCORD_CHANNELS;
const { ana } = DISCORD_USERS;
const worlds = discordWorlds();
const gateways: Gateway[] = [];

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()));
});

async function world({ shards = 1 } = {}) {
  const discord = await worlds.start({ transport: "gateway", shards });
  await discord.register([{ name: "help", description: "Help", integration_types: [0, 1] }]);
  const heard: string[] = [];
  const logged: string[] = [];
  const keep = (_fields: object, text: string) => void logged.push(text);
  const log = { info: keep, warn: keep, error: keep };
  const rest = new REST({ api: discord.proxy.apiUrl, version: "10", retries: 0 });
  let takeMs = 0;
  let isBroken = false;

  function gateway(
    token: string = DISCORD_APP.botToken,
    apiUrl: string = discord.proxy.apiUrl,
  ): Gateway {
    const made = createGateway({
      token,
      apiUrl,
      clock,
      log,
      async take(interaction): Promise<APIInteractionResponse> {
        heard.push(textOf(recordOf(interaction).id));
        await sleep(takeMs);
        if (isBroken) throw new Error("The store is away.");
        return { type: 5 };
      },
      async answer({ id, token: interactionToken }, response) {
        const route = Routes.interactionCallback(id, interactionToken);
        await rest.post(route, { body: response, auth: false });
      },
    });
    gateways.push(made);
    return made;
  }

  return {
    discord,
    heard,
    logged,
    gateway,
    breakDown(next: boolean) {
      isBroken = next;
    },
    takeSlowly(ms: number) {
      takeMs = ms;
    },
    help: (channel: string = studio) => discord.command(ana, channel, "/help"),
  };
}

async function connections(discord: DiscordWorld, count: number): Promise<void> {
  await discord.waitFor(
    `${count} connections`,
    () => discord.proxy.gateway.connections() === count || null,
  );
}

describe("the gateway", () => {
  it("asks for no intent, and hears what is done in servers and direct messages", async () => {
    const { discord, heard, gateway, help } = await world();
    await gateway().start();
    const [session] = discord.proxy.gateway.sessions();
    expect(session?.intents).toBe(0);
    for (const channel of [studio, dmOfAna, dmOfTwo]) {
      const { id, answer, tookMs } = await help(channel);
      expect(answer).toMatchObject({ type: 5, via: "callback" });
      expect(tookMs).toBeLessThan(1_000);
      expect(heard.at(-1)).toBe(id);
    }
  });

  it("has as many shards as Discord recommends, and hears each thing once", async () => {
    const { discord, heard, gateway, help } = await world({ shards: 2 });
    await gateway().start();
    await connections(discord, 2);
    const sessions = discord.proxy.gateway.sessions();
    expect(sessions.map(({ shard }) => shard.join(" of ")).toSorted()).toEqual([
      "0 of 2",
      "1 of 2",
    ]);
    // The server belongs to one of them, direct messages to the first.
    const ofGuild = Number((BigInt(DISCORD_GUILD.id) >> 22n) % 2n);
    expect(ofGuild).toBe(1);
    const inServer = await help();
    const direct = await help(dmOfAna);
    for (const { answer } of [inServer, direct]) expect(answer).toMatchObject({ type: 5 });
    expect(heard).toEqual([inServer.id, direct.id]);

    discord.proxy.gateway.cut();
    const later = [await help(), await help(dmOfAna)];
    for (const { answer } of later) expect(answer).toMatchObject({ type: 5 });
    expect(heard).toHaveLength(4);
  });

  it("says which setting is wrong when the token is", async () => {
    const { gateway } = await world();
    const started = gateway(`${DISCORD_APP.botToken}x`).start();
    await expect(started).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("DISCORD_TOKEN"),
    });
  });

  it("says so too when only the connection itself finds the token wrong", async () => {
    const { discord, gateway } = await world();
    const url = discord.proxy.apiUrl.replace("http", "ws").replace(/api$/u, "gateway");
    const limit = { total: 9, remaining: 9, reset_after: 1, max_concurrency: 1 };
    const body = JSON.stringify({ url, shards: 1, session_start_limit: limit });
    const trusting = createServer((_request, response) => {
      response.writeHead(200, { "Content-Type": "application/json" }).end(body);
    });
    trusting.listen(0, "127.0.0.1");
    await once(trusting, "listening");
    const address = trusting.address();
    if (address === null || typeof address === "string") throw new Error("There is no port.");
    const apiUrl = `http://127.0.0.1:${address.port}/api`;
    const started = gateway(`${DISCORD_APP.botToken}x`, apiUrl).start();
    await expect(started).rejects.toMatchObject({ kind: "misconfigured" });
    expect(discord.proxy.gateway.happened).toContain("refuse 4004");
    trusting.close();
    trusting.closeAllConnections();
  });

  it("goes on after an interaction that could not be taken", { timeout: 15_000 }, async () => {
    const { logged, gateway, help, breakDown } = await world();
    await gateway().start();
    breakDown(true);
    expect((await help()).answer).toBeNull();
    expect(logged).toContain("an interaction could not be answered");
    breakDown(false);
    expect((await help()).answer).toMatchObject({ type: 5 });
  });

  it("starts without Discord, and connects once it is there", { timeout: 20_000 }, async () => {
    const { discord, gateway, help } = await world();
    await discord.proxy.goAway();
    await gateway().start();
    await discord.proxy.comeBack();
    await connections(discord, 1);
    expect((await help()).answer).toMatchObject({ type: 5 });
  });

  it("connects although the first tries fail", { timeout: 20_000 }, async () => {
    const { discord, logged, gateway } = await world();
    discord.proxy.faults.failWith("gateway", 503, 2);
    discord.proxy.gateway.refuseNext(1);
    await gateway().start();
    await connections(discord, 1);
    expect(logged).toContain("Discord cannot be reached; trying again");
    await until(() => logged.includes("connected to Discord"));
  });

  it("resumes after a cut, and hears what was done meanwhile", { timeout: 20_000 }, async () => {
    const { discord, heard, gateway, help } = await world();
    await gateway().start();
    discord.proxy.gateway.cut();
    const { id, answer } = await help();
    expect(answer).toMatchObject({ type: 5 });
    expect(heard).toEqual([id]);
    expect(discord.proxy.gateway.happened.join()).toContain("resume 1");

    discord.proxy.gateway.askReconnect();
    await discord.waitFor(
      "second resume",
      () =>
        discord.proxy.gateway.happened.filter((what) => what.startsWith("resume ")).length > 1 ||
        null,
    );
    expect((await help()).answer).toMatchObject({ type: 5 });
    expect(heard).toHaveLength(2);
  });

  it("begins anew when Discord forgot the session", { timeout: 20_000 }, async () => {
    const { discord, gateway, help } = await world();
    await gateway().start();
    discord.proxy.gateway.forgetSessions();
    discord.proxy.gateway.cut();
    const identified = () =>
      discord.proxy.gateway.happened.filter((what) => what === "identify").length === 2 || null;
    await discord.waitFor("second identify", identified, { withinMs: 15_000 });
    expect((await help()).answer).toMatchObject({ type: 5 });
  });

  it("stops at once, with what it was just answering", async () => {
    const { discord, gateway, help, takeSlowly } = await world();
    const it = gateway();
    await it.start();
    takeSlowly(300);
    const asked = help();
    await sleep(100);
    const startedMs = performance.now();
    await it.stop();
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect((await asked).answer).toMatchObject({ type: 5 });
    await connections(discord, 0);
  });

  it("stops within two seconds while Discord is away, and for good", {
    timeout: 15_000,
  }, async () => {
    const { discord, gateway } = await world();
    const it = gateway();
    await it.start();
    await discord.proxy.goAway();
    await sleep(700);
    const startedMs = performance.now();
    await it.stop();
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    await discord.proxy.comeBack();
    await sleep(1_500);
    expect(discord.proxy.gateway.connections()).toBe(0);
  });
});
