/** Below this there is too little to judge by. */
const JUDGED_FROM_MS = 1_000;
const JUDGED_FROM_SHARE = 0.02;

/** Estimates how long work goes on by how long its share until now took. */
export function createTimeLeft({ nowMs }: { nowMs: () => number }) {
  let first: { phase: string; share: number; atMs: number } | null = null;

  return {
    /** In seconds; null while there is too little to judge by. */
    at(phase: string, share: number): number | null {
      if (first?.phase !== phase) first = { phase, share, atMs: nowMs() };
      const elapsedMs = nowMs() - first.atMs;
      const doneShare = share - first.share;
      if (elapsedMs < JUDGED_FROM_MS || doneShare < JUDGED_FROM_SHARE) return null;
      return Math.ceil(((1 - share) / doneShare) * (elapsedMs / 1000));
    },
  };
}
