import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commands } from "#commands";
import { createRegistration } from "../../adapters/discord/registration.ts";
import { createDynamodbStateStore } from "../../src/drivers/aws/dynamodb-state-store.ts";
import { processClock } from "../../src/drivers/process/process-runtime.ts";
import { createVideoStore } from "../../src/frames/video-store.ts";
import { type DiscordWorld, discordWorlds } from "../e2e/discord-world.ts";
import {
  DISCORD_APP,
  DISCORD_CHANNELS,
  DISCORD_GUILD,
  DISCORD_USERS,
} from "../servers/discord-workspace.ts";
import { recordOf } from "../servers/json-record.ts";
import { startWebhookDesk, type WebhookDesk } from "./webhook-desk.ts";

const { ana, ben } = DISCORD_USERS;
const { studio } = DISCORD_CHANNELS;
const START_TIMEOUT_MS = 90_000;
const worlds = discordWorlds();

describe("The webhook function and Discord", { timeout: 30_000 }, () => {
  let discord: DiscordWorld;
  let desk: WebhookDesk;

  beforeAll(async () => {
    discord = await worlds.start({ transport: "http" });
    desk = await startWebhookDesk(discord.environment);
    discord.proxy.deliverTo(desk.discordUrl);
    await createRegistration({
      token: DISCORD_APP.botToken,
      applicationId: DISCORD_APP.id,
      guild: DISCORD_GUILD.id,
      apiUrl: discord.proxy.apiUrl,
      commands,
    }).write();
  }, START_TIMEOUT_MS);
  afterAll(() => desk?.close());
  beforeEach(() => discord.proxy.calls.clear());
  afterEach(() => {
    desk.store.setDelayMs(0);
    // Whatever it says, it says in its answers.
    expect(new Set(discord.proxy.calls.methods())).toEqual(new Set(["http_response"]));
    expect(discord.proxy.calls.refusals()).toEqual([]);
    expect(discord.proxy.deliveries.late()).toEqual([]);
  });

  const jobOf = async (prompt: string) =>
    (await desk.jobs()).find(({ args }) => recordOf(args).prompt === prompt);

  it("keeps and queues what a command asks for, and answers that more will come", async () => {
    const { answer, tookMs } = await discord.command(ana, studio, "/imagine a red fox");
    expect(answer?.type).toBe(5);
    expect(tookMs).toBeLessThan(3_000);
    const job = await jobOf("a red fox");
    const identity = `discord:${DISCORD_GUILD.id}:${ana}`;
    expect(job).toMatchObject({ command: "imagine", status: "queued", user: identity });
    const message = { jobId: job?.id, groupId: identity, deduplicationId: job?.id };
    expect(desk.messages()).toContainEqual(message);
  });

  it("leaves pictures that come along to the worker", async () => {
    const image = { name: "fox.png", bytes: Buffer.from("not looked at here") };
    const { answer } = await discord.command(ana, studio, "/restyle", {
      prompt: "in oil, with a picture",
      image,
    });
    expect(answer?.type).toBe(5);
    const job = await jobOf("in oil, with a picture");
    expect(JSON.stringify(job?.args)).toContain("fox.png");
  });

  it("proposes the videos that are in the table", async () => {
    const store = createDynamodbStateStore({
      client: desk.table,
      tables: { state: "atelier", cache: "image-cache", videos: "videos" },
      clock: processClock,
    });
    const nowMs = Date.now();
    await createVideoStore({ state: store, bucket: "atelier-media" }).add({
      id: "0123456789abcdef",
      library: `discord:${DISCORD_GUILD.id}`,
      title: "Harbour tour",
      sourceKey: "videos/0123456789abcdef.mp4",
      mediaType: "video/mp4",
      durationMs: 60_000,
      frameCount: 60,
      status: "ready",
      failure: null,
      space: "demo-p1",
      addedBy: `discord:${DISCORD_GUILD.id}:${ana}`,
      addedAtMs: nowMs,
      indexedAtMs: nowMs,
    });
    const choices = await discord.autocomplete(ben, studio, "findframe", { in: "harb" }, "in");
    expect(choices).toMatchObject([{ name: "Harbour tour", value: "Harbour tour" }]);
  });

  it("proposes the models that the worker draws with", async () => {
    const choices = await discord.autocomplete(ben, studio, "imagine", { model: "" }, "model");
    expect(choices.map(({ name }) => name)).toEqual([
      "Stable Diffusion 3.5 Large",
      "Stable Image Core",
      "Stable Image Ultra",
    ]);
  });

  it("opens a form for a command without words", async () => {
    const { answer } = await discord.command(ben, studio, "/restyle", {});
    expect(answer?.type).toBe(9);
  });

  it("takes an interaction that comes twice once", async () => {
    const first = await discord.command(ana, studio, "/imagine only one");
    await discord.proxy.deliveries.again(first);
    const jobs = (await desk.jobs()).filter(({ args }) => recordOf(args).prompt === "only one");
    expect(jobs).toHaveLength(1);
    expect(desk.messages().filter(({ jobId }) => jobId === jobs[0]?.id)).toHaveLength(1);
  });

  it("says in the answer itself that the store is too slow, so that nobody waits in vain", async () => {
    desk.store.setDelayMs(4_000);
    const { answer, tookMs } = await discord.command(ben, studio, "/imagine much too slow");
    expect(answer?.type).toBe(4);
    expect(JSON.stringify(answer?.data)).toContain("I am slow just now");
    expect(tookMs).toBeLessThan(2_500);
  });

  it("goes on typing without proposals while the store is slow", async () => {
    desk.store.setDelayMs(4_000);
    expect(await discord.autocomplete(ben, studio, "findframe", { in: "harb" }, "in")).toEqual([]);
  });

  it("answers Discord's check of the address, and refuses its wrong ones", async () => {
    const { right, ...wrong } = await discord.proxy.examine();
    expect(right).toBe(200);
    expect(Object.entries(wrong).filter(([, status]) => status !== 401)).toEqual([]);
    await discord.command(ana, studio, "/help");
  });
});
