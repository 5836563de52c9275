import { type AtelierError, isRetryable } from "../errors.ts";

const FIRST_MS = 2_000;
const LONGEST_MS = 300_000;

/** How long to wait after each failure of work that may be tried again: twice as long each time. */
export function createRetryPauses({
  retriesMax,
}: {
  /** So often without any progress, until it is given up. */
  retriesMax: number;
}) {
  let retries = 0;
  let furthest = -1;

  return {
    /** Milliseconds to wait; throws what no other try can help. `progress` grows with the work. */
    after(error: AtelierError, progress: number): number {
      retries = progress > furthest ? 0 : retries + 1;
      furthest = Math.max(furthest, progress);
      if (!isRetryable(error) || retries >= retriesMax) throw error;
      return Math.max(Math.min(FIRST_MS * 2 ** retries, LONGEST_MS), error.retryAfterMs ?? 0);
    },
  };
}
