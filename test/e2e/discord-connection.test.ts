import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commands } from "#commands";
import { discordCommands } from "../../adapters/discord/register.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import { type DiscordWorld, discordWorlds } from "./discord-world.ts";
import { onModelServer } from "./on-model-server.ts";

const processes = atelierProcesses();
const worlds = discordWorlds();
const { studio } = DISCORD_CHANNELS;
const { ana, ben, cleo } = DISCORD_USERS;

describe("the connection to Discord's gateway", { timeout: 60_000 }, () => {
  let discord: DiscordWorld;
  let model: ModelServer;
  let atelier: AtelierProcess;

  beforeAll(async () => {
    const start = worlds.start({ transport: "gateway" });
    [discord, model] = await Promise.all([start, startModelServer()]);
    await discord.register(discordCommands(commands));
    atelier = await processes.start({
      environment: { ...discord.environment, ...onModelServer(model) },
    });
    return () => model.close();
  });
  beforeEach(() => {
    model.reset();
    model.setLatencyMs(0);
    discord.proxy.faults.clear();
    discord.proxy.calls.clear();
  });
  afterEach(() => {
    expect(discord.proxy.calls.refusals()).toEqual([]);
  });

  const pictured = (prompt: string) =>
    discord.waitForMessage(studio, (m) => m.shown.includes(prompt) && m.pictureIds.length > 0);
  const paidFor = (prompt: string) =>
    model.calls.filter(({ body }) => String(body.prompt).includes(prompt)).length;
  const times = (what: RegExp) =>
    discord.proxy.gateway.happened.filter((event) => what.test(event)).length;

  async function begin(prompt: string): Promise<void> {
    model.setLatencyMs(2_000);
    const call = model.nextCall();
    await discord.command(ana, studio, `/imagine ${prompt}`);
    await call;
  }

  it("breaks in mid-job: the result comes, and what was typed meanwhile is taken once", async () => {
    const resumed = times(/^resume/u);
    await begin("a torn sail");
    discord.proxy.gateway.cut();
    const meanwhile = [
      discord.command(ben, studio, "/imagine a mended sail"),
      discord.command(cleo, studio, "/imagine a spare sail"),
    ];
    await pictured("a torn sail");
    for (const { tookMs } of await Promise.all(meanwhile)) expect(tookMs).toBeLessThan(3_000);
    await pictured("a mended sail");
    await pictured("a spare sail");
    expect(times(/^resume/u)).toBe(resumed + 1);
    expect(paidFor("sail")).toBe(3);
  });

  it("is asked to come again while commands come: each of them runs once", async () => {
    const people = [ana, ben, cleo, ana, ben, cleo];
    const typed = people.map((user, n) => discord.command(user, studio, `/imagine moved ${n}`));
    discord.proxy.gateway.askReconnect();
    await Promise.all(typed);
    await Promise.all(people.map((_, n) => pictured(`moved ${n}`)));
    expect(paidFor("moved")).toBe(people.length);
    expect(discord.proxy.gateway.connections()).toBe(1);
  });

  it("breaks and Discord has forgotten the session: a new one is begun, and the job goes on", async () => {
    const identified = times(/^identify/u);
    await begin("a new sloop");
    discord.proxy.gateway.forgetSessions();
    discord.proxy.gateway.cut();
    await pictured("a new sloop");
    const isBack = () => (times(/^identify/u) > identified ? true : null);
    await discord.waitFor("new session", isBack);
    await discord.command(ben, studio, "/imagine the next sloop");
    await pictured("the next sloop");
    expect(paidFor("sloop")).toBe(2);
  });

  it("breaks because Discord is gone altogether: it is back when Discord is, and loses nothing", async () => {
    const connected = times(/^connect/u);
    await begin("a long eclipse");
    await discord.proxy.goAway();
    const isDrawn = () => (paidFor("a long eclipse") === 1 ? true : null);
    await discord.waitFor("drawing", isDrawn);
    await discord.proxy.comeBack();
    const isBack = () => (times(/^connect/u) > connected ? true : null);
    await discord.waitFor("connection", isBack, { withinMs: 30_000 });
    await discord.command(ben, studio, "/imagine after the eclipse");
    await pictured("after the eclipse");
    await pictured("a long eclipse");
    expect(paidFor("a long eclipse")).toBe(1);
  });

  it("and all that went wrong with it left the process alive", async () => {
    expect((await atelier.request("/healthz")).status).toBe(200);
    expect(discord.proxy.deliveries.late()).toEqual([]);
  });
});
