import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { flatPicture } from "../fixtures/flat-picture.ts";
import { DISCORD_COMPONENT } from "../servers/discord-component-rules.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { type JsonRecord, recordsOf, textOf } from "../servers/json-record.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import type { DiscordMessage } from "./discord-screen.ts";
import { type DiscordStudio, discordStudios, drawn } from "./discord-studio.ts";
import { lastCall, sourceColor } from "./slack-studio.ts";

const { ana, ben } = DISCORD_USERS;
const { studio, thread, dmOfAna, dmOfTwo } = DISCORD_CHANNELS;
const studios = discordStudios();

const red = { name: "red.png", bytes: await flatPicture([208, 0, 0]) };
const blue = { name: "blue.png", bytes: await flatPicture([0, 0, 208]) };

const labels = (modal: JsonRecord) =>
  recordsOf(modal.components).filter(({ type }) => type === DISCORD_COMPONENT.label);

describe.each(["gateway", "http"] as const)("where Discord has the bot over %s", (transport) => {
  let discord: DiscordStudio["discord"];
  let model: DiscordStudio["model"];

  beforeAll(async () => {
    ({ discord, model } = await studios.open({ transport }));
  }, START_TIMEOUT_MS);

  afterEach(() => {
    for (const user of [ana, ben]) discord.closeModal(user);
    const refused = discord.proxy.calls.refusals();
    discord.proxy.calls.clear();
    expect(refused).toEqual([]);
  });

  async function draw(typed: string, channel: string = studio): Promise<DiscordMessage> {
    await discord.command(ana, channel, `/imagine ${typed}`);
    const [prompt = ""] = typed.split(" --");
    return discord.waitForMessage(channel, drawn(prompt));
  }

  describe("the menu of a message", () => {
    it("asks which of several pictures to restyle", async () => {
      const said = await discord.upload(ben, studio, [red, blue]);
      await discord.messageCommand(ana, "Restyle this picture", said);
      const [which] = labels(await discord.waitForModal(ana));
      expect(textOf(which?.label)).toBe("Which picture");
      const fields = { "Which picture": "2: blue.png", Prompt: "as stained glass" };
      await discord.submitModal(ana, { fields });
      await discord.waitForMessage(studio, drawn("as stained glass"));
      expect(await sourceColor(lastCall(model, "as stained glass"))).toEqual([0, 0, 208]);
    });

    it("restyles a picture that Atelier drew", async () => {
      const poplar = await draw("a poplar");
      await discord.messageCommand(ben, "Restyle this picture", poplar);
      await discord.waitForModal(ben);
      await discord.submitModal(ben, { fields: { Prompt: "the poplar in fog" } });
      const fog = await discord.waitForMessage(studio, drawn("the poplar in fog"));
      expect(fog.text).toContain(`<@${ben}>: the poplar in fog`);
    });

    it("says where there is no picture, and names it by what it is called", async () => {
      const said = await discord.say(ben, studio, "no picture here");
      await discord.messageCommand(ana, "Restyle this picture", said);
      await discord.waitForEphemeral(ana, studio, "There is no picture in that message.");
      const odd = { ...red, name: "**loud** @everyone.png" };
      await discord.messageCommand(
        ana,
        "Restyle this picture",
        await discord.upload(ben, studio, [odd]),
      );
      const form = JSON.stringify(await discord.waitForModal(ana));
      expect(form).toMatch(/The picture to change: .*loud.*everyone\.png/u);
    });

    it("has Info, for results alone, and for whoever may see them", async () => {
      const heron = await draw("a heron --no reeds");
      await discord.messageCommand(ben, "Info", heron);
      await discord.waitForEphemeral(
        ben,
        studio,
        /\/imagine a heron --ar 1:1 --seed \d+ --no reeds/u,
      );
      await discord.command(ana, studio, "/imagine a diary --private");
      const diary = await discord.waitForEphemeral(ana, studio, drawn("a diary"));
      await discord.messageCommand(ana, "Info", diary);
      await discord.waitForEphemeral(ana, studio, /\/imagine a diary .*--private/u);
      const said = await discord.say(ben, studio, "a word");
      await discord.messageCommand(ana, "Info", said);
      await discord.waitForEphemeral(ana, studio, "That message is not one of my results.");
    });
  });

  describe("beside a server's channels", () => {
    it("direct messages with the bot have everything", async () => {
      const first = await draw("a letter", dmOfAna);
      await discord.press(ana, first, "Re-roll");
      await discord.waitForMessage(dmOfAna, (m) => drawn("a letter")(m) && m.id !== first.id);
      await discord.press(ana, first, "Delete");
      await discord.waitForMessage(dmOfAna, "Deleted by the person who asked.");
      await discord.messageCommand(
        ana,
        "Restyle this picture",
        await discord.upload(ana, dmOfAna, [blue]),
      );
      await discord.waitForModal(ana);
      await discord.submitModal(ana, { fields: { Prompt: "a blue letter" } });
      await discord.waitForMessage(dmOfAna, drawn("a blue letter"));
      expect(await sourceColor(lastCall(model, "a blue letter"))).toEqual([0, 0, 208]);
    });

    it("people's own messages have it where the bot is only installed by one of them", async () => {
      const first = await draw("a postcard", dmOfTwo);
      expect(first.text).toContain(`<@${ana}>: a postcard`);
      await discord.press(ben, first, "Re-roll");
      const again = await discord.waitForMessage(dmOfTwo, (m) =>
        m.text.includes(`<@${ben}>: a post`),
      );
      expect(again.pictureIds).toHaveLength(1);
      await discord.press(ben, first, "Info");
      await discord.waitForEphemeral(ben, dmOfTwo, /\/imagine a postcard/u);
      await discord.command(ana, dmOfTwo, "/imagine a sealed one --private");
      const sealed = await discord.waitForEphemeral(ana, dmOfTwo, drawn("a sealed one"));
      await discord.press(ana, sealed, "Share to channel");
      await discord.waitForMessage(dmOfTwo, drawn("a sealed one"));
      await discord.press(ana, first, "Delete");
      await discord.waitForMessage(dmOfTwo, "Deleted by the person who asked.");
    });

    it("a thread has it in the thread", async () => {
      const first = await draw("a ravel", thread);
      await discord.press(ben, first, "Vary");
      const varied = await discord.waitForMessage(thread, (m) => m.pictureIds.length === 4);
      expect(varied.channel).toBe(thread);
      expect((await discord.messages(studio)).filter(drawn("a ravel"))).toEqual([]);
    });

    it("a server has it where only the person installed the bot", async () => {
      discord.proxy.install({ guild: false });
      const first = await draw("a visitor");
      await discord.press(ana, first, "Info");
      await discord.waitForEphemeral(ana, studio, /\/imagine a visitor/u);
      await discord.command(ana, studio, "/imagine a visitor's secret --private");
      await discord.waitForEphemeral(ana, studio, drawn("a visitor's secret"));
      await discord.press(ana, first, "Delete");
      await discord.waitForMessage(studio, "Deleted by the person who asked.");
      discord.proxy.install({ guild: true });
    });
  });
});
