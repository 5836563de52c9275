import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Log } from "../../src/ports/index.ts";
import { segmentKey } from "../../src/ports/index.ts";
import { embeddingOf, segmentOf } from "../fixtures/frame-segments.ts";
import { quietLog } from "../fixtures/quiet.ts";
import { createSegmentFolder } from "../fixtures/segment-folder.ts";

const DIM = 64;

describe("the usearch FrameIndex in particular", () => {
  let folder: Awaited<ReturnType<typeof createSegmentFolder>>;
  let index: ReturnType<typeof folder.open>;
  const warned: string[] = [];
  const log: Log = { ...quietLog, warn: (_, message) => void warned.push(message) };

  beforeEach(async () => {
    warned.length = 0;
    folder = await createSegmentFolder();
    index = folder.open({ log });
  });
  afterEach(async () => {
    await index.close();
    await folder.close();
  });

  const search = (seed: number, videoIds: readonly string[], on = index) =>
    on.search(embeddingOf(seed, DIM), {
      space: "s",
      topK: 10,
      filter: { videoIds },
      signal: new AbortController().signal,
    });
  const pathOf = (videoId: string) => folder.pathOf(segmentKey(videoId, "s"));

  async function putTwo(): Promise<void> {
    await index.put(segmentOf("good", "s", [1, 2, 3], DIM));
    await index.put(segmentOf("bad", "s", [4, 5, 6], DIM));
  }

  it.each([
    ["damaged", (bytes: Buffer) => bytes.fill(7, 200, 210)],
    ["cut short", (bytes: Buffer) => bytes.subarray(0, -100)],
    ["empty", () => Buffer.alloc(0)],
    [
      "of something else",
      () => Buffer.from("GIF89a and so on, for long enough to be a head".repeat(3)),
    ],
  ])("names a %s segment in the log and leaves it out", async (_what, spoil) => {
    await putTwo();
    await writeFile(pathOf("bad"), spoil(await readFile(pathOf("bad"))));
    const restarted = folder.open({ log });
    const hits = await search(4, ["good", "bad"], restarted);
    expect(new Set(hits.map(({ videoId }) => videoId))).toEqual(new Set(["good"]));
    expect(warned).toEqual(["The segment index/s/bad.seg is left out of the search."]);
    await search(4, ["good", "bad"], restarted);
    expect(warned).toHaveLength(1);
    const get = restarted.get("bad", "s");
    await expect(get).rejects.toMatchObject({
      message: expect.stringContaining("index/s/bad.seg"),
    });
    await restarted.close();
  });

  it("leaves out another video's segment under this one's name", async () => {
    await putTwo();
    await writeFile(pathOf("bad"), await readFile(pathOf("good")));
    const restarted = folder.open({ log });
    expect(await search(1, ["bad"], restarted)).toEqual([]);
    expect(warned.join()).toContain("index/s/bad.seg");
    await restarted.close();
  });

  it("leaves out no sound segment that it has no room for: the search fails until it has", async () => {
    await putTwo();
    await index.put(segmentOf("elsewhere", "other", [1], DIM));
    const cacheDir = folder.pathOf("../cache");
    const remote = folder.open({ log, isRemote: true, cacheDir });
    await remote.count({ space: "other", filter: { videoIds: ["elsewhere"] } });
    // As a full disk: nothing can be written there.
    const inTheWay = join(cacheDir, "index", "s");
    await writeFile(inTheWay, "");
    await expect(search(4, ["good", "bad"], remote)).rejects.toThrow("EEXIST");
    await rm(inTheWay);
    expect(await search(4, ["good", "bad"], remote)).toHaveLength(6);
    expect(warned).toEqual([]);
    await remote.close();
  });

  it("finds in a segment again once it was put anew", async () => {
    await putTwo();
    await writeFile(pathOf("bad"), "spoilt");
    const restarted = folder.open({ log });
    expect(await search(4, ["bad"], restarted)).toEqual([]);
    await restarted.put(segmentOf("bad", "s", [4, 5, 6], DIM));
    expect(await search(4, ["bad"], restarted)).toHaveLength(3);
    await restarted.close();
  });

  it("answers from the newer file when one is replaced under a running search", async () => {
    await putTwo();
    expect(await search(4, ["bad"])).toHaveLength(3);
    await folder.open().put(segmentOf("bad", "s", [7, 8], DIM));
    const [best, ...others] = await search(8, ["bad"]);
    expect(best).toMatchObject({ timeMs: 1_000 });
    expect(best?.score).toBeCloseTo(1, 2);
    expect(others).toHaveLength(1);
  });

  it("no longer finds what another process deleted", async () => {
    await putTwo();
    expect(await search(4, ["good", "bad"])).toHaveLength(6);
    await rm(pathOf("bad"));
    expect(await search(4, ["good", "bad"])).toHaveLength(3);
  });

  it("sees what others put and deleted, at the latest after the stated time", async () => {
    await putTwo();
    const other = folder.open({ refreshMs: 5_000 });
    expect(await search(1, ["good", "bad"], other)).toHaveLength(6);
    await index.delete("bad");
    folder.clock.shift(5_001);
    await search(1, ["good"], other);
    await expect
      .poll(() => other.count({ space: "s", filter: { videoIds: ["good", "bad"] } }))
      .toBe(3);
    await other.close();
  });

  it("keeps what is found true while rows of removed videos are closed up", async () => {
    const ids = Array.from({ length: 30 }, (_, at) => `v${at}`);
    for (const [at, id] of ids.entries()) {
      const seeds = Array.from({ length: 1 + (at % 5) }, (_, row) => 100 * (at + 1) + row);
      await index.put(segmentOf(id, "s", seeds, DIM));
    }
    const left = ids.filter((_, at) => at % 3 !== 1);
    for (const id of ids.filter((each) => !left.includes(each))) await index.delete(id);
    const { frames, bytes } = await index.usage();
    expect(bytes / frames).toBe(DIM + 8);
    for (const id of left) {
      const at = Number(id.slice(1));
      const row = at % 5;
      const [best] = await search(100 * (at + 1) + row, left);
      expect(best).toMatchObject({ videoId: id, timeMs: row * 1_000 });
      expect(best?.score).toBeCloseTo(1, 2);
    }
  });

  it("stores at most 1.6 KB a frame at 512 dimensions, and keeps about 520 bytes in memory", async () => {
    const seeds = Array.from({ length: 300 }, (_, seed) => seed);
    await index.put(segmentOf("large", "s-512", seeds, 512));
    const file = await readFile(folder.pathOf(segmentKey("large", "s-512")));
    expect(file.length / 300).toBeLessThan(1_100);
    const { frames, bytes } = await index.usage();
    expect(bytes / frames).toBe(520);
  });

  it("holds the main thread up for no more than moments while it searches", async () => {
    const seeds = Array.from({ length: 3_000 }, (_, seed) => seed);
    await index.put(segmentOf("busy", "s", seeds, DIM));
    await search(1, ["busy"]);
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 0);
    await Promise.all(Array.from({ length: 50 }, (_, seed) => search(seed, ["busy"])));
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(0);
  });

  it("refuses names that are no words of a path", async () => {
    const put = index.put(segmentOf("../../etc", "s", [1], DIM));
    await expect(put).rejects.toMatchObject({ kind: "internal" });
  });

  it("refuses embeddings of another length, and says which", async () => {
    await putTwo();
    const wrong = index.put(segmentOf("wide", "s", [1], 32));
    await expect(wrong).rejects.toThrow("index/s/wide.seg has 32 dimensions, the others 64.");
    const { signal } = new AbortController();
    const query = { space: "s", topK: 1, filter: { videoIds: ["good"] }, signal };
    await expect(index.search(embeddingOf(1, 32), query)).rejects.toThrow("64 dimensions, not 32");
  });
});
