import { mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { frameId, frameKey, type IngestProgress } from "../../src/frames/video.ts";
import { createColorEmbedder } from "../fixtures/color-embedder.ts";
import { type IngestDesk, openIngestDesk } from "../fixtures/ingest-desk.ts";
import { ffmpeg, makeShots, missingForVideos } from "../fixtures/made-videos.ts";

const missing = missingForVideos();
const name = "indexing a video";
const waiting = () => ({ signal: AbortSignal.timeout(25_000), progress: () => {} });

describe.skipIf(missing !== null)(missing === null ? name : `${name} (${missing})`, () => {
  let folder: string;
  let desk: IngestDesk;
  const film = () => join(folder, "film.mp4");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-films-"));
    await makeShots(film(), [
      { color: "red", seconds: 3 },
      { color: "blue", seconds: 20 },
      { color: "white", seconds: 2 },
      { color: "moving", seconds: 5 },
    ]);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    desk = await openIngestDesk();
  });
  afterEach(() => desk.close());

  it("makes each shot findable, at a time when it is shown", async () => {
    const { ingest: create, add, index } = desk.join;
    const embedder = createColorEmbedder();
    const video = await create({ embedder }).run((await add(film())).id, waiting());
    expect(video).toMatchObject({ status: "ready", durationMs: 30_000, space: "colors-1" });
    const best = async (color: string) => {
      const [{ embedding } = { embedding: new Float32Array(512) }] = await embedder.embedTexts(
        [color],
        waiting(),
      );
      const filter = { videoIds: [video.id] };
      const options = { space: video.space, topK: 1, filter, signal: waiting().signal };
      return (await index.search(embedding, options))[0];
    };
    expect(await best("red")).toMatchObject({ timeMs: 0, shot: 0 });
    expect((await best("blue"))?.shot).toBe(1);
    const white = await best("white");
    expect(white?.shot).toBe(2);
    expect(white?.timeMs).toBeGreaterThanOrEqual(23_000);
    expect(white?.timeMs).toBeLessThan(25_000);
    expect(white?.score).toBeGreaterThan(0.99);
  });

  it("keeps few frames of a still picture, and never 8 s without one", async () => {
    const video = await desk.join.ingest().run((await desk.join.add(film())).id, waiting());
    const { frames = [] } = (await desk.join.index.get(video.id, video.space)) ?? {};
    expect(video.frameCount).toBe(frames.length);
    const still = frames.filter(({ timeMs }) => timeMs >= 3_000 && timeMs < 23_000);
    expect(still.length).toBeLessThanOrEqual(4);
    const times = [...frames.map(({ timeMs }) => timeMs), video.durationMs];
    const gaps = times.map((timeMs, at) => timeMs - (times[at - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(8_000);
  });

  it("leaves a thumbnail and 1,024 bytes of embedding for each frame", async () => {
    const { ingest, add, index, media } = desk.join;
    const { id, space } = await ingest().run((await add(film())).id, waiting());
    const segment = await index.get(id, space);
    for (const [at, { timeMs }] of (segment?.frames ?? []).entries()) {
      expect((await media.get(frameKey(id, timeMs)))?.mediaType).toBe("image/jpeg");
      const blob = await media.get(`embeddings-cache/${id}/${frameId(timeMs)}.bin`);
      expect(blob?.bytes.length).toBe(1_024);
      const first = Buffer.from(blob?.bytes ?? []).readUInt16LE(0);
      const value = segment?.embeddings[at * 512] ?? 0;
      // Sign and a rough size of the first half-precision number.
      expect(first >> 15).toBe(value < 0 ? 1 : 0);
    }
  });

  it("writes the record that other programs read", async () => {
    const { ingest, add, state } = desk.join;
    const { id } = await ingest().run((await add(film())).id, waiting());
    expect(await state.get("videos", id)).toMatchObject({
      ...{ video_id: id, title: "A film", source_s3: `s3://local/videos/${id}.mp4` },
      ...{ duration_ms: 30_000, status: "ready", model: "colors-1" },
      indexed_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/u),
      frame_count: expect.any(Number),
    });
  });

  it("tells how far it is, in order and up to the end", async () => {
    const seen: IngestProgress[] = [];
    const { id } = await desk.join.add(film());
    const ingest = desk.join.ingest({ embedder: createColorEmbedder({ delayMs: 100 }) });
    const running = ingest.run(id, {
      ...waiting(),
      progress: (step) => {
        seen.push(step);
      },
    });
    await running;
    const shares = seen.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ phase: "finishing", share: 1 });
    expect(seen.some(({ phase, frames }) => phase === "decoding" && frames > 3)).toBe(true);
    expect(ingest.progressOf(id)).toBeNull();
  });

  it("changes nothing when it is repeated, and joins what is under way", async () => {
    const embedder = createColorEmbedder();
    const ingest = desk.join.ingest({ embedder });
    const { id } = await desk.join.add(film());
    const [first, second] = await Promise.all([
      ingest.run(id, waiting()),
      ingest.run(id, waiting()),
    ]);
    expect(second).toEqual(first);
    expect(embedder.embedded()).toBe(first.frameCount);
    expect(await ingest.run(id, waiting())).toEqual(first);
    expect(embedder.embedded()).toBe(first.frameCount);
  });

  it("goes on when the one who waits leaves", async () => {
    const ingest = desk.join.ingest({ embedder: createColorEmbedder({ delayMs: 50 }) });
    const { id } = await desk.join.add(film());
    const leave = new AbortController();
    const left = ingest.run(id, { signal: leave.signal, progress: () => leave.abort() });
    await expect(left).rejects.toThrow();
    expect((await ingest.run(id, waiting())).status).toBe("ready");
  });

  it("removes a video with all that was made of it, in the middle of the work too", async () => {
    const { ingest: create, add, videos, index, root } = desk.join;
    const ingest = create({ embedder: createColorEmbedder({ delayMs: 100 }) });
    const ready = await create().run((await add(film())).id, waiting());
    await ingest.remove(ready.id);
    const other = await add(film(), { id: "fedcba9876543210" });
    const seen = new Promise<void>((resolve) => {
      const progress = ({ frames }: IngestProgress) => frames > 16 && resolve();
      ingest.run(other.id, { ...waiting(), progress }).catch(() => {});
      setTimeout(resolve, 5_000);
    });
    await seen;
    await ingest.remove(other.id);
    for (const { id } of [ready, other]) {
      expect(await videos.find(id)).toBeNull();
      expect(await index.get(id, "colors-1")).toBeNull();
    }
    expect(await videos.listAll()).toEqual([]);
    const left = await readdir(root, { recursive: true, withFileTypes: true });
    const files = left.filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(files.filter((name) => !name.includes("space"))).toEqual([]);
    await expect(ingest.run(other.id, waiting())).rejects.toMatchObject({ kind: "not_found" });
  });

  it("says why a file cannot be indexed, on its record too", async () => {
    const { ingest, add, videos } = desk.join;
    await writeFile(join(folder, "text.mp4"), "no video at all");
    const { id } = await add(join(folder, "text.mp4"));
    await expect(ingest().run(id, waiting())).rejects.toMatchObject({
      ...{ kind: "invalid_input", code: "InvalidVideo" },
    });
    expect(await videos.find(id)).toMatchObject({
      ...{ status: "failed", failure: expect.stringContaining("no video") },
      ...{ frameCount: 0, indexedAtMs: null },
    });
  });

  it("shows nothing of a video that breaks off in the middle", async () => {
    const { ingest, add, videos, index } = desk.join;
    const half = join(folder, "half.mp4");
    await ffmpeg(["-i", film(), "-c", "copy", "-movflags", "+faststart", half]);
    await truncate(half, Math.floor((await stat(half)).size * 0.6));
    const { id } = await add(half);
    await expect(ingest().run(id, waiting())).rejects.toThrow("cut off");
    expect((await videos.find(id))?.status).toBe("failed");
    expect(await index.get(id, "colors-1")).toBeNull();
  });
});
