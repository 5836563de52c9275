import { mkdtemp, readdir, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BEING_REMOVED } from "../../src/frames/ingest.ts";
import { frameKey } from "../../src/frames/video.ts";
import { clipBatchAt, objectEvent } from "../fixtures/clip-batch-at-desk.ts";
import { createColorEmbedder } from "../fixtures/color-embedder.ts";
import { type IngestDesk, openIngestDesk } from "../fixtures/ingest-desk.ts";
import { ffmpeg, makeShots, missingForVideos } from "../fixtures/made-videos.ts";
import { until } from "../fixtures/until.ts";

const missing = missingForVideos();
const name = "clip-batch, when a file in the bucket is broken, written over or deleted";
const KEY = "videos/tour.mp4";
const REMOVED = "ObjectRemoved:DeleteMarkerCreated";

describe.skipIf(missing !== null)(missing === null ? name : `${name} (${missing})`, () => {
  let folder: string;
  let desk: IngestDesk;
  const [sea, wood, torn] = ["sea.mp4", "wood.mp4", "torn.mp4"];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-films-"));
    const shots = (colors: readonly string[], seconds: number) =>
      colors.map((color) => ({ color, seconds }));
    const size = { size: "160x120", rate: 10 };
    await makeShots(join(folder, sea), shots(["blue", "moving", "blue", "moving"], 4), size);
    await makeShots(join(folder, wood), shots(["green", "white"], 3), size);
    // Its beginning says how long it should be, and much of it can be read.
    const whole = join(folder, "whole.mp4");
    const many = Array.from({ length: 30 }, (_, at) => (at % 2 === 0 ? "moving" : "blue"));
    await makeShots(whole, shots(many, 1.5), size);
    await ffmpeg(["-i", whole, "-c", "copy", "-movflags", "+faststart", join(folder, torn)]);
    await truncate(join(folder, torn), Math.floor((await stat(join(folder, torn))).size * 0.6));
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    desk = await openIngestDesk();
  });
  afterEach(() => desk.close());

  const upload = (file: string, key = KEY) =>
    desk.join.media.putFile(key, join(folder, file), "video/mp4");
  const call = (key = KEY, eventName?: string) =>
    clipBatchAt(desk).clipBatch(objectEvent(key, eventName), AbortSignal.timeout(25_000));
  const record = () => desk.join.videos.find("tour");
  const segment = () => desk.join.index.get("tour", "colors-1");
  const stored = async () => {
    const all = await readdir(desk.join.root, { recursive: true, withFileTypes: true });
    const files = all.filter((entry) => entry.isFile() && !entry.name.includes("space"));
    return files.map((entry) => entry.name).sort();
  };
  const shows = async (color: string) => {
    const [row] = await createColorEmbedder().embedTexts([color], { signal: AbortSignal.any([]) });
    const filter = { videoIds: ["tour"] };
    const options = { space: "colors-1", topK: 1, filter, signal: AbortSignal.any([]) };
    const [best] = await desk.join.index.search(row?.embedding ?? new Float32Array(), options);
    return (best?.score ?? 0) > 0.97;
  };

  it("leaves a broken video failed when the events of its first thumbnails come late, or a program asks", async () => {
    await upload(torn);
    expect((await call()).failed).toHaveLength(1);
    const frames = (await stored()).filter((each) => /^\d{10}\.jpg$/u.test(each));
    expect(frames.length).toBeGreaterThan(1);
    for (const frame of frames) {
      const key = `frames/tour/${frame}`;
      expect(await call(key)).toMatchObject({ embedded: 0, skipped: 1, failed: [] });
      const asked = { video_id: "tour", frames: [`s3://local/${key}`] };
      const answer = await clipBatchAt(desk).clipBatch(asked, AbortSignal.timeout(25_000));
      expect(answer).toMatchObject({ embedded: 0, skipped: 1, failed: [] });
    }
    expect(await record()).toMatchObject({ status: "failed", frameCount: 0 });
    expect(await segment()).toBeNull();
  });

  it("indexes another file in the place of a ready one, and keeps nothing of that", async () => {
    await upload(sea);
    await call();
    expect(await record()).toMatchObject({ status: "ready", durationMs: 16_000 });
    expect([await shows("blue"), await shows("green")]).toEqual([true, false]);
    await upload(wood);
    const answer = await call();
    const found = await record();
    expect(answer).toMatchObject({ embedded: found?.frameCount, skipped: 0, failed: [] });
    expect(found).toMatchObject({ status: "ready", durationMs: 6_000 });
    expect([await shows("blue"), await shows("green")]).toEqual([false, true]);

    const fresh = await openIngestDesk();
    await fresh.join.media.putFile(KEY, join(folder, wood), "video/mp4");
    await clipBatchAt(fresh).clipBatch(objectEvent(KEY), AbortSignal.timeout(25_000));
    const only = await fresh.join.index.get("tour", "colors-1");
    await fresh.close();
    expect((await segment())?.frames).toEqual(only?.frames);
    const thumbnails = (await stored()).filter((each) => each.endsWith(".jpg"));
    expect(thumbnails).toHaveLength(only?.frames.length ?? 0);
    // The first file's event comes once more, and late.
    expect(await call()).toMatchObject({ embedded: 0, skipped: found?.frameCount });
  });

  it("indexes a whole file from its beginning after one that was cut off", async () => {
    await upload(torn);
    await call();
    await upload(wood);
    await call();
    expect(await record()).toMatchObject({ status: "ready", failure: null, durationMs: 6_000 });
    expect([await shows("blue"), await shows("green")]).toEqual([false, true]);
  });

  it.each([
    ["whole", sea],
    ["broken", torn],
  ])(
    "indexes the last file when it is written while a %s one is being indexed",
    async (_, before) => {
      await upload(before);
      const slow = clipBatchAt(desk, createColorEmbedder({ delayMs: 300 }));
      const first = slow.clipBatch(objectEvent(KEY), AbortSignal.timeout(25_000));
      await until(async () => (await record())?.status === "indexing", 10_000);
      await upload(wood);
      const second = call();
      for (const { failed } of await Promise.all([first, second])) expect(failed).toEqual([]);
      expect(await record()).toMatchObject({ status: "ready", durationMs: 6_000 });
      expect([await shows("blue"), await shows("green")]).toEqual([false, true]);
    },
  );

  it("removes a video with all that was made of it once its file is deleted", async () => {
    await upload(sea);
    await call();
    await desk.join.media.delete(KEY);
    expect(await call(KEY, REMOVED)).toMatchObject({ video_id: "tour", failed: [] });
    expect([await record(), await segment(), await stored()]).toEqual([null, null, []]);
    expect(await call(KEY, REMOVED)).toMatchObject({ failed: [] });
  });

  it("keeps a file that is uploaded while its removal still opens the model", async () => {
    await upload(sea);
    await call();
    await desk.join.media.delete(KEY);
    const late = clipBatchAt(desk, createColorEmbedder(), async () => {
      await upload(wood);
      await call();
    });
    await late.clipBatch(objectEvent(KEY, REMOVED), AbortSignal.timeout(25_000));
    expect(await record()).toMatchObject({ status: "ready", durationMs: 6_000 });
    expect(await shows("green")).toBe(true);
  });

  it("finds nothing of a ready video any more once a broken file is in its place", async () => {
    await upload(sea);
    await call();
    await upload(torn);
    expect((await call()).failed).toHaveLength(1);
    expect(await record()).toMatchObject({ status: "failed", space: "", indexedAtMs: null });
    expect(await segment()).toBeNull();
  });

  it("removes nothing when a file is there again, or the video is a chat's", async () => {
    await upload(sea);
    await call();
    await call(KEY, REMOVED);
    expect((await record())?.status).toBe("ready");
    const { id, sourceKey } = await desk.join.add(join(folder, sea));
    await desk.join.media.delete(sourceKey);
    await call(sourceKey, REMOVED);
    expect(await desk.join.videos.find(id)).not.toBeNull();
  });

  it("indexes a file that is uploaded again while its video is being removed", async () => {
    await upload(sea);
    await call();
    // As a removal that was cut short leaves it.
    await desk.join.videos.change("tour", { status: "failed", failure: BEING_REMOVED });
    await upload(wood);
    await call();
    expect(await record()).toMatchObject({ status: "ready", durationMs: 6_000 });
    expect([await shows("blue"), await shows("green")]).toEqual([false, true]);
  });

  it("says how long frames without a file last, as more of them come", async () => {
    const { media, videos } = desk.join;
    await upload(sea);
    await call();
    const [{ timeMs } = { timeMs: 0 }] = (await segment())?.frames ?? [];
    const jpeg = await media.get(frameKey("tour", timeMs));
    for (const second of [1, 2, 600]) {
      const key = frameKey("survey", second * 1_000);
      await media.put(key, { bytes: jpeg?.bytes ?? Buffer.of(), mediaType: "image/jpeg" });
      await call(key);
      expect((await videos.find("survey"))?.durationMs).toBe(second * 1_000);
    }
  });
});
