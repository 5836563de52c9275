import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Embedder } from "#core";
import { readCheckpoint } from "../../src/frames/checkpoint.ts";
import { createIngestClaims } from "../../src/frames/ingest-claim.ts";
import { clipBatchAt, ingestOnDemand, objectEvent } from "../fixtures/clip-batch-at-desk.ts";
import { createColorEmbedder } from "../fixtures/color-embedder.ts";
import { type IngestDesk, openIngestDesk } from "../fixtures/ingest-desk.ts";
import { makeShots, missingForVideos } from "../fixtures/made-videos.ts";
import { until } from "../fixtures/until.ts";

const missing = missingForVideos();
const name = "clip-batch, between its calls";
const within = (ms = 25_000) => AbortSignal.timeout(ms);

describe.skipIf(missing !== null)(missing === null ? name : `${name} (${missing})`, () => {
  let folder: string;
  let desk: IngestDesk;
  const film = () => join(folder, "film.mp4");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-films-"));
    const shots = Array.from({ length: 40 }, (_, at) => ({
      color: at % 2 === 0 ? "moving" : "blue",
      seconds: 1.5,
    }));
    await makeShots(film(), shots, { size: "160x120", rate: 10 });
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    desk = await openIngestDesk();
  });
  afterEach(() => desk.close());

  const batch = (embedder?: Embedder) => clipBatchAt(desk, embedder);

  const statusOf = async (id: string) => {
    const video = await desk.join.videos.find(id);
    return [video?.status, video?.space];
  };

  /** Ends the work on a video once some of it is written down. */
  async function untilTimeIsOver(id: string, work: (signal: AbortSignal) => Promise<unknown>) {
    const stop = new AbortController();
    const ended = work(stop.signal);
    await until(async () => ((await readCheckpoint(desk.join.media, id))?.done ?? 0) >= 16, 20_000);
    stop.abort(new Error("The function's time is over."));
    return ended;
  }

  /** A job indexes the video until its function's time is over. */
  async function cutShort(id: string): Promise<void> {
    const ingest = ingestOnDemand(desk, createColorEmbedder({ delayMs: 100 }), "worker");
    const ended = untilTimeIsOver(id, (signal) => ingest.run(id, { signal, progress: () => {} }));
    await expect(ended).rejects.toThrow("time is over");
    expect(ingest.progressOf(id)).toBeNull();
  }

  it("puts a video down that nobody waits for: its claim is free, its file is gone from the disk", async () => {
    const { id } = await desk.join.add(film());
    await cutShort(id);
    expect(await statusOf(id)).toEqual(["indexing", ""]);
    const { state, clock } = desk.join;
    expect(await createIngestClaims({ state, clock, owner: "other" }).take(id)).toBe(true);
    expect(await readdir(join(desk.folder, "work"))).toEqual([]);
  });

  it("goes on where a job was cut short, without embedding anything twice", async () => {
    const { id } = await desk.join.add(film());
    await cutShort(id);
    const embedder = createColorEmbedder();
    const answer = await batch(embedder).clipBatch({ resume: true }, within());
    const { frameCount = 0 } = (await desk.join.videos.find(id)) ?? {};
    expect(answer).toEqual({
      ...{ video_id: null, embedded: frameCount, skipped: 0, failed: [] },
      videos: [{ video_id: id, embedded: frameCount, skipped: 0, failed: [] }],
    });
    expect(await statusOf(id)).toEqual(["ready", "colors-1"]);
    expect(embedder.embedded()).toBeLessThan(frameCount);
  });

  it("indexes anew what an earlier model indexed, and leaves one index", async () => {
    const { id } = await desk.join.add(film());
    await batch().clipBatch({ resume: true }, within());
    await batch(createColorEmbedder({ space: "colors-2" })).clipBatch({ resume: true }, within());
    expect(await statusOf(id)).toEqual(["ready", "colors-2"]);
    expect(await desk.join.index.get(id, "colors-1")).toBeNull();
    expect(await desk.join.index.get(id, "colors-2")).not.toBeNull();
  });

  it("leaves alone what is done, what failed, and what another process is at", async () => {
    const done = await desk.join.add(film(), { id: "aaaaaaaaaaaaaaaa" });
    await batch().clipBatch({ resume: true }, within());
    const indexedAtMs = (await desk.join.videos.find(done.id))?.indexedAtMs;
    await desk.join.add(film(), { id: "bbbbbbbbbbbbbbbb", status: "failed", failure: "Torn." });
    const held = await desk.join.add(film(), { id: "cccccccccccccccc", status: "indexing" });
    const { state, clock } = desk.join;
    await createIngestClaims({ state, clock, owner: "worker" }).take(held.id);
    expect(await batch().clipBatch({ resume: true }, within())).toMatchObject({ videos: [] });
    expect((await desk.join.videos.find(done.id))?.indexedAtMs).toBe(indexedAtMs);
    expect(await statusOf(held.id)).toEqual(["indexing", ""]);
    // A function that was killed renews its claim no longer.
    clock.shift(61_000);
    await batch().clipBatch({ resume: true }, within());
    expect(await statusOf(held.id)).toEqual(["ready", "colors-1"]);
  });

  it("says what is done when its time is over, which is no failure, and goes on when called again", async () => {
    const { id } = await desk.join.add(film());
    const slow = batch(createColorEmbedder({ delayMs: 200 }));
    const answer = untilTimeIsOver(id, (signal) => slow.clipBatch({ resume: true }, signal));
    expect(await answer).toMatchObject({ embedded: 0, failed: [], videos: [] });
    expect((await desk.join.videos.find(id))?.status).toBe("indexing");
    await batch().clipBatch({ resume: true }, within());
    expect(await statusOf(id)).toEqual(["ready", "colors-1"]);
  });

  it("says of a video that cannot be indexed why, and goes on with the next", async () => {
    const good = await desk.join.add(film(), { id: "aaaaaaaaaaaaaaaa" });
    const gone = await desk.join.add(film(), { id: "bbbbbbbbbbbbbbbb" });
    await desk.join.media.delete(gone.sourceKey);
    const answer = await batch().clipBatch({ resume: true }, within());
    expect(answer.failed).toEqual([
      { frame: `s3://local/${gone.sourceKey}`, message: expect.stringContaining("gone") },
    ]);
    expect((await statusOf(good.id))[0]).toBe("ready");
  });

  it("opens no model where there is no video, for the frames that an ingest writes, nor for a chat's video", async () => {
    const { clipBatch, opened } = batch();
    expect(await clipBatch({ resume: true }, within())).toMatchObject({ videos: [] });
    const chat = "0123456789abcdef";
    await desk.join.add(film(), { id: "team-film", status: "indexing", addedBy: "clip-batch" });
    for (const id of [chat, "team-film"]) {
      const answer = await clipBatch(objectEvent(`frames/${id}/0000001000.jpg`), within());
      expect(answer).toEqual({ video_id: id, embedded: 0, skipped: 1, failed: [] });
    }
    // Before and after its person's command made a record of it.
    const before = await clipBatch(objectEvent(`videos/${chat}.mp4`), within());
    await desk.join.add(film(), { id: chat });
    const after = await clipBatch(objectEvent(`videos/${chat}.mp4`), within());
    for (const answer of [before, after]) expect(answer).toMatchObject({ embedded: 0, failed: [] });
    expect(await statusOf(chat)).toEqual(["uploaded", ""]);
    expect(opened()).toBe(0);
  });
});
