import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commands } from "#commands";
import { discordCommands } from "../../adapters/discord/register.ts";
import { flatPicture } from "../fixtures/flat-picture.ts";
import type { Delivery } from "../servers/discord-deliveries.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { recordOf } from "../servers/json-record.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { atelierProcesses } from "./atelier-process.ts";
import type { DiscordMessage } from "./discord-screen.ts";
import { type DiscordWorld, discordWorlds } from "./discord-world.ts";
import { onModelServer } from "./on-model-server.ts";
import { type SlowStore, startSlowStore } from "./slow-store.ts";

const processes = atelierProcesses();
const worlds = discordWorlds();
const { studio } = DISCORD_CHANNELS;
const { ana, ben, cleo } = DISCORD_USERS;
/** What Discord waits for. */
const FIRST_RESPONSE_MS = 3_000;
const red = { name: "red.png", bytes: await flatPicture([208, 0, 0]) };
/** Longer than a first response may take. */
const SLOW_MS = 3_500;

function expectInTime({ tookMs, id }: Delivery): void {
  expect(tookMs, id).not.toBeNull();
  expect(tookMs).toBeLessThan(FIRST_RESPONSE_MS);
}

describe.each(["gateway", "http"] as const)(
  "the first response over %s",
  { timeout: 60_000 },
  (transport) => {
    let discord: DiscordWorld;
    let model: ModelServer;
    let store: SlowStore;

    beforeAll(async () => {
      [discord, model, store] = await Promise.all([
        worlds.start({ transport }),
        startModelServer(),
        startSlowStore(),
      ]);
      await discord.register(discordCommands(commands));
      await processes.start({
        environment: {
          ...discord.environment,
          ...onModelServer(model),
          ...store.environment,
          RATE_MODEL_CONCURRENCY: "16",
        },
      });
      return async () => {
        await Promise.all([model.close(), store.close()]);
      };
    });
    beforeEach(() => {
      store.setDelayMs(0);
      store.setBroken(false);
      model.setLatencyMs(0);
      discord.proxy.faults.clear();
      return () => expect(discord.proxy.deliveries.late()).toEqual([]);
    });

    it("comes in time while the store is slow, and the answer follows", async () => {
      await discord.command(ben, studio, "/help");
      const help = await discord.waitForEphemeral(ben, studio, "/imagine");
      store.setDelayMs(SLOW_MS);
      const deliveries = await Promise.all([
        discord.command(ana, studio, "/imagine a slow snail"),
        discord.command(cleo, studio, "/help"),
        discord.command(cleo, studio, "/history"),
      ]);
      store.setDelayMs(0);
      deliveries.forEach(expectInTime);
      await discord.waitForMessage(studio, "a slow snail");
      await discord.waitForEphemeral(cleo, studio, help.shown);
      await discord.waitForEphemeral(cleo, studio, /history|Nothing|pictures/iu);
    });

    it("comes in time while the store is slow, also for forms, which cannot open later", async () => {
      const said = await discord.upload(ben, studio, [red]);
      await discord.command(ben, studio, "/restyle");
      await discord.waitForModal(ben);
      store.setDelayMs(SLOW_MS);
      const sent = discord.submitModal(ben, { fields: { Prompt: "as a slow sloth" } });
      // What it takes with it does not fit into the form itself.
      const opened = discord.messageCommand(ana, "Restyle this picture", said);
      for (const delivery of await Promise.all([sent, opened])) expectInTime(delivery);
      store.setDelayMs(0);
      await discord.waitForEphemeral(ana, studio, "The form took too long to open. Try it again.");
      expect(discord.modal(ana)).toBeNull();
      await discord.waitForEphemeral(ben, studio, /no picture/u);
    });

    it("says at once that the store does not work, and later when that is found out later", async () => {
      store.setBroken(true);
      expectInTime(await discord.command(ana, studio, "/imagine a closed shop"));
      const { shown } = await discord.waitForEphemeral(ana, studio, /again|broke/u);
      expect(shown).not.toContain("DynamoDB");
      store.setDelayMs(SLOW_MS / 2);
      const late = await discord.command(ben, studio, "/imagine a slowly closing shop");
      expectInTime(late);
      // What was deferred for everyone is gone: only its person reads why.
      const isAnswer = ({ raw }: DiscordMessage) =>
        recordOf(raw.interaction_metadata).id === late.id;
      await discord.waitForEphemeral(
        ben,
        studio,
        (m) => isAnswer(m) && /again|broke/u.test(m.shown),
      );
      expect((await discord.messages(studio)).filter(isAnswer)).toEqual([]);
    });

    it("comes in time while Discord takes no other calls", async () => {
      discord.proxy.faults.failWith("edit_response", 503, 2);
      expectInTime(await discord.command(ana, studio, "/imagine a heavy gate"));
      await discord.waitForMessage(studio, "a heavy gate");
    });

    // Last: what it has drawn takes until after the suite.
    it("comes in time while the model is slow, for everyone", async () => {
      model.setLatencyMs(30_000);
      const calls = () =>
        model.calls.filter(({ body }) => /mountain|hill/u.test(String(body.prompt)));
      const typed: Delivery[] = [];
      for (let n = 0; n < 5; n += 1) {
        typed.push(await discord.command(cleo, studio, `/imagine a mountain ${n}`));
      }
      typed.push(await discord.command(ben, studio, "/imagine a hill"));
      typed.forEach(expectInTime);
      // Three of hers at once; the others wait.
      await discord.waitFor("calls", () => (calls().length === 4 ? true : null));
      expectInTime(await discord.command(ana, studio, "/help"));
      expect(discord.proxy.calls.problems()).toEqual([]);
    });
  },
);
