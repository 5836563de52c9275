import type { FrameSegment } from "#core";

/** Neighbours less alike than this are taken for two shots, where nobody saw the cut. */
const SAME_SHOT_COSINE = 0.9;

/**
 * The segment with more frames in it, in the order of time. Frames that were there keep their
 * cuts; beside a new one a cut is where the pictures differ, as a lone frame knows no shot.
 */
export function mergeFrames(
  segment: FrameSegment | null,
  rows: ReadonlyMap<number, Float32Array>,
  { videoId, space, dim }: Pick<FrameSegment, "videoId" | "space" | "dim">,
): FrameSegment {
  const known = (segment?.frames ?? []).map(({ timeMs, shot }, index) => ({
    timeMs,
    knownShot: shot as number | null,
    row: segment?.embeddings.subarray(index * dim, (index + 1) * dim) ?? new Float32Array(dim),
  }));
  const knownTimes = new Set(known.map(({ timeMs }) => timeMs));
  const added = [...rows]
    .filter(([timeMs]) => !knownTimes.has(timeMs))
    .map(([timeMs, row]) => ({ timeMs, knownShot: null, row }));
  const all = [...known, ...added].sort((a, b) => a.timeMs - b.timeMs);

  let shot = 0;
  const frames = all.map(({ timeMs, knownShot, row }, index) => {
    const before = all[index - 1];
    if (before !== undefined) {
      const isCut =
        knownShot !== null && before.knownShot !== null
          ? knownShot !== before.knownShot
          : cosine(row, before.row) < SAME_SHOT_COSINE;
      if (isCut) shot += 1;
    }
    return { timeMs, shot };
  });
  const embeddings = new Float32Array(all.length * dim);
  all.forEach(({ row }, index) => {
    embeddings.set(row, index * dim);
  });
  return { videoId, space, dim, frames, embeddings };
}

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
