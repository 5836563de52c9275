import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { encodeSegment, segmentKey } from "../../src/ports/index.ts";
import { createChance } from "../fixtures/frame-segments.ts";

export const DIM = 512;
const FRAMES_OF_VIDEO = 200;
const FRAMES_OF_SHOT = 8;
const SUBJECTS = 400;
const POOL = 1 << 20;
/** CLIP's pictures and texts each have a dimension far larger than the others, and not the same one. */
const OF_PICTURES = 92;
const OF_TEXTS = 133;
const OUTLIER = 12;

interface Part {
  of: Float32Array;
  weight: number;
}

/**
 * Rows of norm 1 that are shaped like CLIP's: all in one cone, around the subjects of their videos,
 * the frames of a shot nearly alike, one dimension far larger than the others. The same in every run.
 */
export function createSyntheticFrames(seed: number) {
  const chance = createChance(seed);
  // Noise is read from random places of one pool: a million rows in seconds.
  const pool = Float32Array.from({ length: POOL + DIM }, () => {
    const sum = chance() + chance() + chance() + chance();
    return (sum / 2 ** 32 - 2) * Math.sqrt(3);
  });
  const noise = () => pool.subarray(chance() % POOL);
  const cone = noise();
  const subjects = Array.from({ length: SUBJECTS }, noise);

  function write(to: Float32Array, outlier: number, parts: readonly Part[]): void {
    let square = 0;
    for (let at = 0; at < DIM; at++) {
      let value = at === outlier ? OUTLIER : 0;
      for (const { of, weight } of parts) value += weight * (of[at] ?? 0);
      to[at] = value;
      square += value * value;
    }
    const norm = Math.sqrt(square);
    for (let at = 0; at < DIM; at++) to[at] = (to[at] ?? 0) / norm;
  }
  const subject = () => subjects[chance() % SUBJECTS] ?? cone;

  return {
    /** A sentence: of another cone, leaning to a subject. */
    query(): Float32Array {
      const row = new Float32Array(DIM);
      write(row, OF_TEXTS, [
        { of: subject(), weight: 0.5 },
        { of: noise(), weight: 1 },
      ]);
      return row;
    },

    /** Writes the segments of so many frames; gives their videos, and all rows as they were. */
    async writeSegments(frames: number, space: string, pathOf: (key: string) => string) {
      const rows = new Float32Array(frames * DIM);
      const videoIds: string[] = [];
      for (let first = 0; first < frames; first += FRAMES_OF_VIDEO) {
        const count = Math.min(FRAMES_OF_VIDEO, frames - first);
        const own = rows.subarray(first * DIM, (first + count) * DIM);
        const about = subject();
        let shot = noise();
        for (let frame = 0; frame < count; frame++) {
          if (frame % FRAMES_OF_SHOT === 0) shot = noise();
          write(own.subarray(frame * DIM, (frame + 1) * DIM), OF_PICTURES, [
            { of: cone, weight: 1 },
            { of: about, weight: 0.7 },
            { of: shot, weight: 0.6 },
            { of: noise(), weight: 0.35 },
          ]);
        }
        const videoId = `video${first / FRAMES_OF_VIDEO}`;
        const times = Array.from({ length: count }, (_, frame) => frame);
        const path = pathOf(segmentKey(videoId, space));
        if (first === 0) await mkdir(dirname(path), { recursive: true });
        const segment = {
          videoId,
          space,
          dim: DIM,
          frames: times.map((frame) => ({
            timeMs: frame * 1_000,
            shot: Math.floor(frame / FRAMES_OF_SHOT),
          })),
          embeddings: own,
        };
        await writeFile(path, encodeSegment(segment));
        videoIds.push(videoId);
      }
      return { rows, videoIds, rowOf: rowOf(videoIds) };
    },
  };
}

/** The row of a frame, by its video and its time. */
function rowOf(videoIds: readonly string[]) {
  const first = new Map(videoIds.map((id, at) => [id, at * FRAMES_OF_VIDEO]));
  return ({ videoId, timeMs }: { videoId: string; timeMs: number }) =>
    (first.get(videoId) ?? 0) + timeMs / 1_000;
}
