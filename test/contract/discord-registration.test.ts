import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commands } from "#commands";
import { createRegistration } from "../../adapters/discord/registration.ts";
import { type DiscordWorld, discordWorlds } from "../e2e/discord-world.ts";
import {
  DISCORD_APP,
  DISCORD_CHANNELS,
  DISCORD_GUILD,
  DISCORD_USERS,
} from "../servers/discord-workspace.ts";

const worlds = discordWorlds();
let discord: DiscordWorld;

beforeAll(async () => {
  discord = await worlds.start({ transport: "gateway" });
});
beforeEach(async () => {
  await discord.register([]);
  await discord.register([], DISCORD_GUILD.id);
  discord.proxy.calls.clear();
});

function registration(
  more: Partial<Parameters<typeof createRegistration>[0]> = {},
): ReturnType<typeof createRegistration> {
  return createRegistration({
    token: DISCORD_APP.botToken,
    applicationId: DISCORD_APP.id,
    guild: undefined,
    apiUrl: discord.proxy.apiUrl,
    commands,
    ...more,
  });
}

describe("registering the commands", () => {
  it("makes them all, everywhere, and a second time finds nothing to do", async () => {
    const added = await registration().compare();
    expect(added.every(({ kind }) => kind === "added")).toBe(true);
    expect(added.map(({ command }) => command)).toEqual(
      expect.arrayContaining(["/imagine", "/restyle", "/help", "Restyle this picture", "Info"]),
    );
    expect(discord.proxy.commands.list("", true)).toEqual([]);
    await registration().write();
    expect(discord.proxy.calls.refusals()).toEqual([]);
    expect(discord.proxy.commands.list("", true)).toHaveLength(added.length);
    expect(await registration().compare()).toEqual([]);
  });

  it("in one server leaves those that are everywhere alone, and finds nothing to do either", async () => {
    const inServer = registration({ guild: DISCORD_GUILD.id });
    await inServer.write();
    expect(discord.proxy.commands.list("", true)).toEqual([]);
    expect(discord.proxy.commands.list(DISCORD_GUILD.id, true).length).toBeGreaterThan(3);
    expect(await inServer.compare()).toEqual([]);
    expect(discord.proxy.calls.refusals()).toEqual([]);
  });

  it("takes away what is not ours any more, and keeps the ids of what stays", async () => {
    await discord.register([
      { name: "paint", description: "Paint" },
      { name: "help", description: "Old" },
    ]);
    const idOf = (name: string) =>
      discord.proxy.commands.list("", true).find((command) => command.name === name)?.id;
    const before = idOf("help");
    const changes = await registration().compare();
    expect(changes).toContainEqual({ kind: "removed", command: "/paint", details: [] });
    expect(changes.find(({ command }) => command === "/help")?.details).toContain(
      'description: "Old" → "What I can do, or how to write one command."',
    );
    await registration().write();
    expect(idOf("paint")).toBeUndefined();
    expect(idOf("help")).toBe(before);
  });

  it("compares the languages too", async () => {
    const localize = () => ({ descriptions: { de: "Beschreibung" } });
    await registration({ localize }).write();
    expect(await registration({ localize }).compare()).toEqual([]);
    expect((await registration().compare()).length).toBeGreaterThan(3);
  });

  it("makes commands that a person can give, with the options of their declarations", async () => {
    await registration().write();
    const { payload } = await discord.command(
      DISCORD_USERS.ana,
      DISCORD_CHANNELS.studio,
      "/imagine a red fox --ar 16:9 --private",
    );
    expect(payload).toMatchObject({ type: 2, data: { name: "imagine" } });
  });

  it("says which setting is wrong", async () => {
    const wrong = [
      [{ token: `${DISCORD_APP.botToken}x` }, "DISCORD_TOKEN"],
      [{ applicationId: "1" }, "DISCORD_APPLICATION_ID"],
      [{ guild: "1" }, "DISCORD_GUILD_ID"],
    ] as const;
    for (const [part, name] of wrong) {
      const read = registration(part).compare();
      await expect(read).rejects.toMatchObject({
        kind: "misconfigured",
        message: expect.stringContaining(name),
      });
    }
  });

  it("says that Discord is away when it is", { timeout: 15_000 }, async () => {
    discord.proxy.faults.failWith("list_commands", 503, 9);
    await expect(registration().compare()).rejects.toMatchObject({ kind: "unavailable" });
    discord.proxy.faults.clear();
  });
});

describe("npm run register", () => {
  const root = join(import.meta.dirname, "../..");

  async function run(flags: readonly string[] = [], without: string = "") {
    const { [without]: _, ...settings } = { ...discord.environment };
    const environment = { ...settings, PATH: process.env.PATH };
    const script = ["--no-warnings", "--import", "tsx", "infra/register.ts", ...flags];
    const child = spawn(process.execPath, script, { cwd: root, env: environment });
    const ended = once(child, "exit");
    const [output, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await ended;
    return { output, complaint, code };
  }

  it("says what it would change, changes it, and then has nothing to do", {
    timeout: 60_000,
  }, async () => {
    const inServer = () => discord.proxy.commands.list(DISCORD_GUILD.id, true).length;
    const dry = await run(["--dry-run"]);
    expect(dry.complaint).toBe("");
    expect(dry.output).toContain(`To change in the server ${DISCORD_GUILD.id}:\n+ /imagine\n`);
    expect(inServer()).toBe(0);

    const wet = await run();
    expect(wet.output).toBe(dry.output.replace("To change", "Changed"));
    expect(inServer()).toBeGreaterThan(3);

    const writes = discord.proxy.commands.writes();
    expect((await run()).output).toContain("Discord has all commands");
    expect(discord.proxy.commands.writes()).toBe(writes);
  });

  it("makes them everywhere when no server is set, and says what is missing", {
    timeout: 60_000,
  }, async () => {
    const everywhere = await run([], "DISCORD_GUILD_ID");
    expect(everywhere.output).toContain("Changed everywhere:\n+ /imagine\n");
    expect(discord.proxy.commands.list("", true).length).toBeGreaterThan(3);
    expect(discord.proxy.commands.list(DISCORD_GUILD.id, true)).toEqual([]);

    const { output, complaint, code } = await run([], "DISCORD_TOKEN");
    expect([output, code]).toEqual(["", 1]);
    expect(complaint).toContain("Set DISCORD_TOKEN and DISCORD_APPLICATION_ID first");
    expect(complaint).not.toMatch(/^\s+at /mu);
  });
});
