import type { CandidateFrame } from "../ports/index.ts";

/** No stretch of a video is longer without a frame, where it has one. */
const COVERAGE_MS = 8_000;
/** Two frames of a shot are alike below both: the average change of brightness, 0 to 255 … */
const ALIKE_MAX_MEAN_CHANGE = 2.5;
/** … and the change of any one of the 64 cells, in which something small moves. */
const ALIKE_MAX_CELL_CHANGE = 14;

/** The last frame that was kept; what is needed to go on after it. */
export interface KeptFrame {
  timeMs: number;
  shot: number;
  luma: Uint8Array;
}

/**
 * Drops what looks like the frame kept before it in the same shot. The first frame of a shot is
 * always kept, and so is at least one every 8 s: where the next one comes too late, the one
 * before it is kept after all. Give candidates in the order of time; each answer is what to keep
 * now, in that order. `after` continues where an earlier choice ended.
 */
export function createFrameChooser({ after }: { after: KeptFrame | null }) {
  let kept = after;
  let passedOver: CandidateFrame | null = null;

  function keep(frame: CandidateFrame): CandidateFrame {
    kept = frame;
    passedOver = null;
    return frame;
  }

  return {
    offer(candidate: CandidateFrame): CandidateFrame[] {
      if (kept === null) return [keep(candidate)];
      const chosen: CandidateFrame[] = [];
      if (passedOver !== null && candidate.timeMs - kept.timeMs > COVERAGE_MS) {
        chosen.push(keep(passedOver));
      }
      const isCut = candidate.shot !== kept.shot;
      const isDue = candidate.timeMs - kept.timeMs >= COVERAGE_MS;
      if (isCut || isDue || !areAlike(kept.luma, candidate.luma)) chosen.push(keep(candidate));
      else passedOver = candidate;
      return chosen;
    },
  };
}

function areAlike(a: Uint8Array, b: Uint8Array): boolean {
  let sum = 0;
  let largest = 0;
  for (let cell = 0; cell < a.length; cell++) {
    const change = Math.abs((a[cell] ?? 0) - (b[cell] ?? 0));
    sum += change;
    largest = Math.max(largest, change);
  }
  return sum / Math.max(1, a.length) < ALIKE_MAX_MEAN_CHANGE && largest < ALIKE_MAX_CELL_CHANGE;
}
