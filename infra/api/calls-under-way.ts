import { AtelierError } from "#core";

export interface CallsUnderWay {
  /** Runs the work with a signal that ends it in time; rejects once `stop` was called. */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Lets what runs finish within the grace, then ends it; resolves when nothing runs. */
  stop(graceMs: number): Promise<void>;
}

/** The pictures that callers of `/generate` wait for: paid for, so a stop must not lose them. */
export function createCallsUnderWay(withinMs: number): CallsUnderWay {
  const running = new Map<AbortController, Promise<unknown>>();
  let isStopping = false;
  return {
    async run(work) {
      if (isStopping) throw stopping();
      const ended = new AbortController();
      const late = setTimeout(() => {
        ended.abort(new DOMException(`Not done within ${withinMs} ms.`, "TimeoutError"));
      }, withinMs);
      const done = work(ended.signal);
      running.set(ended, done);
      try {
        return await done;
      } finally {
        clearTimeout(late);
        running.delete(ended);
      }
    },

    async stop(graceMs) {
      isStopping = true;
      const done = Promise.allSettled(running.values());
      const late = setTimeout(() => {
        for (const ended of running.keys()) ended.abort(stopping());
      }, graceMs);
      await done;
      clearTimeout(late);
    },
  };
}

function stopping(): AtelierError {
  return new AtelierError("unavailable", "Atelier is stopping. Send this again in a minute.");
}
