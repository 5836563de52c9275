import sharp from "sharp";
import { beforeEach, describe, expect, it } from "vitest";
import type { CardImage } from "../../src/card.ts";
import { type SlackDesk, type SlackDeskOptions, slackDesks } from "../fixtures/slack-desk.ts";
import { createStillClock } from "../fixtures/still-clock.ts";
import { localSlackIsInstalled } from "../servers/local-slack.ts";
import { SLACK_DEFAULT_GRANTS } from "../servers/slack-api-rules.ts";

const desks = slackDesks();
const installed = localSlackIsInstalled();
const needed = installed ? "" : " (not run: needs local-slack)";
let count = 0;

/** A picture of the output store. */
async function keep(desk: SlackDesk, format: "png" | "jpeg" | "webp" = "png"): Promise<CardImage> {
  count += 1;
  const background = { r: count % 256, g: 90, b: 120 };
  const picture = sharp({ create: { width: 20, height: 12, channels: 3, background } });
  const bytes = new Uint8Array(await picture.toFormat(format).toBuffer());
  const key = `outputs/2026/11/21/p${Date.now()}${count}-1.${format}`;
  const mediaType = `image/${format}` as const;
  await desk.services.stores.outputs.put(key, { bytes, mediaType });
  const blob = { store: "outputs" as const, key };
  return { blob, alt: "a fox", mediaType, widthPx: 20, heightPx: 12 };
}

describe.skipIf(!installed)(`a picture as a file in Slack${needed}`, () => {
  let desk: SlackDesk;
  const calls = () => desk.world.proxy.calls;

  async function open(options: SlackDeskOptions = {}) {
    desk ??= await desks.open(options);
    desk.world.proxy.faults.clear();
    desk.world.proxy.calls.clear();
    desk.lines.length = 0;
  }
  beforeEach(() => open());

  it("is uploaded once, however many cards show it at the same time and later", async () => {
    const image = await keep(desk);
    const together = await Promise.all([1, 2, 3].map(() => desk.files.ensure(image)));
    const later = await desk.files.ensure(image);
    expect(new Set([...together, later].map(({ id }) => id)).size).toBe(1);
    expect(later.id).toMatch(/^F/);
    expect(calls().of("upload")).toHaveLength(1);
  });

  it("is known again after a restart", async () => {
    const image = await keep(desk);
    const { id } = await desk.files.ensure(image);
    const restarted = await desks.open({ beside: desk });
    expect(await restarted.files.ensure(image)).toEqual({ id });
    expect(calls().of("upload")).toHaveLength(1);
  });

  it("is given only when Slack has processed it", async () => {
    desk.world.proxy.processFiles({ polls: 3 });
    await desk.files.ensure(await keep(desk));
    desk.world.proxy.processFiles({ polls: 1 });
    expect(calls().of("files.info")).toHaveLength(4);
  });

  it.each(["jpeg", "png", "webp"] as const)(
    "is one that blocks show, made from %s",
    async (format) => {
      const image = await keep(desk, format);
      const { id } = await desk.files.ensure(image);
      const shown = await sharp(await desk.world.fileBytes(id ?? "")).metadata();
      expect(shown).toMatchObject({ format: format === "jpeg" ? "jpeg" : "png", width: 20 });
    },
  );

  it("is uploaded anew when an upload breaks", async () => {
    desk.world.proxy.faults.failWith("upload", 500);
    const { id } = await desk.files.ensure(await keep(desk));
    expect(id).toMatch(/^F/);
    expect(calls().of("upload")).toHaveLength(2);
  });

  it("is none after three broken uploads, with a line in the log", async () => {
    desk.world.proxy.faults.reset("upload", 9);
    expect((await desk.files.ensure(await keep(desk))).id).toBeNull();
    expect(calls().of("upload")).toHaveLength(3);
    expect(desk.lines.at(-1)).toMatchObject({
      level: "warn",
      message: "picture is shown as a link",
    });
  });

  it("is none, and leaves nothing behind, when Slack never comes to the end of processing it", async () => {
    const image = await keep(desk);
    const impatient = await desks.open({ beside: desk, clock: createStillClock() });
    const kept = desk.world.proxy.files.kept();
    desk.world.proxy.processFiles({ polls: 1_000 });
    const ensured = await impatient.files.ensure(image);
    desk.world.proxy.processFiles({ polls: 1 });
    expect(ensured).toEqual({ id: null, problem: null });
    expect(desk.world.proxy.files.kept()).toEqual(kept);
  });

  it.each([
    [
      "Slack's answers are lost",
      () => desk.world.proxy.faults.loseAnswer("files.completeUploadExternal", 9),
    ],
    ["its id cannot be noted", () => desk.failNotes("file#", 3)],
  ])("is none, and leaves nothing behind, when %s", async (_what, break_) => {
    const image = await keep(desk);
    const kept = desk.world.proxy.files.kept();
    break_();
    const ensured = await desk.files.ensure(image);
    expect(ensured).toEqual({ id: null, problem: null });
    expect(desk.world.proxy.files.kept()).toEqual(kept);
  });

  it("is deleted when its bytes did not arrive", async () => {
    desk.world.proxy.faults.failWith("upload", 500, 3);
    await desk.files.ensure(await keep(desk));
    const begun = calls().of("files.getUploadURLExternal");
    const ids = begun.map(({ answer }) => answer?.file_id);
    expect(
      calls()
        .of("files.delete")
        .map(({ args }) => args.file),
    ).toEqual(ids);
    expect(ids).toHaveLength(3);
  });

  it("is known although its note is written late", async () => {
    const image = await keep(desk);
    desk.failNotes("file#", 1);
    const { id } = await desk.files.ensure(image);
    expect(await desk.files.find(image.blob.key)).toBe(id);
  });

  it.each([
    "token_expired",
    "not_allowed_token_type",
    "file_uploads_except_images_disabled",
    "storage_limit_reached",
  ])("is none at the first try when no other can help: %s", async (code) => {
    desk.world.proxy.faults.answerWith("files.getUploadURLExternal", code, 9);
    expect((await desk.files.ensure(await keep(desk))).id).toBeNull();
    expect(calls().of("files.getUploadURLExternal")).toHaveLength(1);
  });

  it("says which scope is missing, at the first try", async () => {
    desk.world.proxy.revoke("files:write");
    const ensured = await desk.files.ensure(await keep(desk));
    desk.world.proxy.grant({ scopes: SLACK_DEFAULT_GRANTS.scopes });
    expect(ensured).toEqual({
      id: null,
      problem:
        "I lack the scope files:write. An admin adds it under OAuth & Permissions and reinstalls the app.",
    });
    expect(calls().of("files.getUploadURLExternal")).toHaveLength(1);
  });

  it("is none when it was deleted here", async () => {
    const image = await keep(desk);
    await desk.services.stores.outputs.delete(image.blob.key);
    expect(await desk.files.ensure(image)).toEqual({ id: null, problem: null });
  });

  it("is uploaded again when somebody deleted it in Slack", async () => {
    const image = await keep(desk);
    const { id: first } = await desk.files.ensure(image);
    expect(await desk.files.forgetIfGone(image.blob.key)).toBe(false);
    await desk.world.proxy.local.api("files.delete", { file: first });
    expect(await desk.files.forgetIfGone(image.blob.key)).toBe(true);
    const { id: second } = await desk.files.ensure(image);
    expect(second).toMatch(/^F/);
    expect(second).not.toBe(first);
  });

  it("is deleted in Slack when it is removed, and removing twice is no error", async () => {
    const image = await keep(desk);
    const { id } = await desk.files.ensure(image);
    await desk.files.remove(image.blob.key);
    await desk.files.remove(image.blob.key);
    expect(await desk.world.files()).not.toContainEqual(expect.objectContaining({ id }));
  });

  it("that somebody else deleted already is no error when it is removed", async () => {
    const image = await keep(desk);
    const { id } = await desk.files.ensure(image);
    await desk.world.proxy.local.api("files.delete", { file: id });
    await desk.files.remove(image.blob.key);
    expect(calls().of("files.delete")).toHaveLength(1);
  });
});
