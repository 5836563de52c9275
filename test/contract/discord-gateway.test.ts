import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type DiscordWorld, discordWorlds } from "../e2e/discord-world.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { recordOf, textOf } from "../servers/json-record.ts";
import { SMALL_BOT_COMMANDS, type SmallBot, startSmallBot } from "./discord-proxy-bot.ts";

const { studio, drafts, thread, dmOfAna } = DISCORD_CHANNELS;
const { ana, ben } = DISCORD_USERS;
const worlds = discordWorlds();

describe("discord.js over the gateway behind the proxy", () => {
  let discord: DiscordWorld;
  let bot: SmallBot;
  let picture: Buffer;

  beforeAll(async () => {
    const create = { width: 64, height: 32, channels: 3 as const, background: "#c04020" };
    picture = await sharp({ create }).png().toBuffer();
    discord = await worlds.start({ transport: "gateway" });
    await discord.register(SMALL_BOT_COMMANDS);
    bot = await startSmallBot(discord.proxy, picture);
  });
  afterAll(() => bot?.stop());
  afterEach(() => {
    bot.deferAfter(0);
    bot.heard.length = 0;
    discord.proxy.calls.clear();
  });

  it("answers a command with a picture, and everyone sees it", async () => {
    const values = { prompt: "a red fox", ratio: "16:9", count: 2, strength: 0.5 };
    const { answer, tookMs } = await discord.command(ana, studio, "/imagine", values);
    expect(answer).toMatchObject({ type: 5, via: "callback" });
    expect(tookMs).toBeLessThan(3000);
    const isDone = (m: { pictureIds: readonly string[] }) => m.pictureIds.length > 0;
    const message = await discord.waitForMessage(studio, isDone);
    expect(message).toMatchObject({
      text: "**a red fox**",
      buttons: ["Again", "Whisper", "Form"],
      alts: ["a fox"],
      files: [],
      isThinking: false,
    });
    const bytes = await discord.fileBytes(message.pictureIds[0] ?? "");
    expect(bytes.equals(picture)).toBe(true);
    expect(discord.proxy.calls.refusals()).toEqual([]);
  });

  it("shows a private answer to its person alone, and to no one through the channel", async () => {
    await discord.command(ben, studio, "/imagine", { prompt: "a secret", private: true });
    const own = await discord.waitForEphemeral(ben, studio, /a secret/u);
    expect(await discord.ephemeral(ana, studio)).toEqual([]);
    expect((await discord.messages(studio)).map(({ text }) => text).join()).not.toContain("secret");
    const channel = await bot.client.channels.fetch(studio);
    const read = { message: own.id, force: true };
    const fetched = channel?.isTextBased() ? channel.messages.fetch(read) : null;
    await expect(fetched).rejects.toMatchObject({ code: 10008 });
  });

  it("hands over pictures, presses, dialogs and right-clicks", async () => {
    const image = { name: "my photo.png", bytes: picture };
    const { payload } = await discord.command(ana, thread, "/imagine", { prompt: "a copy", image });
    const { attachments } = recordOf(recordOf(payload.data).resolved);
    const [given] = Object.values(recordOf(attachments)).map(recordOf);
    expect(given).toMatchObject({ filename: "my_photo.png", ephemeral: true, width: 64 });
    const link = textOf(given?.url);
    expect(link).toContain("/ephemeral-attachments/");
    expect(Buffer.from(await (await fetch(link)).arrayBuffer()).equals(picture)).toBe(true);
    discord.proxy.cdn.forget(textOf(given?.id));
    expect((await fetch(link)).status).toBe(404);
    expect(bot.heard).toContain(`imagine a copy 64px ${picture.length}`);
    const message = await discord.waitForMessage(thread, "a copy");
    await discord.press(ben, message, "Again");
    await discord.waitForMessage(thread, "once more");
    await discord.press(ben, message, "Whisper");
    expect(await discord.waitForEphemeral(ben, thread, "psst")).toMatchObject({ onlyFor: ben });

    await discord.press(ben, message, "Form");
    expect(recordOf(discord.modal(ben)).title).toBe("Picture");
    const files = { Source: [image] };
    await discord.submitModal(ben, { fields: { Prompt: "a heron" }, files });
    expect(bot.heard).toContain("form a heron with my_photo.png");
    await discord.waitForMessage(thread, "form: a heron");

    const said = await discord.say(ana, studio, "look", { files: [image] });
    await discord.messageCommand(ben, "Restyle this picture", said);
    expect(bot.heard).toContain(`on message of ${ana}: 1`);
    const refused = discord.proxy.calls.refusals().filter((one) => !one.startsWith("download"));
    expect(refused).toEqual([]);
  });

  it("proposes what an option may be", async () => {
    const values = { prompt: "x", style: "wat" };
    const choices = await discord.autocomplete(ana, studio, "imagine", values, "style");
    expect(choices).toEqual([{ name: "wat oil", value: "oil" }]);
  });

  it("brings a command in direct messages without a server and a member", async () => {
    const { payload } = await discord.command(ana, dmOfAna, "/imagine", { prompt: "a dm" });
    expect(payload).not.toHaveProperty("guild_id");
    expect(payload).not.toHaveProperty("member");
    expect(payload).toMatchObject({ context: 1, user: { id: ana }, channel: { type: 1 } });
    await discord.waitForMessage(dmOfAna, "a dm");
  });

  it("delivers an interaction again, and takes no second answer", async () => {
    const first = await discord.command(ana, studio, "/imagine", { prompt: "twice" });
    await discord.waitForMessage(studio, "twice");
    const again = await discord.proxy.deliveries.again(first);
    expect(again).toMatchObject({ id: first.id, attempt: 1, cut: false });
    await discord.waitFor("refusal", () => bot.heard.includes("refused 40060") || null);
    expect(bot.heard).toEqual(["imagine twice", "imagine twice", "refused 40060"]);
    expect(discord.proxy.calls.refusals()).toEqual([expect.stringContaining("40060")]);
  });

  it("loses an answer that comes after 3 s", { timeout: 15_000 }, async () => {
    bot.deferAfter(3200);
    const late = await discord.command(ana, studio, "/imagine", { prompt: "too late" });
    expect(late).toMatchObject({ tookMs: null, answer: null, cut: false });
    await discord.waitFor("refusal", () => bot.heard.includes("refused 10062") || null);
    expect(discord.proxy.deliveries.late()).toEqual([late]);
  });

  it("says what there was when what is waited for does not come", async () => {
    await discord.command(ana, drafts, "/imagine", { prompt: "an owl" });
    await discord.waitForMessage(drafts, "an owl");
    const waiting = discord.waitForMessage(drafts, "a hen", { withinMs: 50 });
    await expect(waiting).rejects.toThrow(/No message with a hen.*an owl.*edit_response/su);
    const hidden = discord.waitForEphemeral(ben, drafts, "an owl", 50);
    await expect(hidden).rejects.toThrow(`only for ${ben}`);
  });
});
