import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commands } from "#commands";
import { discordCommands } from "../../adapters/discord/register.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { startModelServer } from "../servers/model-server.ts";
import { atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import type { DiscordMessage } from "./discord-screen.ts";
import { type DiscordWorld, discordWorlds } from "./discord-world.ts";
import { onModelServer } from "./on-model-server.ts";

const processes = atelierProcesses();
const worlds = discordWorlds();
const { studio, dmOfAna } = DISCORD_CHANNELS;
const { ana } = DISCORD_USERS;

const transports = ["gateway", "http"] as const;

describe.each(transports)("an interaction's token over %s", { timeout: 60_000 }, (transport) => {
  let discord: DiscordWorld;

  beforeAll(async () => {
    const model = await startModelServer({ latencyMs: 1_000 });
    discord = await worlds.start({ transport });
    await discord.register(discordCommands(commands));
    await processes.start({ environment: { ...discord.environment, ...onModelServer(model) } });
    return () => model.close();
  });
  beforeEach(() => discord.proxy.calls.clear());

  const answers = async (prompt: string) =>
    (await discord.messages(studio)).filter(({ shown }) => shown.includes(prompt));

  it.each([
    [50027, "invalid_webhook_token"],
    [10015, "unknown_webhook"],
  ] as const)(
    "refused with %i in mid-job: the bot itself changes the message",
    async (code, how) => {
      const prompt = `a bridge of ${code}`;
      await discord.command(ana, studio, `/imagine ${prompt}`);
      const message = await discord.waitForMessage(studio, prompt);
      discord.proxy.interactions.expireAll(how);
      const { id } = await discord.waitForMessage(
        studio,
        ({ shown, pictureIds }) => shown.includes(prompt) && pictureIds.length === 1,
      );
      expect(id).toBe(message.id);
      expect(discord.proxy.calls.of("edit_message")).toHaveLength(1);
      expect(discord.proxy.calls.of("create_message")).toEqual([]);
      expect(await answers(prompt)).toHaveLength(1);
    },
  );

  it("refused in mid-job of a private answer: the person reads it in direct messages", async () => {
    await discord.command(ana, studio, "/imagine a hidden bridge --private");
    await discord.waitForEphemeral(ana, studio, "a hidden bridge");
    discord.proxy.interactions.expireAll();
    await discord.waitForMessage(
      dmOfAna,
      ({ shown, pictureIds }) => shown.includes("a hidden bridge") && pictureIds.length === 1,
    );
    expect(await answers("a hidden bridge")).toEqual([]);
  });
});

describe.each(transports)(
  "buttons of an earlier process over %s",
  { timeout: 2 * START_TIMEOUT_MS },
  (transport) => {
    it("work in the next one", async () => {
      const discord = await worlds.start({ transport });
      await discord.register(discordCommands(commands));
      const { environment } = discord;
      const first = await processes.start({ environment });
      await discord.command(ana, studio, "/imagine a wooden bridge --seed 14");
      const message = await discord.waitForMessage(studio, (m) => m.pictureIds.length > 0);
      const isFinished = () => first.logs().find(({ msg }) => msg === "job finished");
      await discord.waitFor("end of the job", isFinished);
      await first.kill();

      await processes.start({ environment, dataDir: first.dataDir });
      await discord.press(ana, message, "Re-roll");
      const isAnother = ({ id, pictureIds }: DiscordMessage) =>
        id !== message.id && pictureIds.length > 0;
      await discord.waitForMessage(studio, isAnother);
      await discord.press(ana, message, "Info");
      await discord.waitForEphemeral(ana, studio, "14");
      await discord.press(ana, message, "Edit");
      await discord.waitForModal(ana);
      await discord.press(ana, message, "Delete");
      const isGone = async () =>
        (await discord.find(message))?.pictureIds.length === 0 ? true : null;
      await discord.waitFor("picture deleted", isGone);
      expect(discord.proxy.calls.refusals()).toEqual([]);
    });
  },
);
