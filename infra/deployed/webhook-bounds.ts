import type { Clock, JobQueue, Limiter, StateStore } from "#core";
import type { AroundAttempt } from "../dynamodb-state.ts";
import type { RequestTime } from "./webhook-request-time.ts";

/**
 * How much of a request's time its stores have: below the 2 s after which an adapter answers
 * without knowing, so that what is too slow is refused in the answer itself.
 */
const STORES_WITHIN_MS = 1_800;
/** A little longer, so that it is the operation that ends, and says so. */
const ATTEMPTS_WITHIN_MS = 1_900;
/** The same for a platform's own calls; the rest of its 3 s is for the way back. */
export const CALLS_WITHIN_MS = 2_600;

/**
 * One attempt of a request to AWS. The SDK's next one may come when the function is thawed, at
 * some other request: then it is not sent.
 */
export function boundAttempts(time: RequestTime): AroundAttempt {
  return (send) => time.within(ATTEMPTS_WITHIN_MS, send);
}

/** The store for as long as the request that uses it. */
export function boundStateStore(state: StateStore, time: RequestTime): StateStore {
  const bound =
    <Args extends readonly unknown[], Result>(operation: (...args: Args) => Promise<Result>) =>
    (...args: Args) =>
      time.within(STORES_WITHIN_MS, () => operation(...args));
  return {
    get: bound(state.get),
    put: bound(state.put),
    delete: bound(state.delete),
    add: bound(state.add),
    query: bound(state.query),
  };
}

/** The queue likewise. */
export function boundJobQueue(queue: JobQueue, time: RequestTime): JobQueue {
  return {
    ...queue,
    enqueue: (ticket) => time.within(STORES_WITHIN_MS, () => queue.enqueue(ticket)),
  };
}

/** Calls of one method of a platform: each at once, unless the platform asked for a pause. */
export function createCallLimiter(time: RequestTime, clock: Clock): Limiter {
  let pausedUntilMs = 0;
  return {
    schedule(call, { signal }) {
      return time.within(CALLS_WITHIN_MS, async (over) => {
        const pauseMs = pausedUntilMs - clock.nowMs();
        if (pauseMs > 0) await clock.sleep(pauseMs, AbortSignal.any([signal, over]));
        signal.throwIfAborted();
        return call();
      });
    },
    pause(ms) {
      pausedUntilMs = Math.max(pausedUntilMs, clock.nowMs() + ms);
    },
    close: async () => {},
  };
}
