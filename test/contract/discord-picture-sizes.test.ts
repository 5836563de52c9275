import { randomBytes } from "node:crypto";
import sharp from "sharp";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { linksIn } from "../e2e/discord-screen.ts";
import { type DiscordDesk, discordDesks } from "../fixtures/discord-desk.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";

const desks = discordDesks();
const { ana } = DISCORD_USERS;
const { studio, drafts } = DISCORD_CHANNELS;

describe("a picture for Discord", () => {
  let desk: DiscordDesk;
  beforeAll(async () => {
    desk = await desks.open();
  });
  beforeEach(() => {
    desk.world.proxy.calls.clear();
    desk.world.proxy.allowSizes({ fileBytes: 10 * 2 ** 20, requestBytes: 25 * 2 ** 20 });
  });
  afterEach(() => {
    expect(desk.world.proxy.calls.problems()).toEqual([]);
  });

  /** Noise, which no encoding makes small. */
  async function noisy(text: string, side: number) {
    const record = await desk.run(text, await desk.typedAt(ana, drafts));
    const raw = { width: side, height: side, channels: 3 as const };
    const bytes = await sharp(randomBytes(side * side * 3), { raw })
      .png()
      .toBuffer();
    const [picture] = record.pictures;
    if (picture === undefined || record.card === null) throw new Error("Nothing was drawn.");
    const { blob } = picture;
    await desk.services.stores[blob.store].put(blob.key, { bytes, mediaType: "image/png" });
    const images = record.card.images.map((image) => ({
      ...image,
      mediaType: "image/png" as const,
      widthPx: side,
      heightPx: side,
    }));
    return { bytes, card: { ...record.card, images }, record };
  }

  async function shownWith(text: string, fileBytes: number, tellBytes = fileBytes) {
    const { bytes, card, record } = await noisy(text, 700);
    desk.world.proxy.allowSizes({ fileBytes });
    const more = { attachmentMaxBytes: tellBytes };
    const target = await desk.typedAt(ana, studio, "public", more);
    const again = { ...record, id: `${record.id}x`, target: JSON.parse(JSON.stringify(target)) };
    await desk.delivery.deliver(again, card);
    return { bytes, message: await desk.world.waitForMessage(studio, text.slice(9)) };
  }

  it("is shown as it is while it fits", async () => {
    const { bytes, message } = await shownWith("/imagine a whole fox", 2_000_000);
    const shown = await desk.world.fileBytes(message.pictureIds[0] ?? "");
    expect(shown.equals(bytes)).toBe(true);
    expect(message.shown).not.toContain("smaller");
  });

  it("is encoded anew where it is too large, and its message says so", async () => {
    const { message } = await shownWith("/imagine a reduced fox", 1_200_000);
    const shown = await desk.world.fileBytes(message.pictureIds[0] ?? "");
    const { format, width } = await sharp(shown).metadata();
    expect([format, width]).toEqual(["jpeg", 700]);
    expect(shown.byteLength).toBeLessThanOrEqual(1_200_000);
    expect(message.shown).toContain("smaller than it was made");
  });

  it("has fewer pixels where encoding is not enough", async () => {
    const { message } = await shownWith("/imagine a tiny fox", 300_000);
    const shown = await desk.world.fileBytes(message.pictureIds[0] ?? "");
    const { width } = await sharp(shown).metadata();
    expect(width).toBeLessThan(700);
    expect(shown.byteLength).toBeLessThanOrEqual(300_000);
  });

  it("is a link, with the reason, where nothing is small enough", async () => {
    const { message } = await shownWith("/imagine a linked fox", 1_000);
    expect(message.pictureIds).toEqual([]);
    expect(message.shown).toContain("so there is a link instead");
    expect(linksIn(message).length).toBeGreaterThan(0);
  });

  it("is made smaller when Discord takes less than it said", async () => {
    const { message } = await shownWith("/imagine a misled fox", 600_000, 2_000_000);
    expect(message.pictureIds).toHaveLength(1);
    const tooLarge = desk.world.proxy.calls.all.filter(({ status }) => status === 413);
    expect(tooLarge).toHaveLength(1);
  });

  it("makes room for its neighbours where all are too large for one request", async () => {
    const { record, card } = await noisy("/imagine a crowd of foxes --count 4", 1_700);
    const [, ...rest] = record.pictures;
    const { bytes } =
      (await desk.services.stores.outputs.get(record.pictures[0]?.blob.key ?? "")) ?? {};
    for (const { blob } of rest) {
      if (bytes !== undefined)
        await desk.services.stores[blob.store].put(blob.key, { bytes, mediaType: "image/png" });
    }
    const target = await desk.typedAt(ana, studio);
    const again = { ...record, id: `${record.id}x`, target: JSON.parse(JSON.stringify(target)) };
    await desk.delivery.deliver(again, card);
    const message = await desk.world.waitForMessage(studio, "a crowd of foxes");
    expect(message.pictureIds).toHaveLength(4);
    const shown = await Promise.all(message.pictureIds.map(desk.world.fileBytes));
    const formats = await Promise.all(
      shown.map(async (each) => (await sharp(each).metadata()).format),
    );
    expect(formats).toContain("png");
    expect(formats).toContain("jpeg");
    expect(desk.world.proxy.calls.all.filter(({ status }) => status === 413)).toEqual([]);
  }, 30_000);
});
