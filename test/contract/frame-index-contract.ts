import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FrameIndex } from "../../src/ports/index.ts";
import { embeddingOf, segmentOf } from "../fixtures/frame-segments.ts";

/** One place that segments are kept in, with as many processes' indexes on it as are opened. */
export interface FrameIndexPlace {
  /** Another index on the same place, as another process would open it. */
  open(): Promise<FrameIndex>;
  close(): Promise<void>;
}

const DIM = 64;
const SCORE_DIGITS = 2;

/** What every FrameIndex does, whatever is behind it. `start` gives an empty place. */
export function frameIndexContract(start: () => Promise<FrameIndexPlace>): void {
  let place: FrameIndexPlace;
  let index: FrameIndex;

  beforeAll(async () => {
    place = await start();
    index = await place.open();
  });
  afterAll(async () => {
    await index?.close();
    await place?.close();
  });

  const signal = new AbortController().signal;
  const search = (
    seed: number,
    space: string,
    videoIds: readonly string[],
    rest: { fromMs?: number; toMs?: number; topK?: number; on?: FrameIndex } = {},
  ) => {
    const { topK = 10, on = index, ...times } = rest;
    const filter = { videoIds, ...times };
    return on.search(embeddingOf(seed, DIM), { space, topK, filter, signal });
  };
  const times = (hits: readonly { timeMs: number }[]) => hits.map(({ timeMs }) => timeMs);

  describe("putting and finding", () => {
    it("finds a frame by its own embedding, with its time, shot and a similarity of 1", async () => {
      await index.put(segmentOf("found", "s-find", [11, 12, 13, 14, 15], DIM));
      const [first, second] = await search(15, "s-find", ["found"]);
      expect(first).toMatchObject({ videoId: "found", timeMs: 4_000, shot: 1 });
      expect(first?.score).toBeCloseTo(1, SCORE_DIGITS);
      expect(second?.score).toBeLessThan(0.6);
    });

    it("answers best first, at most topK, across videos", async () => {
      await index.put(segmentOf("across-a", "s-across", [1, 2, 3, 4, 5], DIM));
      await index.put(segmentOf("across-b", "s-across", [6, 7, 8, 9, 10], DIM));
      const hits = await search(7, "s-across", ["across-a", "across-b"], { topK: 4 });
      expect(hits).toHaveLength(4);
      expect(hits[0]).toMatchObject({ videoId: "across-b", timeMs: 1_000 });
      const scores = hits.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    });

    it("scores with the cosine similarity", async () => {
      await index.put(segmentOf("cosine", "s-cosine", [21, 22, 23], DIM));
      const [query, other] = [embeddingOf(29, DIM), embeddingOf(22, DIM)];
      const cosine = query.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
      const hits = await search(29, "s-cosine", ["cosine"]);
      expect(hits.find(({ timeMs }) => timeMs === 1_000)?.score).toBeCloseTo(cosine, SCORE_DIGITS);
    });

    it("orders frames that are alike by video and time", async () => {
      for (const id of ["tie-b", "tie-a"]) {
        await index.put(segmentOf(id, "s-tie", [31, 31], DIM));
      }
      const hits = await search(31, "s-tie", ["tie-b", "tie-a"]);
      expect(hits.map(({ videoId, timeMs }) => [videoId, timeMs])).toEqual([
        ["tie-a", 0],
        ["tie-a", 1_000],
        ["tie-b", 0],
        ["tie-b", 1_000],
      ]);
    });

    it("finds as many as are asked for, beyond a hundred", async () => {
      const seeds = Array.from({ length: 350 }, (_, seed) => 1_000 + seed);
      await index.put(segmentOf("many", "s-many", seeds, DIM));
      expect(await search(1_000, "s-many", ["many"], { topK: 250 })).toHaveLength(250);
      const all = await search(1_000, "s-many", ["many"], { topK: 5_000 });
      expect(new Set(times(all)).size).toBe(350);
    });

    it("replaces a video's segment: none of the old frames is left", async () => {
      await index.put(segmentOf("again", "s-again", [41, 42, 43, 44], DIM));
      await index.put(segmentOf("again", "s-again", [45, 46], DIM));
      const hits = await search(43, "s-again", ["again"]);
      expect(times(hits).sort()).toEqual([0, 1_000]);
      expect(hits[0]?.score).toBeLessThan(0.6);
      const filter = { videoIds: ["again"] };
      expect(await index.count({ space: "s-again", filter })).toBe(2);
      const [best] = await search(46, "s-again", ["again"]);
      expect(best).toMatchObject({ timeMs: 1_000 });
    });

    it("may be told the same segment twice", async () => {
      const segment = segmentOf("twice", "s-twice", [47, 48], DIM);
      await index.put(segment);
      await index.put(segment);
      expect(await search(47, "s-twice", ["twice"])).toHaveLength(2);
    });

    it("takes a segment without frames", async () => {
      await index.put(segmentOf("none", "s-none", [], DIM));
      expect(await search(1, "s-none", ["none"])).toEqual([]);
      expect(await index.get("none", "s-none")).toMatchObject({ frames: [] });
    });

    it("refuses a segment whose embeddings do not fit its frames, and changes nothing", async () => {
      const segment = segmentOf("odd", "s-odd", [51, 52], DIM);
      const broken = { ...segment, embeddings: segment.embeddings.subarray(1) };
      await expect(index.put(broken)).rejects.toMatchObject({ kind: "internal" });
      expect(await index.get("odd", "s-odd")).toBeNull();
    });
  });

  describe("filters", () => {
    const seeds = [61, 62, 63, 64, 65, 66];

    beforeAll(async () => {
      await index.put(segmentOf("filter-a", "s-filter", seeds, DIM));
      await index.put(segmentOf("filter-b", "s-filter", seeds, DIM));
    });

    it("finds in the named videos only", async () => {
      const hits = await search(61, "s-filter", ["filter-b"]);
      expect(new Set(hits.map(({ videoId }) => videoId))).toEqual(new Set(["filter-b"]));
      expect(hits).toHaveLength(6);
    });

    it("counts both ends of a stretch of time in", async () => {
      const hits = await search(61, "s-filter", ["filter-a"], { fromMs: 1_000, toMs: 3_000 });
      expect(times(hits).sort((a, b) => a - b)).toEqual([1_000, 2_000, 3_000]);
    });

    it("takes each end alone, and ends between two frames", async () => {
      const after = await search(61, "s-filter", ["filter-a"], { fromMs: 3_500 });
      expect(times(after).sort((a, b) => a - b)).toEqual([4_000, 5_000]);
      const before = await search(61, "s-filter", ["filter-a"], { toMs: 999.5 });
      expect(times(before)).toEqual([0]);
    });

    it("finds the best frame of a stretch, not the best frame", async () => {
      const [best] = await search(61, "s-filter", ["filter-a", "filter-b"], { fromMs: 2_000 });
      expect(best?.timeMs).toBeGreaterThanOrEqual(2_000);
    });

    it("finds nothing where nothing passes", async () => {
      expect(await search(61, "s-filter", [])).toEqual([]);
      expect(await search(61, "s-filter", ["nobody"])).toEqual([]);
      expect(await search(61, "s-filter", ["filter-a"], { fromMs: 60_000 })).toEqual([]);
      expect(await search(61, "s-filter", ["filter-a"], { fromMs: 2_000, toMs: 1_000 })).toEqual(
        [],
      );
    });

    it("leaves unknown videos out of account", async () => {
      expect(await search(61, "s-filter", ["nobody", "filter-a", "filter-a"])).toHaveLength(6);
    });

    it("counts the frames that pass", async () => {
      const count = (filter: { videoIds: string[]; fromMs?: number; toMs?: number }) =>
        index.count({ space: "s-filter", filter });
      expect(await count({ videoIds: ["filter-a", "filter-b", "nobody"] })).toBe(12);
      expect(await count({ videoIds: ["filter-a"], fromMs: 2_000, toMs: 4_000 })).toBe(3);
      expect(await count({ videoIds: [] })).toBe(0);
    });
  });

  describe("spaces", () => {
    it("never mix, and each has its own dimensions", async () => {
      await index.put(segmentOf("both", "s-one", [71, 72], DIM));
      await index.put(segmentOf("both", "s-two", [73, 74, 75], 32));
      expect(await search(71, "s-one", ["both"])).toHaveLength(2);
      const filter = { videoIds: ["both"] };
      const inTwo = await index.search(embeddingOf(75, 32), {
        space: "s-two",
        topK: 10,
        filter,
        signal,
      });
      expect(inTwo[0]).toMatchObject({ timeMs: 2_000 });
      expect(inTwo).toHaveLength(3);
    });

    it("are empty until something is put into them", async () => {
      expect(await search(1, "s-never", ["both"])).toEqual([]);
      expect(await index.count({ space: "s-never", filter: { videoIds: ["both"] } })).toBe(0);
    });
  });

  describe("getting and deleting", () => {
    it("gives the segment back, its embeddings to half precision", async () => {
      const segment = segmentOf("kept", "s-kept", [81, 82, 83, 84], DIM);
      await index.put(segment);
      const got = await index.get("kept", "s-kept");
      expect(got).toMatchObject({ videoId: "kept", space: "s-kept", dim: DIM });
      expect(got?.frames).toEqual(segment.frames);
      expect(got?.embeddings).toHaveLength(segment.embeddings.length);
      segment.embeddings.forEach((value, at) => {
        expect(Math.abs((got?.embeddings[at] ?? 9) - value)).toBeLessThan(5e-4);
      });
    });

    it("says null for what is not there", async () => {
      expect(await index.get("nobody", "s-kept")).toBeNull();
      expect(await index.get("kept", "s-elsewhere")).toBeNull();
    });

    it("deletes a video from every space, and minds no second time", async () => {
      for (const space of ["s-doomed-a", "s-doomed-b"]) {
        await index.put(segmentOf("doomed", space, [85, 86], DIM));
        await index.put(segmentOf("spared", space, [87, 88], DIM));
      }
      await index.delete("doomed");
      for (const space of ["s-doomed-a", "s-doomed-b"]) {
        const hits = await search(85, space, ["doomed", "spared"]);
        expect(hits.map(({ videoId }) => videoId)).toEqual(["spared", "spared"]);
        expect(await index.get("doomed", space)).toBeNull();
      }
      await index.delete("doomed");
      await index.delete("nobody");
    });

    it("deletes a video from one space alone", async () => {
      for (const space of ["s-old", "s-new"]) {
        await index.put(segmentOf("moved", space, [91, 92], DIM));
      }
      await index.delete("moved", "s-old");
      expect(await search(91, "s-old", ["moved"])).toEqual([]);
      expect(await search(91, "s-new", ["moved"])).toHaveLength(2);
    });
  });

  describe("beyond one process and one moment", () => {
    it("finds after a restart what was put before", async () => {
      const before = await place.open();
      await before.put(segmentOf("lasting", "s-lasting", [101, 102, 103], DIM));
      await before.close();
      const after = await place.open();
      const [best] = await search(102, "s-lasting", ["lasting"], { on: after });
      expect(best).toMatchObject({ videoId: "lasting", timeMs: 1_000 });
      await after.delete("lasting");
      expect(await after.get("lasting", "s-lasting")).toBeNull();
      await after.close();
    });

    it("finds what another process put after this one began to search", async () => {
      const other = await place.open();
      await index.put(segmentOf("mine", "s-shared", [111, 112], DIM));
      expect(await search(111, "s-shared", ["mine"], { on: other })).toHaveLength(2);
      await index.put(segmentOf("late", "s-shared", [113, 114], DIM));
      const hits = await search(114, "s-shared", ["mine", "late"], { on: other });
      expect(hits[0]).toMatchObject({ videoId: "late", timeMs: 1_000 });
      await other.close();
    });

    it("answers searches while videos come and go", async () => {
      const stays = segmentOf("stays", "s-busy", [121, 122, 123], DIM);
      await index.put(stays);
      let isOver = false;
      const searching = (async () => {
        let searches = 0;
        while (!isOver) {
          const hits = await search(122, "s-busy", ["stays"]);
          expect(hits[0]).toMatchObject({ timeMs: 1_000 });
          expect(hits).toHaveLength(3);
          searches += 1;
          await nextTurn();
        }
        return searches;
      })();
      for (let round = 0; round < 10; round++) {
        const guest = `guest-${round % 3}`;
        await index.put(segmentOf(guest, "s-busy", [200 + round, 300 + round], DIM));
        const [best] = await search(200 + round, "s-busy", [guest, "stays"]);
        expect(best).toMatchObject({ videoId: guest, timeMs: 0 });
        if (round % 2 === 1) await index.delete(guest);
      }
      isOver = true;
      expect(await searching).toBeGreaterThan(0);
    });

    it("ends a search whose signal aborts", async () => {
      const options = { space: "s-find", topK: 1, filter: { videoIds: ["found"] } };
      const reason = new Error("nobody waits any more");
      await expect(
        index.search(embeddingOf(1, DIM), { ...options, signal: AbortSignal.abort(reason) }),
      ).rejects.toBe(reason);
    });
  });
}
