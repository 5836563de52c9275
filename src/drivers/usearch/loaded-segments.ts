import { existsSync, readFileSync } from "node:fs";
import { AtelierError } from "../../errors.ts";
import { type FrameFilter, readSegment, segmentKey } from "../../ports/index.ts";
import { createInt8Rows, type RowRange } from "./int8-rows.ts";

/** A segment's file on this machine. */
export interface SegmentFile {
  videoId: string;
  space: string;
  path: string;
}

export interface LoadedSegment extends SegmentFile {
  /** Ascending. */
  timesMs: Uint32Array;
  shots: Uint32Array;
  /** Where the half-precision rows begin in the file. */
  rowsAt: number;
  checksum: string;
  /** Where its int8 rows are, in their order. */
  ranges: RowRange[];
}

/** Rows of one segment that follow each other; `firstRow` is the segment's row at `start`. */
export interface SegmentRows extends RowRange {
  segment: LoadedSegment;
  firstRow: number;
}

export interface LoadedSpace {
  dim: number;
  rows: ReturnType<typeof createInt8Rows>;
  segments: Map<string, LoadedSegment>;
  /** All rows, by block and place in it; null until it is needed after a change. */
  layout: readonly SegmentRows[] | null;
}

/** What is in memory of each space. */
export function createLoadedSegments({ threads }: { threads: number }) {
  const spaces = new Map<string, LoadedSpace>();

  function drop(videoId: string, spaceName: string): void {
    const space = spaces.get(spaceName);
    const segment = space?.segments.get(videoId);
    if (space === undefined || segment === undefined) return;
    space.segments.delete(videoId);
    space.layout = null;
    for (const gone of segment.ranges) {
      space.rows.remove(gone);
      for (const { ranges } of space.segments.values()) closeGap(ranges, gone);
    }
    if (space.segments.size === 0) spaces.delete(spaceName);
  }

  function layoutOf(space: LoadedSpace): readonly SegmentRows[] {
    space.layout ??= [...space.segments.values()]
      .flatMap((segment) => rowsBetween(segment, {}))
      .sort((a, b) => a.block - b.block || a.start - b.start);
    return space.layout;
  }

  return {
    drop,
    layoutOf,
    find: (space: string): LoadedSpace | undefined => spaces.get(space),

    /**
     * Takes the file in, in the place of an earlier one. Throws an AtelierError, and changes
     * nothing, when the file is gone, damaged or another video's.
     */
    load(file: SegmentFile): void {
      const name = segmentKey(file.videoId, file.space);
      // Its video may have been removed since it was listed.
      if (!existsSync(file.path)) throw new AtelierError("internal", `${name} is gone.`);
      const packed = readSegment(readFileSync(file.path), name);
      if (packed.videoId !== file.videoId || packed.space !== file.space) {
        const held = segmentKey(packed.videoId, packed.space);
        throw new AtelierError("internal", `${name} holds ${held}.`);
      }
      const { dim, timesMs, shots, rowsAt, checksum } = packed;
      const others = [...(spaces.get(file.space)?.segments.keys() ?? [])];
      const known = others.some((id) => id !== file.videoId) ? spaces.get(file.space)?.dim : dim;
      if (known !== dim) {
        const message = `${name} has ${dim} dimensions, the others ${known}.`;
        throw new AtelierError("internal", message);
      }
      drop(file.videoId, file.space);
      const space = spaces.get(file.space) ?? {
        dim,
        rows: createInt8Rows({ dim, threads }),
        segments: new Map<string, LoadedSegment>(),
        layout: null,
      };
      space.layout = null;
      spaces.set(file.space, space);
      const ranges = space.rows.append(packed.rows);
      space.segments.set(file.videoId, { ...file, timesMs, shots, rowsAt, checksum, ranges });
    },

    /** The rows that pass the filter. */
    passing(spaceName: string, { videoIds, ...times }: FrameFilter): readonly SegmentRows[] {
      const space = spaces.get(spaceName);
      if (space === undefined) return [];
      const found: LoadedSegment[] = [];
      for (const videoId of new Set(videoIds)) {
        const segment = space.segments.get(videoId);
        if (segment !== undefined) found.push(segment);
      }
      const isAll = found.length === space.segments.size;
      if (isAll && times.fromMs === undefined && times.toMs === undefined) return layoutOf(space);
      return found.flatMap((segment) => rowsBetween(segment, times));
    },

    usage() {
      const all = [...spaces.values()];
      const segments = all.flatMap((space) => [...space.segments.values()]);
      const frames = segments.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
      const rowBytes = all.reduce((sum, { rows }) => sum + rows.usedBytes(), 0);
      // Beside its row, a frame has its time and its shot in memory.
      return { frames, bytes: rowBytes + frames * 2 * Uint32Array.BYTES_PER_ELEMENT };
    },
  };
}

/** Ranges behind rows that were taken out of their block have moved up. */
function closeGap(ranges: RowRange[], gone: RowRange): void {
  const rows = gone.end - gone.start;
  for (const range of ranges) {
    if (range.block !== gone.block || range.start < gone.end) continue;
    range.start -= rows;
    range.end -= rows;
  }
}

function rowsBetween(
  segment: LoadedSegment,
  { fromMs = 0, toMs = Number.POSITIVE_INFINITY }: Pick<FrameFilter, "fromMs" | "toMs">,
): SegmentRows[] {
  const from = firstAtLeast(segment.timesMs, fromMs);
  const to = firstAtLeast(segment.timesMs, Math.floor(toMs) + 1);
  const found: SegmentRows[] = [];
  let firstRow = 0;
  for (const { block, start, end } of segment.ranges) {
    const skipped = Math.max(0, from - firstRow);
    const kept = Math.min(end - start, to - firstRow) - skipped;
    if (kept > 0) {
      const begin = start + skipped;
      const firstKept = firstRow + skipped;
      found.push({ segment, block, start: begin, end: begin + kept, firstRow: firstKept });
    }
    firstRow += end - start;
  }
  return found;
}

/** The place of the first time that is not before `timeMs`. */
function firstAtLeast(timesMs: Uint32Array, timeMs: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timesMs[middle] ?? 0) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
