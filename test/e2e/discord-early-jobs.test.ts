import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commands } from "#commands";
import { discordCommands } from "../../adapters/discord/register.ts";
import type { Delivery } from "../servers/discord-deliveries.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { atelierProcesses } from "./atelier-process.ts";
import { type DiscordWorld, discordWorlds } from "./discord-world.ts";

const processes = atelierProcesses();
const worlds = discordWorlds();
const { studio } = DISCORD_CHANNELS;
const { ana, ben } = DISCORD_USERS;

describe.each(["gateway", "http"] as const)(
  "a job that is ahead of its first response over %s",
  { timeout: 60_000 },
  (transport) => {
    let discord: DiscordWorld;

    beforeAll(async () => {
      discord = await worlds.start({ transport });
      await discord.register(discordCommands(commands));
      await processes.start({ environment: discord.environment });
    });
    beforeEach(() => {
      discord.proxy.faults.clear();
      discord.proxy.calls.clear();
    });

    const DELAY_MS = 1_500;
    /** The next first response takes that long to reach Discord, which knows nothing of it before. */
    const delayResponse = (ms: number, times = 1) =>
      discord.proxy.faults.slow(transport === "gateway" ? "callback" : "http_response", ms, times);
    const pictured = (prompt: string) =>
      discord.waitForMessage(studio, (m) => m.shown.includes(prompt) && m.pictureIds.length > 0);

    function expectDelayed(delivery: Delivery) {
      expect(delivery.tookMs).toBeGreaterThan(DELAY_MS - 50);
    }
    /** Over the gateway the bot knows when it is there; over HTTP it tries a few times, ever more rarely. */
    function expectFewTries() {
      const { early, invalidRequests } = discord.proxy.calls;
      expect(early().length).toBeLessThanOrEqual(transport === "gateway" ? 0 : 4);
      expect(invalidRequests()).toBe(0);
    }
    function expectNowhereElse() {
      expect(discord.proxy.calls.of("create_message")).toEqual([]);
      expect(discord.proxy.calls.of("follow_up")).toEqual([]);
      expect(discord.proxy.calls.of("edit_message")).toEqual([]);
    }

    it("waits for it, and a picture that was there at once stands in it", async () => {
      const typed = "/imagine a quick wren --seed 3";
      await discord.command(ana, studio, typed);
      const first = await pictured("a quick wren");
      discord.proxy.calls.clear();
      delayResponse(DELAY_MS);
      expectDelayed(await discord.command(ana, studio, typed));
      const second = await discord.waitForMessage(
        studio,
        ({ id, pictureIds }) => id !== first.id && pictureIds.length > 0,
      );
      expect(second.shown).toContain("a quick wren");
      expectFewTries();
      expectNowhereElse();
      expect(await discord.messages(studio)).toHaveLength(2);
    });

    it("waits for it also where nobody else sees the answer", async () => {
      delayResponse(DELAY_MS);
      expectDelayed(await discord.command(ben, studio, "/help"));
      await discord.waitForEphemeral(ben, studio, "/imagine");
      expectFewTries();
      expectNowhereElse();
    });

    it("hardly ever tries in vain while Discord takes no longer than it should", async () => {
      delayResponse(70, 10);
      for (let n = 0; n < 10; n += 1) {
        const { id } = await discord.command(ben, studio, "/help");
        await discord.waitForEphemeral(
          ben,
          studio,
          ({ raw, isThinking }) => !isThinking && JSON.stringify(raw).includes(id),
        );
      }
      // A busy machine may be late once or twice.
      expect(discord.proxy.calls.early().length).toBeLessThanOrEqual(
        transport === "gateway" ? 0 : 3,
      );
      expect(discord.proxy.calls.refusals()).toEqual([]);
    });

    it("waits for it also when a button's message is to change", async () => {
      await discord.command(ana, studio, "/imagine a brief wren");
      const message = await pictured("a brief wren");
      const before = (await discord.messages(studio)).length;
      discord.proxy.calls.clear();
      delayResponse(DELAY_MS);
      expectDelayed(await discord.press(ana, message, "Delete"));
      const isGone = async () =>
        (await discord.find(message))?.pictureIds.length === 0 ? true : null;
      await discord.waitFor("picture deleted", isGone);
      expect(discord.proxy.calls.of("create_message")).toEqual([]);
      expect(discord.proxy.calls.of("follow_up")).toEqual([]);
      expect(await discord.messages(studio)).toHaveLength(before);
    });
  },
);
