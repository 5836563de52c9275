import { beforeAll, describe, expect, it } from "vitest";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import { type DiscordStudio, discordStudios, drawn } from "./discord-studio.ts";

const { ana } = DISCORD_USERS;
const { studio } = DISCORD_CHANNELS;
const studios = discordStudios();

describe.each(["gateway", "http"] as const)("a job that waits, over %s", (transport) => {
  let discord: DiscordStudio["discord"];
  let model: DiscordStudio["model"];

  beforeAll(async () => {
    ({ discord, model } = await studios.open({ transport }));
  }, START_TIMEOUT_MS);

  it("says its place in line, can be cancelled there, and is drawn in the same message", async () => {
    model.setLatencyMs(3_000);
    for (const name of ["first", "second", "third", "fourth", "fifth"]) {
      await discord.command(ana, studio, `/imagine the ${name} hare`);
    }
    const next = await discord.waitForMessage(studio, "Queued, next in line.");
    const last = await discord.waitForMessage(studio, "Queued, 2nd in line.");
    await discord.press(ana, last, "Cancel");
    await discord.waitForMessage(studio, (m) => m.id === last.id && m.text === "Cancelled.");
    const hare = await discord.waitForMessage(studio, drawn("the fourth hare"));
    expect(hare.id).toBe(next.id);
    expect(await discord.messages(studio)).toHaveLength(5);
    const prompts = model.calls.map(({ body }) => body.prompt);
    expect(prompts).not.toContain("the fifth hare");
  });
});
