import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { flatPicture } from "../fixtures/flat-picture.ts";
import type { Delivery } from "../servers/discord-deliveries.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import { recordOf } from "../servers/json-record.ts";
import { START_TIMEOUT_MS } from "./atelier-process.ts";
import { linksIn } from "./discord-screen.ts";
import { type DiscordStudio, discordStudios, drawn } from "./discord-studio.ts";
import { lastCall, sourceColor } from "./slack-studio.ts";

const { ana, ben } = DISCORD_USERS;
const { studio } = DISCORD_CHANNELS;
const studios = discordStudios();
/** Long enough for Discord to forget what a job brought along. */
const BUSY_MS = 6_000;
const MIB = 2 ** 20;

const red = { name: "red.png", bytes: await flatPicture([208, 0, 0]) };
const blue = { name: "blue.png", bytes: await flatPicture([0, 0, 208]) };

describe.each(["gateway", "http"] as const)("files over %s", { timeout: 60_000 }, (transport) => {
  let discord: DiscordStudio["discord"];
  let model: DiscordStudio["model"];

  beforeAll(async () => {
    ({ discord, model } = await studios.open({ transport }));
  }, START_TIMEOUT_MS);

  beforeEach(() => {
    discord.proxy.calls.clear();
    return () => expect(discord.proxy.calls.refusals()).toEqual([]);
  });

  /** The ids of the files that came along. */
  const filesOf = ({ payload }: Delivery) =>
    Object.keys(recordOf(recordOf(recordOf(payload.data).resolved).attachments));

  it("that people give are copied at once: their jobs may wait longer than Discord keeps them", async () => {
    model.next({ delayMs: BUSY_MS, times: 3 });
    // As many as run at once for one person.
    for (const n of [1, 2, 3]) await discord.command(ana, studio, `/imagine a dam ${n}`);
    await discord.waitFor("calls", () => (model.calls.length === 3 ? true : null));
    const typed = await discord.command(ana, studio, "/restyle", {
      prompt: "as a dyke",
      image: blue,
    });
    await discord.command(ana, studio, "/restyle");
    await discord.waitForModal(ana);
    const fields = { Prompt: "as a levee" };
    const sent = await discord.submitModal(ana, { fields, files: { Image: [red] } });

    const ids = [typed, sent].flatMap(filesOf);
    expect(ids).toHaveLength(2);
    const isCopied = (id: string) =>
      discord.proxy.calls
        .of("download")
        .some(({ path, status }) => path.includes(id) && status === 200);
    // Long before the jobs run.
    const areCopied = () => (ids.every(isCopied) ? true : null);
    await discord.waitFor("copies", areCopied, { withinMs: BUSY_MS / 2 });
    for (const id of ids) discord.proxy.cdn.forget(id);
    expect(model.calls).toHaveLength(3);
    await discord.waitForMessage(studio, drawn("as a dyke"));
    await discord.waitForMessage(studio, drawn("as a levee"));
    expect(await sourceColor(lastCall(model, "as a dyke"))).toEqual([0, 0, 208]);
    expect(await sourceColor(lastCall(model, "as a levee"))).toEqual([208, 0, 0]);
  });

  it("that are too large for where they go are never sent: a link stands in their place", async () => {
    // No picture is as small as that, whatever its colour.
    discord.proxy.allowSizes({ fileBytes: 20 });
    await discord.command(ben, studio, "/imagine a huge dam");
    const message = await discord.waitForMessage(studio, /a huge dam.*link instead/su);
    expect(message.pictureIds).toEqual([]);
    const [link = ""] = linksIn(message);
    expect((await fetch(link)).headers.get("content-type")).toBe("image/jpeg");
    discord.proxy.allowSizes({ fileBytes: 10 * MIB });
  });
});
