import { closeSync, openSync, readSync } from "node:fs";
import { AtelierError } from "../../errors.ts";
import {
  FLOAT16_BYTES,
  type FrameFilter,
  type FrameHit,
  float16Value,
  SEGMENT_CHECKSUM_END,
  segmentChecksum,
} from "../../ports/index.ts";
import type { NearRow } from "./int8-rows.ts";
import {
  createLoadedSegments,
  type LoadedSegment,
  type SegmentFile,
  type SegmentRows,
} from "./loaded-segments.ts";

export interface ScanRequest {
  space: string;
  filter: FrameFilter;
}

export type FrameScan = ReturnType<typeof createFrameScan>;

/** How many of the nearest int8 rows are scored again in half precision, at least. */
const RESCORED_MIN = 100;
/** How often a search begins anew because files changed under it. */
const ATTEMPTS = 3;

/**
 * The exact scan through the loaded segments: int8 rows in memory, the best of them scored again
 * in half precision from the files. All of it is synchronous, so that no search sees half a
 * change; it is made to run in a thread of its own.
 */
export function createFrameScan({ threads }: { threads: number }) {
  const loaded = createLoadedSegments({ threads });

  /** The files that are no longer what was loaded are loaded again, or dropped. */
  function refresh(stale: readonly LoadedSegment[]): void {
    for (const { videoId, space, path } of stale) {
      try {
        loaded.load({ videoId, space, path });
      } catch (thrown) {
        if (!(thrown instanceof AtelierError)) throw thrown;
        // Gone, or damaged since: what cannot be read cannot be found either.
        loaded.drop(videoId, space);
      }
    }
  }

  return {
    load: (file: SegmentFile): void => loaded.load(file),
    drop: (videoId: string, space: string): void => loaded.drop(videoId, space),
    usage: () => loaded.usage(),

    count: ({ space, filter }: ScanRequest): number =>
      loaded.passing(space, filter).reduce((sum, { start, end }) => sum + end - start, 0),

    search({ space, filter }: ScanRequest, embedding: Float32Array, topK: number): FrameHit[] {
      for (let attempt = 0; attempt < ATTEMPTS && topK >= 1; attempt++) {
        const target = loaded.find(space);
        if (target === undefined) return [];
        if (embedding.length !== target.dim) {
          throw new Error(`${space} has ${target.dim} dimensions, not ${embedding.length}.`);
        }
        const places = loaded.passing(space, filter);
        const count = Math.max(RESCORED_MIN, 2 * topK);
        const near = target.rows.nearest(embedding, places, count);
        const { hits, stale } = rescore(bySegment(near, loaded.layoutOf(target)), embedding);
        if (stale.length === 0) return hits.sort(bestFirst).slice(0, topK);
        refresh(stale);
      }
      return [];
    },
  };
}

/** Best score first; of equals the first video, and in it the earliest. */
function bestFirst(a: FrameHit, b: FrameHit): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.videoId !== b.videoId) return a.videoId < b.videoId ? -1 : 1;
  return a.timeMs - b.timeMs;
}

/** Which rows of which segments were found; the layout is sorted by block and place. */
function bySegment(
  near: readonly NearRow[],
  layout: readonly SegmentRows[],
): Map<LoadedSegment, number[]> {
  const rows = new Map<LoadedSegment, number[]>();
  for (const { block, row } of near) {
    let low = 0;
    let high = layout.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const place = layout[middle];
      const isBehind = place !== undefined && (place.block - block || place.start - row) > 0;
      if (isBehind) high = middle;
      else low = middle + 1;
    }
    const place = layout[low - 1];
    if (place === undefined) continue;
    const own = rows.get(place.segment) ?? [];
    own.push(place.firstRow + row - place.start);
    rows.set(place.segment, own);
  }
  return rows;
}

/** Scores the rows in half precision; `stale` are segments whose files are other ones by now. */
function rescore(rowsOf: Map<LoadedSegment, number[]>, embedding: Float32Array) {
  const hits: FrameHit[] = [];
  const stale: LoadedSegment[] = [];
  const head = Buffer.alloc(SEGMENT_CHECKSUM_END);
  const bytes = new Uint8Array(embedding.length * FLOAT16_BYTES);
  const halves = new Uint16Array(bytes.buffer);
  for (const [segment, rows] of rowsOf) {
    const file = openOrNull(segment.path);
    try {
      const isRead = file !== null && readSync(file, head, 0, head.length, 0) === head.length;
      if (!isRead || segmentChecksum(head) !== segment.checksum) {
        stale.push(segment);
        continue;
      }
      for (const row of rows) {
        readSync(file, bytes, 0, bytes.length, segment.rowsAt + row * bytes.length);
        hits.push({
          videoId: segment.videoId,
          timeMs: segment.timesMs[row] ?? 0,
          shot: segment.shots[row] ?? 0,
          score: innerProduct(halves, embedding),
        });
      }
    } finally {
      if (file !== null) closeSync(file);
    }
  }
  return { hits, stale };
}

function innerProduct(halves: Uint16Array, embedding: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < embedding.length; at++) {
    sum += float16Value(halves[at] ?? 0) * (embedding[at] ?? 0);
  }
  return sum;
}

function openOrNull(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch {
    return null;
  }
}
