import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { flatPicture } from "../fixtures/flat-picture.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { recordOf } from "../servers/json-record.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import { filledModal } from "./discord-forms.ts";
import { type DiscordStudio, discordStudios, drawn } from "./discord-studio.ts";
import { lastCall, sourceColor } from "./slack-studio.ts";

const { ana } = DISCORD_USERS;
const { studio, drafts } = DISCORD_CHANNELS;
const studios = discordStudios();
const red = { name: "red.png", bytes: await flatPicture([208, 0, 0]) };

describe("a second chance in Discord", () => {
  let discord: DiscordStudio["discord"];
  let model: DiscordStudio["model"];

  beforeAll(async () => {
    ({ discord, model } = await studios.open({ transport: "gateway" }));
  }, START_TIMEOUT_MS);
  afterEach(() => {
    discord.closeModal(ana);
    discord.proxy.faults.clear();
  });

  /** What stands in each field of the form that is open. */
  async function typed(): Promise<Record<string, unknown>> {
    const filled = filledModal(await discord.waitForModal(ana), { fields: {}, fileIds: {} });
    const states = filled.map(({ component }) => recordOf(component));
    return Object.fromEntries(
      states.map(({ custom_id, value, values }) => [
        custom_id,
        Array.isArray(values) ? values[0] : value,
      ]),
    );
  }

  it("opens a form that was filled in wrongly with all that was given, the picture too", async () => {
    await discord.command(ana, studio, "/restyle");
    await discord.waitForModal(ana);
    const fields = { Prompt: "as a fresco", Seed: "many", Strength: "strong", Negative: "gold" };
    await discord.submitModal(ana, { fields, files: { Image: [red] } });
    const told = await discord.waitForEphemeral(ana, studio, /Seed takes a whole number/u);
    expect(told.buttons).toEqual(["Try again"]);
    await discord.press(ana, told, "Try again");
    expect(await typed()).toMatchObject({
      prompt: "as a fresco",
      seed: "many",
      strength: "strong",
      negative: "gold",
    });
    await discord.submitModal(ana, { fields: { Seed: "12" } });
    const message = await discord.waitForMessage(studio, drawn("as a fresco"));
    expect(message.shown).toMatch(/seed 12 .*without gold/u);
    expect(await sourceColor(lastCall(model, "as a fresco"))).toEqual([208, 0, 0]);
  });

  it("keeps private what was private before", async () => {
    await discord.command(ana, drafts, "/imagine a hall --private --seed 9");
    const hall = await discord.waitForEphemeral(ana, drafts, drawn("a hall"));
    await discord.press(ana, hall, "Restyle");
    await discord.waitForModal(ana);
    await discord.submitModal(ana, { fields: { Prompt: "the hall at dusk", Seed: "-" } });
    const told = await discord.waitForEphemeral(ana, drafts, /Seed takes a whole number/u);
    await discord.press(ana, told, "Try again");
    expect(await typed()).toMatchObject({ prompt: "the hall at dusk", seed: "-" });
    await discord.submitModal(ana, { fields: { Seed: "3" } });
    await discord.waitForEphemeral(ana, drafts, drawn("the hall at dusk"));
    expect(await discord.messages(drafts)).toEqual([]);
  });

  it("is given to a first response that Discord did not take", async () => {
    discord.proxy.faults.failWith("callback", 503);
    await discord.command(ana, drafts, "/imagine a gate");
    await discord.waitForMessage(drafts, drawn("a gate"));
    expect(discord.proxy.calls.methods()).not.toContain("create_message");
  });

  it("is given once where Discord took it and did not say so", async () => {
    discord.proxy.calls.clear();
    discord.proxy.faults.loseAnswer("callback");
    await discord.command(ana, drafts, "/imagine a fence");
    await discord.waitForMessage(drafts, drawn("a fence"));
    expect((await discord.messages(drafts)).filter(drawn("a fence"))).toHaveLength(1);
    expect(discord.proxy.calls.of("callback").length).toBeGreaterThanOrEqual(2);
  });
});
