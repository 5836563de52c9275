import { AsyncLocalStorage } from "node:async_hooks";
import { AtelierError, type Clock } from "#core";

export type RequestTime = ReturnType<typeof createRequestTime>;

/**
 * Keeps the work on a request within its time. A function is frozen once it has answered: what is
 * then still under way would go on at some later request, or never.
 */
export function createRequestTime(clock: Clock) {
  const starts = new AsyncLocalStorage<number>();

  return {
    /** Does the work on one request, whose time runs from `startMs`. */
    run<T>(startMs: number, work: () => Promise<T>): Promise<T> {
      return starts.run(startMs, work);
    },

    /**
     * The outcome of a part of that work. Rejects with `unavailable` when `limitMs` of the
     * request's time are over before it is there; the part's signal aborts then, and a part that
     * comes later is not begun. Work that belongs to no request has all the time it takes.
     */
    async within<T>(limitMs: number, part: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const over = new AbortController();
      const startMs = starts.getStore();
      if (startMs === undefined) return part(over.signal);
      const leftMs = startMs + limitMs - clock.nowMs();
      if (leftMs <= 0) throw tooLate();
      const timer = new AbortController();
      const late = clock.sleep(leftMs, timer.signal).then(() => {
        const error = tooLate();
        over.abort(error);
        throw error;
      });
      try {
        return await Promise.race([part(over.signal), late]);
      } finally {
        // With a reason of its own: the usual one is an error with a stack, which nobody reads.
        timer.abort("over");
      }
    },
  };
}

/** Whether it was done is not known: a request that is under way cannot be taken back. */
function tooLate(): AtelierError {
  return new AtelierError(
    "unavailable",
    "I am slow just now and cannot say whether this was taken. If nothing appears here within a minute, try again.",
  );
}
