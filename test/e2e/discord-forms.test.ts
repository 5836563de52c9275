import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { flatPicture } from "../fixtures/flat-picture.ts";
import { DISCORD_COMPONENT } from "../servers/discord-component-rules.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { type JsonRecord, recordOf, recordsOf, textOf } from "../servers/json-record.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import { filledModal } from "./discord-forms.ts";
import type { DiscordMessage } from "./discord-screen.ts";
import { type DiscordStudio, discordStudios, drawn } from "./discord-studio.ts";
import { lastCall, sourceColor } from "./slack-studio.ts";

const { ana, ben } = DISCORD_USERS;
const { studio, drafts } = DISCORD_CHANNELS;
const studios = discordStudios();

const red = { name: "red.png", bytes: await flatPicture([208, 0, 0]) };
const blue = { name: "blue.png", bytes: await flatPicture([0, 0, 208]) };

/** The kind of each field, by its label, from the top. */
const fieldsOf = (modal: JsonRecord) =>
  recordsOf(modal.components)
    .filter(({ type }) => type === DISCORD_COMPONENT.label)
    .map(({ label, component }) => [textOf(label), recordOf(component).type]);

/** What stands in each field, by the name of its option. */
function valuesIn(modal: JsonRecord): Record<string, unknown> {
  const filled = filledModal(modal, { fields: {}, fileIds: {} });
  const states = filled.map(({ component }) => recordOf(component));
  return Object.fromEntries(
    states.map(({ custom_id, value, values }) => [
      custom_id,
      Array.isArray(values) ? values[0] : value,
    ]),
  );
}

describe.each(["gateway", "http"] as const)("what is asked for over %s", (transport) => {
  let discord: DiscordStudio["discord"];
  let model: DiscordStudio["model"];

  beforeAll(async () => {
    ({ discord, model } = await studios.open({ transport }));
  }, START_TIMEOUT_MS);

  afterEach(() => {
    for (const user of [ana, ben]) discord.closeModal(user);
    const refused = discord.proxy.calls.refusals();
    discord.proxy.calls.clear();
    // Discord's answer to the second response where it delivered twice.
    expect(refused.filter((each) => !each.includes("40060"))).toEqual([]);
  });

  async function draw(typed: string, channel: string = studio): Promise<DiscordMessage> {
    await discord.command(ana, channel, `/imagine ${typed}`);
    const [prompt = ""] = typed.split(" --");
    return discord.waitForMessage(channel, drawn(prompt));
  }

  describe("a form", () => {
    it("opens for a command of which nothing is filled in, with a place for a picture", async () => {
      await discord.command(ana, studio, "/restyle");
      const { textInput, fileUpload, stringSelect } = DISCORD_COMPONENT;
      expect(fieldsOf(await discord.waitForModal(ana))).toEqual([
        ["Prompt", textInput],
        ["Image", fileUpload],
        ["Strength", stringSelect],
        ["Seed", textInput],
        ["Negative", textInput],
      ]);
      await discord.submitModal(ana, { fields: { Prompt: "as a mural" }, files: { Image: [red] } });
      await discord.waitForMessage(studio, drawn("as a mural"));
      expect(await sourceColor(lastCall(model, "as a mural"))).toEqual([208, 0, 0]);
    });

    it("cannot open where something is required: Discord itself asks for it", async () => {
      await expect(discord.command(ana, studio, "/imagine")).rejects.toThrow(
        '"prompt" is required',
      );
    });

    it("with something wrong in it is answered with what to write, for its person alone", async () => {
      const wrong = [
        [{}, /^Say what the picture should become, or choose a Style\./u],
        [{ Prompt: "as ink", Seed: "many" }, /Seed takes a whole number/u],
      ] as const;
      for (const [fields, sentence] of wrong) {
        await discord.command(ana, drafts, "/restyle");
        await discord.waitForModal(ana);
        await discord.submitModal(ana, { fields, files: { Image: [red] } });
        await discord.waitForEphemeral(ana, drafts, sentence);
      }
      expect(await discord.messages(drafts)).toEqual([]);
    });

    it("that Discord delivers twice draws once", async () => {
      await discord.command(ana, drafts, "/restyle");
      await discord.waitForModal(ana);
      const fields = { Prompt: "as a stencil" };
      const sent = await discord.submitModal(ana, { fields, files: { Image: [red] } });
      await discord.proxy.deliveries.again(sent);
      await discord.waitForMessage(drafts, drawn("as a stencil"));
      await draw("a swan that comes after it", drafts);
      expect((await discord.messages(drafts)).filter(drawn("as a stencil"))).toHaveLength(1);
    });

    it("of Edit has the recipe filled in, and keeps what it does not ask for", async () => {
      const moons = await draw("four moons --ar 3:2 --style ink --no smoke --seed 200 --count 4");
      await discord.press(ben, moons, "Edit");
      expect(valuesIn(await discord.waitForModal(ben))).toEqual({
        prompt: "four moons",
        ratio: "3:2",
        seed: "200",
        negative: "smoke",
        style: "ink",
      });
      await discord.submitModal(ben, { fields: { Prompt: "four suns", Ratio: "16:9" } });
      const suns = await discord.waitForMessage(studio, drawn("four suns"));
      expect(suns.pictureIds).toHaveLength(4);
      expect(suns.shown).toMatch(/16:9 · seeds 200, .*style Ink drawing/u);
    });

    it("of Restyle has the picture, and stays private where the picture is", async () => {
      await discord.command(ana, studio, "/imagine a quiet room --private --seed 9");
      const room = await discord.waitForEphemeral(ana, studio, drawn("a quiet room"));
      await discord.press(ana, room, "Restyle");
      expect(fieldsOf(await discord.waitForModal(ana)).flat()).not.toContain("Image");
      await discord.submitModal(ana, { fields: { Prompt: "the room at dusk" } });
      const dusk = await discord.waitForEphemeral(ana, studio, drawn("the room at dusk"));
      expect(dusk.buttons).toContain("Share to channel");
      const said = await discord.messages(studio);
      expect(said.filter(({ shown }) => /quiet room|room at dusk/u.test(shown))).toEqual([]);
    });

    it("has what people wrote as they wrote it", async () => {
      const hostile = "<@everyone> **bold** `code` [bank](https://evil.example) hunt";
      await discord.command(ana, drafts, "/imagine", { prompt: hostile });
      await discord.press(ana, await discord.waitForMessage(drafts, drawn("hunt")), "Edit");
      expect(valuesIn(await discord.waitForModal(ana)).prompt).toBe(hostile);
    });
  });

  describe("the text of a command", () => {
    it("may have its options in it, as a pasted line has them", async () => {
      const first = await draw("a pier --ar 16:9 --no gulls --seed 31");
      await discord.press(ben, first, "Info");
      const info = await discord.waitForEphemeral(ben, studio, /\/imagine a pier/u);
      const pasted = /(?<=\/imagine )a pier .*$/mu.exec(info.shown)?.[0] ?? "";
      const before = model.calls.length;
      await discord.command(ben, drafts, "/imagine", { prompt: pasted });
      const again = await discord.waitForMessage(drafts, drawn("a pier"));
      expect(again.shown).toMatch(/16:9 · seed 31 · without gulls · from the cache/u);
      expect(model.calls).toHaveLength(before);
    });

    it("yields to what an option of its own says, and keeps to itself what is private", async () => {
      const values = { prompt: "a jetty — at dusk --ar 16:9 --private", ratio: "3:2" };
      await discord.command(ben, drafts, "/imagine", values);
      const jetty = await discord.waitForEphemeral(ben, drafts, drawn("a jetty — at dusk"));
      expect(jetty.shown).toContain("3:2 · seed");
      await discord.command(ben, drafts, "/imagine", { prompt: "a quay --rat 1:1" });
      await discord.waitForEphemeral(ben, drafts, "/imagine has no option --rat.");
      const said = await discord.messages(drafts);
      expect(said.filter(({ shown }) => /jetty|quay/u.test(shown))).toEqual([]);
    });
  });

  describe("what takes its time", () => {
    it("says how far it is in the message that becomes the answer, every two seconds at most", async () => {
      model.next({}, {}, { delayMs: 4_500, times: 2 });
      await discord.command(ana, drafts, "/imagine four stairs --count 4");
      const isHalfDone = ({ shown }: DiscordMessage) => /four stairs.*2 of 4/su.test(shown);
      const half = await discord.waitForMessage(drafts, isHalfDone);
      expect(half.buttons).toEqual(["Cancel"]);
      const stairs = await discord.waitForMessage(drafts, drawn("four stairs"));
      expect([stairs.id, stairs.pictureIds.length]).toEqual([half.id, 4]);
      const steps = discord.proxy.calls
        .of("edit_response")
        .filter(({ files }) => files.length === 0);
      const gaps = steps.slice(1).map(({ atMs }, index) => atMs - (steps[index]?.atMs ?? 0));
      // Two seconds when they leave; on a busy machine the first may arrive late.
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_700);
      expect(steps.length).toBeLessThanOrEqual(3);
    });
  });

  describe("what proposes itself while a person types", () => {
    it("are styles, by name and by label, and models", async () => {
      const proposed = (values: Record<string, string>, focused: string) =>
        discord.autocomplete(ana, studio, "imagine", { prompt: "a fox", ...values }, focused);
      expect(await proposed({ style: "ink" }, "style")).toEqual([
        expect.objectContaining({ name: "Ink drawing", value: "ink" }),
      ]);
      expect((await proposed({ style: "" }, "style")).length).toBeGreaterThan(5);
      expect(await proposed({ style: "no such thing" }, "style")).toEqual([]);
      const [first = {}] = await proposed({ model: "stable" }, "model");
      expect(first.name).toBe("Stable Diffusion 3.5 Large");
      await draw(`a fox of that model --model ${textOf(first.value)}`);
    });
  });

  describe("an attachment of /restyle", () => {
    it("is the picture to change", async () => {
      await discord.command(ana, studio, "/restyle", { prompt: "as a tapestry", image: blue });
      await discord.waitForMessage(studio, drawn("as a tapestry"));
      expect(await sourceColor(lastCall(model, "as a tapestry"))).toEqual([0, 0, 208]);
    });

    it("is not even offered when it is not called a picture", async () => {
      const image = { name: "notes.txt", bytes: Buffer.from("these are words") };
      await expect(
        discord.command(ben, studio, "/restyle", { prompt: "as a riddle", image }),
      ).rejects.toThrow('does not take notes.txt for "image"');
    });

    it("that is no picture is said to be none", async () => {
      const image = { name: "notes.png", bytes: Buffer.from("these are words") };
      await discord.command(ben, studio, "/restyle", { prompt: "as a riddle", image });
      const told = await discord.waitForEphemeral(ben, studio, /not a picture/u);
      expect(told.shown).toMatch(/PNG|JPEG/u);
      const prompts = model.calls.map(({ body }) => String(body.prompt));
      expect(prompts).not.toContain("as a riddle");
    });
  });
});
