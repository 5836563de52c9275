import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commands } from "#commands";
import { discordCommands } from "../../adapters/discord/register.ts";
import { DISCORD_APP, DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import type { DiscordMessage } from "./discord-screen.ts";
import { type DiscordWorld, discordWorlds } from "./discord-world.ts";
import { onModelServer } from "./on-model-server.ts";

const processes = atelierProcesses();
const worlds = discordWorlds();
const { studio } = DISCORD_CHANNELS;
const { ana } = DISCORD_USERS;
const LONG_MS = 60_000;

describe("a process that ends, on Discord", { timeout: 60_000 }, () => {
  let discord: DiscordWorld;
  let model: ModelServer;
  let environment: Record<string, string>;
  /** The one that runs; each test ends it and leaves the next one. */
  let atelier: AtelierProcess;

  beforeAll(async () => {
    const start = worlds.start({ transport: "gateway" });
    [discord, model] = await Promise.all([start, startModelServer()]);
    await discord.register(discordCommands(commands));
    environment = { ...discord.environment, ...onModelServer(model) };
    atelier = await processes.start({ environment });
    return () => model.close();
  });
  beforeEach(() => {
    model.reset();
    model.setLatencyMs(0);
    discord.proxy.faults.clear();
    discord.proxy.calls.clear();
  });

  const answers = async (prompt: string) =>
    (await discord.messages(studio)).filter(({ shown }) => shown.includes(prompt));
  const pictured = (prompt: string, pictures = 1) =>
    discord.waitForMessage(
      studio,
      ({ shown, pictureIds }) => shown.includes(prompt) && pictureIds.length === pictures,
    );
  const uploading = () =>
    discord.waitFor("upload", () =>
      discord.proxy.calls.of("edit_response").find(({ files }) => files.length > 0),
    );

  async function startNext(): Promise<void> {
    atelier = await processes.start({ environment, dataDir: atelier.dataDir });
  }

  /** Its message, drawn for one second yet. */
  async function begun(prompt: string): Promise<DiscordMessage> {
    model.setLatencyMs(1_000);
    await discord.command(ana, studio, `/imagine ${prompt}`);
    return discord.waitForMessage(studio, prompt.replace(/ --.*/u, ""));
  }

  async function expectInPlaceOf(first: DiscordMessage, prompt: string, pictures: number) {
    const last = await pictured(prompt, pictures);
    expect(last.id).toBe(first.id);
    expect(await answers(prompt)).toHaveLength(1);
    expect(discord.proxy.calls.refusals()).toEqual([]);
  }

  it("killed while it draws: the next one draws the rest into the same message", async () => {
    model.next({}, {}, { delayMs: LONG_MS, times: 2 });
    await discord.command(ana, studio, "/imagine half a bridge --count 4 --seed 10");
    const isHalfDone = ({ shown }: DiscordMessage) =>
      shown.includes("half a bridge") && shown.includes("2 of 4");
    const message = await discord.waitForMessage(studio, isHalfDone);
    await discord.waitFor("calls", () => (model.calls.length === 4 ? true : null));
    await atelier.kill();
    model.reset();

    await startNext();
    await expectInPlaceOf(message, "half a bridge", 4);
    // The two that were stored are not paid for again.
    expect(model.calls).toHaveLength(2);
  });

  it("killed while it uploads: the next one shows what was drawn and pays nothing", async () => {
    const message = await begun("a finished bridge --seed 11");
    discord.proxy.faults.slow("edit_response", LONG_MS);
    await uploading();
    await atelier.kill();

    await startNext();
    await expectInPlaceOf(message, "a finished bridge", 1);
    expect(model.calls).toHaveLength(1);
  });

  it("killed after its answer was shown, before it knew: nothing is shown twice", async () => {
    const message = await begun("a shown bridge --seed 12");
    discord.proxy.faults.loseAnswer("edit_response", 10);
    await pictured("a shown bridge");
    await atelier.kill();
    discord.proxy.faults.clear();

    await startNext();
    // What it took over is at its end before anything new is.
    await discord.command(ana, studio, "/imagine the bridge after it");
    await pictured("the bridge after it");
    await expectInPlaceOf(message, "a shown bridge", 1);
    expect(model.calls).toHaveLength(2);
  });

  it("killed, and its token dead when the next one runs: the bot itself changes the message", async () => {
    model.setLatencyMs(LONG_MS);
    const call = model.nextCall();
    await discord.command(ana, studio, "/imagine a lost bridge --seed 15");
    const message = await discord.waitForMessage(studio, "a lost bridge");
    await call;
    await atelier.kill();
    model.setLatencyMs(0);
    discord.proxy.interactions.expireAll();

    await startNext();
    const { id } = await pictured("a lost bridge");
    expect(id).toBe(message.id);
    expect(await answers("a lost bridge")).toHaveLength(1);
  });

  it("asked to stop in mid-job: it ends in time, and the next one draws into the same message", async () => {
    model.setLatencyMs(LONG_MS);
    const call = model.nextCall();
    await discord.command(ana, studio, "/imagine a slow bridge --seed 13");
    const message = await discord.waitForMessage(studio, "a slow bridge");
    await call;
    const { code, ms } = await atelier.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
    expect(atelier.logs().filter(({ level }) => level === "error")).toEqual([]);
    model.setLatencyMs(0);

    await startNext();
    await expectInPlaceOf(message, "a slow bridge", 1);
  });

  it("leaves neither prompts nor tokens in its log", async () => {
    const isFinished = () => atelier.logs().find(({ msg }) => msg === "job finished");
    await discord.waitFor("end of the job", isFinished);
    const log = atelier.output();
    expect(log).not.toContain("bridge");
    expect(log).not.toContain(DISCORD_APP.botToken);
    for (const { token } of discord.proxy.interactions.all()) expect(log).not.toContain(token);
  });

  it("connected and with nothing to do: it ends at once, and the connection with it", async () => {
    const { code, ms } = await atelier.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5_000);
    expect(discord.proxy.gateway.connections()).toBe(0);
    await startNext();
  });
});
