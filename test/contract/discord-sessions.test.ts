import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type DiscordWorld, discordWorlds } from "../e2e/discord-world.ts";
import {
  DISCORD_APP,
  DISCORD_CHANNELS,
  DISCORD_GUILD,
  DISCORD_USERS,
} from "../servers/discord-workspace.ts";
import { parseJson, recordOf, textOf } from "../servers/json-record.ts";
import { connectWebSocket } from "../servers/web-socket.ts";
import { SMALL_BOT_COMMANDS, type SmallBot, startSmallBot } from "./discord-proxy-bot.ts";
import { smallPicture } from "./discord-rest-client.ts";

const { studio, dmOfAna } = DISCORD_CHANNELS;
const { ana } = DISCORD_USERS;
const worlds = discordWorlds();

describe("gateway sessions behind the proxy", () => {
  let discord: DiscordWorld;
  let bot: SmallBot;

  beforeAll(async () => {
    discord = await worlds.start({ transport: "gateway" });
    await discord.register(SMALL_BOT_COMMANDS);
    bot = await startSmallBot(discord.proxy, await smallPicture());
  });
  afterAll(() => bot?.stop());
  afterEach(() => {
    bot.heard.length = 0;
  });

  it("tells what was missed when the line is cut, and everything else of a resumed session", async () => {
    const { gateway } = discord.proxy;
    const before = gateway.happened.length;
    gateway.cut();
    const sent = discord.command(ana, studio, "/imagine", { prompt: "while away" });
    expect((await sent).answer).toMatchObject({ type: 5 });
    await discord.waitForMessage(studio, "while away");
    expect(gateway.happened.slice(before)).toEqual(["connect /gateway/resume", "resume 1"]);
    expect(bot.heard).toEqual(["imagine while away"]);
  });

  it("asks for a reconnect, and resumes", async () => {
    const { gateway } = discord.proxy;
    const before = gateway.happened.length;
    gateway.askReconnect();
    await discord.waitFor(
      "resume",
      () => gateway.happened.slice(before).includes("resume 0") || null,
    );
    await discord.command(ana, studio, "/imagine", { prompt: "after a reconnect" });
    await discord.waitForMessage(studio, "after a reconnect");
  });

  it("forgets a session, and the bot identifies anew", { timeout: 20_000 }, async () => {
    const { gateway } = discord.proxy;
    const before = gateway.happened.length;
    gateway.forgetSessions();
    gateway.cut();
    const isNew = () => gateway.happened.slice(before).includes("identify") || null;
    await discord.waitFor("identify", isNew);
    expect(gateway.happened.slice(before)).toContain("invalid session");
    await discord.command(ana, studio, "/imagine", { prompt: "a new session" });
    await discord.waitForMessage(studio, "a new session");
  });

  it("refuses connections as often as a test asks", { timeout: 30_000 }, async () => {
    const { gateway } = discord.proxy;
    const before = gateway.happened.length;
    gateway.refuseNext(1);
    gateway.cut();
    const isBack = () =>
      gateway.happened.slice(before).some((one) => /^(resume|identify)/u.test(one)) || null;
    await discord.waitFor("new connection", isBack, { withinMs: 25_000 });
    expect(gateway.happened[before]).toBe("refuse connection");
  });

  it("goes away with everything, and comes back at the same address", {
    timeout: 30_000,
  }, async () => {
    const { gateway, goAway, comeBack } = discord.proxy;
    const before = gateway.happened.length;
    await goAway();
    await expect(fetch(`${discord.proxy.apiUrl}/v10/gateway/bot`)).rejects.toThrow();
    await comeBack();
    const isBack = () =>
      gateway.happened.slice(before).some((one) => /^(resume|identify)/u.test(one)) || null;
    await discord.waitFor("new connection", isBack, { withinMs: 25_000 });
    await discord.command(ana, studio, "/imagine", { prompt: "home again" });
    await discord.waitForMessage(studio, "home again");
  });

  it("refuses a wrong token and intents that the app does not have", async () => {
    const { url, gateway } = discord.proxy;
    const identify = async (token: string, intents: number) => {
      const before = gateway.happened.length;
      const socket = await connectWebSocket(`${url.replace("http", "ws")}/gateway`, {
        onText() {},
      });
      socket.send(JSON.stringify({ op: 2, d: { token, intents, properties: {} } }));
      await discord.waitFor("answer", () => gateway.happened.length > before + 1 || null);
      socket.cut();
      return gateway.happened.slice(before + 1);
    };
    expect(await identify("wrong", 1)).toEqual(["refuse 4004"]);
    expect(await identify(DISCORD_APP.botToken, 1 << 15)).toEqual(["refuse 4014"]);
  });

  it("gives each shard what belongs to it", async () => {
    const heard: string[][] = [[], []];
    const { url } = discord.proxy;
    const connect = (index: number) =>
      connectWebSocket(`${url.replace("http", "ws")}/gateway`, {
        onText(message) {
          const { t, d } = recordOf(parseJson(message));
          if (t !== null) heard[index]?.push(`${textOf(t)} ${textOf(recordOf(d).channel_id)}`);
        },
      });
    const sockets = await Promise.all([connect(0), connect(1)]);
    for (const [index, socket] of sockets.entries()) {
      const d = { token: DISCORD_APP.botToken, intents: 1, properties: {}, shard: [index, 2] };
      socket.send(JSON.stringify({ op: 2, d }));
    }
    await discord.waitFor("shards", () => (heard.every(({ length }) => length > 0) ? true : null));
    await discord.command(ana, studio, "/imagine", { prompt: "sharded" });
    await discord.command(ana, dmOfAna, "/imagine", { prompt: "sharded" });
    const ofGuild = Number((BigInt(DISCORD_GUILD.id) >> 22n) % 2n);
    expect(heard[ofGuild]).toContain(`INTERACTION_CREATE ${studio}`);
    expect(heard[1 - ofGuild]).not.toContain(`INTERACTION_CREATE ${studio}`);
    expect(heard[0]).toContain(`INTERACTION_CREATE ${dmOfAna}`);
    expect(heard[1]).not.toContain(`INTERACTION_CREATE ${dmOfAna}`);
    for (const socket of sockets) socket.cut();
  });
});

describe("heartbeats", () => {
  it("that are not answered end the line, and the bot comes back", async () => {
    const discord = await worlds.start({ transport: "gateway" });
    await discord.register(SMALL_BOT_COMMANDS);
    const { gateway } = discord.proxy;
    gateway.heartbeatEvery(200);
    const bot = await startSmallBot(discord.proxy, Buffer.alloc(0));
    const before = gateway.happened.length;
    gateway.turnDeaf();
    await discord.waitFor("reconnection", () => gateway.happened.length > before || null);
    gateway.turnDeaf(false);
    await discord.waitFor("resume", () => gateway.happened.includes("resume 0") || null);
    await bot.stop();
  });
});

describe("a bot that is not there", () => {
  it("hears nothing, and the person reads that it did not answer", async () => {
    const discord = await worlds.start({ transport: "gateway" });
    await discord.register(SMALL_BOT_COMMANDS);
    const sent = await discord.command(ana, studio, "/imagine", { prompt: "anyone?" });
    expect(sent).toMatchObject({ cut: true, answer: null, tookMs: null });
  });
});
