import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seedDemoLibrary } from "../../infra/demo-library.ts";
import { frameKey } from "../../src/frames/video.ts";
import type { VideoDecoder } from "../../src/ports/index.ts";
import { createColorEmbedder } from "../fixtures/color-embedder.ts";
import { type IngestDesk, openIngestDesk } from "../fixtures/ingest-desk.ts";

/** Of a machine without ffmpeg. */
const noDecoder: VideoDecoder = {
  probe: () => Promise.reject(new Error("There is no ffmpeg here.")),
  // biome-ignore lint/correctness/useYield: it never comes to that.
  async *frames() {
    throw new Error("There is no ffmpeg here.");
  },
};

describe("the demo library", () => {
  let desk: IngestDesk;
  beforeEach(async () => {
    desk = await openIngestDesk();
  });
  afterEach(() => desk.close());

  const seedWith = (embedder = createColorEmbedder()) =>
    seedDemoLibrary({
      ...desk.join,
      ingest: desk.join.ingest({ embedder, decoder: noDecoder }),
      signal: AbortSignal.timeout(20_000),
    });

  it("is searchable without ffmpeg, in less than 10 s, with a shot for each scene", async () => {
    const startMs = performance.now();
    await seedWith();
    expect(performance.now() - startMs).toBeLessThan(10_000);
    const videos = await desk.join.videos.list("demo");
    expect(videos.map(({ title }) => title).sort()).toEqual([
      "A day in the park",
      "Holiday by the sea",
      "Home for the winter",
    ]);
    for (const video of videos) {
      expect(video).toMatchObject({ status: "ready", durationMs: 24_000, space: "colors-1" });
      const segment = await desk.join.index.get(video.id, video.space);
      expect(new Set(segment?.frames.map(({ shot }) => shot)).size).toBe(6);
      const first = segment?.frames[0]?.timeMs ?? -1;
      expect(await desk.join.media.has(frameKey(video.id, first))).toBe(true);
      expect(await desk.join.media.has(video.sourceKey)).toBe(true);
    }
  });

  it("is made once, and again for another model", async () => {
    const first = createColorEmbedder();
    await seedWith(first);
    const frames = first.embedded();
    await seedWith(first);
    expect(first.embedded()).toBe(frames);
    const second = createColorEmbedder({ space: "colors-2" });
    await seedWith(second);
    expect(second.embedded()).toBe(frames);
    const spaces = (await desk.join.videos.list("demo")).map(({ space }) => space);
    expect(new Set(spaces)).toEqual(new Set(["colors-2"]));
  });

  it("loses the demo videos of an earlier release, and no team's", async () => {
    const { videos, add } = desk.join;
    const path = new URL("../../infra/demo/videos/a-day-in-the-park.mp4", import.meta.url).pathname;
    await add(path, { id: "aaaaaaaaaaaaaaaa", library: "demo" });
    await add(path, { id: "bbbbbbbbbbbbbbbb", library: "test:team" });
    await seedWith();
    expect(await videos.find("aaaaaaaaaaaaaaaa")).toBeNull();
    expect(await videos.find("bbbbbbbbbbbbbbbb")).not.toBeNull();
  });
});
