import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import { discordCommands } from "../../adapters/discord/register.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { atelierProcesses } from "./atelier-process.ts";
import { discordWorlds } from "./discord-world.ts";

const processes = atelierProcesses();
const worlds = discordWorlds();
const { studio } = DISCORD_CHANNELS;
const { ana } = DISCORD_USERS;
const WRONG_TOKEN = "MTEwMDAwMDAwMDAwMDAwMDQwMA.Gwrong.a-token-that-was-reset-long-ago-00000";

describe("the start with Discord", { timeout: 60_000 }, () => {
  it("ends with a sentence that names the token that Discord does not take", async () => {
    const { environment } = await worlds.start({ transport: "gateway" });
    const { code, output } = await processes.startInVain({
      environment: { ...environment, DISCORD_TOKEN: WRONG_TOKEN },
    });
    expect(code).toBe(1);
    expect(output).toContain("DISCORD_TOKEN");
    expect(output).not.toContain(WRONG_TOKEN);
    expect(output).not.toMatch(/^\s+at /mu);
  });

  it("ends with a sentence that names the public key that is none", async () => {
    const { environment } = await worlds.start({ transport: "http" });
    const { code, output } = await processes.startInVain({
      environment: { ...environment, DISCORD_PUBLIC_KEY: "no-key" },
    });
    expect(code).toBe(1);
    expect(output).toContain("DISCORD_PUBLIC_KEY");
    expect(output).not.toMatch(/^\s+at /mu);
  });

  it("while Discord is away serves the page, and signs in by itself later", async () => {
    const discord = await worlds.start({ transport: "gateway" });
    await discord.register(discordCommands(commands));
    await discord.proxy.goAway();
    const atelier = await processes.start({ environment: discord.environment });
    expect((await atelier.request("/")).status).toBe(200);
    expect((await atelier.command("/imagine a page of its own")).status).toBe("done");
    expect(atelier.logs()).toContainEqual(
      expect.objectContaining({ msg: "Discord cannot be reached; trying again" }),
    );
    await discord.proxy.comeBack();
    const isOn = () => atelier.logs().find(({ msg }) => msg === "connected to Discord");
    await discord.waitFor("sign-in", isOn, { withinMs: 30_000 });
    await discord.command(ana, studio, "/imagine a late arrival");
    await discord.waitForMessage(studio, ({ pictureIds }) => pictureIds.length > 0);
  });

  it("while Discord is away for good ends in time all the same", async () => {
    const discord = await worlds.start({ transport: "gateway" });
    await discord.proxy.goAway();
    const atelier = await processes.start({ environment: discord.environment });
    const { code, ms } = await atelier.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5_000);
    await discord.proxy.comeBack();
  });
});
