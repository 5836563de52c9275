import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { recordOf } from "../servers/json-record.ts";
import { type AtelierProcess, atelierProcesses } from "./atelier-process.ts";
import { linksIn } from "./discord-screen.ts";
import { type DiscordWorld, discordWorlds } from "./discord-world.ts";

const REGISTER = fileURLToPath(new URL("../../infra/register.ts", import.meta.url));
const TSX = createRequire(import.meta.url).resolve("tsx");
const { ana, ben } = DISCORD_USERS;
const { studio, attic } = DISCORD_CHANNELS;
const processes = atelierProcesses();
const worlds = discordWorlds();

describe.each(["gateway", "http"] as const)("a slash command over %s", (transport) => {
  let discord: DiscordWorld;
  let atelier: AtelierProcess;

  /** `npm run register`, without blocking the Discord that it talks to. */
  async function register(): Promise<string> {
    return new Promise((resolve, reject) => {
      const env = { ...discord.environment, PATH: process.env.PATH ?? "" };
      const run = ["--import", TSX, REGISTER];
      execFile(process.execPath, run, { env, cwd: tmpdir() }, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(stderr)),
      );
    });
  }

  beforeAll(async () => {
    discord = await worlds.start({ transport });
    await register();
    atelier = await processes.start({
      environment: { ...discord.environment, DISCORD_SPOILERS: "age-restricted" },
    });
  });

  const drawn = (channel: string, text: string) =>
    discord.waitForMessage(channel, (m) => m.shown.includes(text) && m.pictureIds.length > 0);

  it("is registered by a script that writes only what differs", async () => {
    expect(await register()).toContain("as they are");
  });

  it("is deferred at once, and its message becomes all there is to see", async () => {
    const before = (await discord.messages(studio)).length;
    const typed = "/imagine a red fox --ar 16:9 --no text --count 4 --seed 7";
    const { tookMs, answer } = await discord.command(ana, studio, typed);
    expect(tookMs).toBeLessThan(3_000);
    expect(answer).toMatchObject({ type: 5, data: {} });
    const message = await drawn(studio, "a red fox");
    expect((await discord.messages(studio)).length).toBe(before + 1);
    expect(message.shown).toContain("16:9 · seeds 7, 8, 9, 10 · without text");
    expect(message.pictureIds).toHaveLength(4);
    expect(message.alts[1]).toBe("a red fox (Sketch (built in), seed 8, picture 2 of 4)");
    expect(message.buttons).toEqual([
      "Re-roll",
      "Vary",
      "Restyle",
      "Edit",
      "New link",
      "Info",
      "Delete",
    ]);
    const bytes = await discord.fileBytes(message.pictureIds[0] ?? "");
    const { width, height } = await sharp(bytes).metadata();
    expect([width, height]).toEqual([1344, 756]);
  });

  it("in private is seen by its person alone, until they share it", async () => {
    const { answer } = await discord.command(ana, studio, "/imagine a surprise party --private");
    // Nothing can make it so later.
    expect(answer).toMatchObject({ type: 5, data: { flags: 64 } });
    const isResult = (m: { shown: string; pictureIds: readonly string[] }) =>
      m.shown.includes("a surprise party") && m.pictureIds.length > 0;
    const own = await discord.waitForEphemeral(ana, studio, isResult);
    expect((await discord.messages(studio)).filter(isResult)).toEqual([]);
    expect((await discord.ephemeral(ben, studio)).filter(isResult)).toEqual([]);
    await discord.press(ana, own, "Share to channel");
    const shared = await discord.waitForMessage(studio, isResult);
    expect(shared.buttons).not.toContain("Share to channel");
  });

  it("that is not right is answered at once, for its person only, with what to do", async () => {
    await discord.command(ana, studio, "/imagine a fox --style crayon");
    await discord.waitForEphemeral(ana, studio, "There is no style “crayon”");
    await discord.command(ana, studio, "/help");
    await discord.waitForEphemeral(ana, studio, "I draw pictures from words");
  });

  it("hides its pictures in the channels that the settings name, and only there", async () => {
    await discord.command(ben, attic, "/imagine a cobweb --count 2");
    expect((await drawn(attic, "a cobweb")).spoilers).toEqual([true, true]);
    await discord.command(ben, studio, "/imagine a bright window");
    const window = await drawn(studio, "a bright window");
    expect(window.spoilers).toEqual([false]);
    // The link to a single picture is a button.
    expect(window.buttons.at(-1)).toBe("Full resolution");
    const [link = ""] = linksIn(window);
    expect((await fetch(link)).headers.get("content-type")).toBe("image/jpeg");
  });

  it("leaves nothing that Discord refused, and no secret in the log", async () => {
    expect(discord.proxy.calls.refusals()).toEqual([]);
    const said = discord.proxy.calls.all
      .map(({ body }) => recordOf(recordOf(body).data ?? body))
      .filter(({ components }) => components !== undefined);
    expect(said.length).toBeGreaterThan(8);
    for (const body of said) expect(body).toMatchObject({ allowed_mentions: { parse: [] } });
    const output = atelier.output();
    for (const secret of [discord.environment.DISCORD_TOKEN ?? "", "cobweb", "surprise"]) {
      expect(output).not.toContain(secret);
    }
  });
});
