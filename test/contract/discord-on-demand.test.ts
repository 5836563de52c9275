import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createDiscordAdapter } from "#adapters/discord";
import { commands } from "#commands";
import { discordCommands } from "../../adapters/discord/register.ts";
import { createAdapterNotes } from "../../src/adapter-notes.ts";
import { createDispatch } from "../../src/dispatch.ts";
import { processClock as clock, newRandomId } from "../../src/drivers/process/process-runtime.ts";
import { createIntake } from "../../src/intake.ts";
import { type DiscordWorld, discordWorlds } from "../e2e/discord-world.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { serveOnDemand } from "../fixtures/on-demand-server.ts";
import { quietLog as log, quietMetrics } from "../fixtures/quiet.ts";
import { createWorkshop } from "../fixtures/workshop.ts";
import { DISCORD_APP, DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { smallPicture } from "./discord-rest-client.ts";

const { studio } = DISCORD_CHANNELS;
const { ana, ben } = DISCORD_USERS;
const worlds = discordWorlds();

describe("Discord in processes that start for a request", () => {
  let storage: EmbeddedStorage;
  let discord: DiscordWorld;

  beforeAll(async () => {
    storage = await openEmbeddedStorage();
    discord = await worlds.start({ transport: "http" });
    await discord.register(discordCommands(commands));
  });
  beforeEach(() => discord.proxy.calls.clear());
  afterAll(() => storage.close());

  /** One start of the process, which takes what comes and runs nothing. */
  async function wake() {
    const workshop = createWorkshop(storage, { clock });
    const { services, state } = workshop;
    const adapter = createDiscordAdapter({
      token: DISCORD_APP.botToken,
      applicationId: DISCORD_APP.id,
      publicKey: DISCORD_APP.publicKey,
      spoilers: [],
      apiUrl: discord.proxy.apiUrl,
      services,
      intake: createIntake(services),
      notes: createAdapterNotes({ state, clock, platform: "discord" }),
      isOnDemand: true,
      clock,
      log,
      newId: newRandomId,
    });
    onTestFinished(() => adapter.close?.());
    await adapter.start?.();
    return { adapter, workshop };
  }

  /** Where Discord calls: each of its requests is answered, and then nothing is done any more. */
  async function listen({ adapter, workshop }: Awaited<ReturnType<typeof wake>>) {
    discord.proxy.deliverTo(`${await serveOnDemand(adapter)}/discord/interactions`);
    return workshop;
  }

  it("hears from the one that takes a command nothing but its first response", async () => {
    const { services } = await listen(await wake());
    const image = { name: "fox.png", bytes: await smallPicture() };
    const { answer } = await discord.command(ana, studio, "/restyle", {
      prompt: "as a woodcut",
      image,
    });
    expect(answer).toMatchObject({ type: 5 });
    expect(discord.proxy.calls.methods()).toEqual(["http_response"]);

    // Another process runs it, and opens what came along.
    const [job] = await services.jobs.listOpen(10);
    const file = job?.args.image;
    if (job === undefined || typeof file !== "object") throw new Error("There is no such job.");
    const { adapter } = await wake();
    expect(await adapter.openAttachment(file, job)).toMatchObject({ widthPx: 64, heightPx: 32 });
    expect(discord.proxy.calls.methods()).toContain("download");
  });

  it("hears from the one that runs a job nothing but edits of the first response, once that is there", async () => {
    const { services } = await listen(await wake());
    const { adapter, workshop } = await wake();
    const adapters = new Map([[adapter.platform, adapter]]);
    const { services: ofWorker } = workshop;
    const dispatch = createDispatch({ services: ofWorker, adapters, log, metrics: quietMetrics });
    const DELAY_MS = 1_500;
    discord.proxy.faults.slow("http_response", DELAY_MS, 1);
    const before = new Set((await services.jobs.listOpen(10)).map(({ id }) => id));
    const given = discord.command(ben, studio, "/help");
    const isNew = ({ id }: { id: string }) => !before.has(id);
    const job = await discord.waitFor("job", async () =>
      (await services.jobs.listOpen(10)).find(isNew),
    );
    // Long before Discord has made the message that it is to change.
    await workshop.jobs.change(job, { owner: workshop.jobs.owner });
    await dispatch(job.id, new AbortController().signal);
    expect((await given).tookMs).toBeGreaterThan(DELAY_MS - 50);
    await discord.waitForEphemeral(ben, studio, "/imagine");
    const { early, of, refusals } = discord.proxy.calls;
    expect(early().length).toBeGreaterThan(0);
    expect([...of("create_message"), ...of("follow_up"), ...of("create_dm")]).toEqual([]);
    expect(refusals()).toEqual([]);
  });
});
