import { setTimeout as sleep } from "node:timers/promises";
import { AtelierError } from "#core";

export interface CallsUnderWay {
  /**
   * Runs the work with a signal that ends it in time, and rejects soon after that whatever the work
   * makes of it; rejects once `stop` was called.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>, withinMs: number): Promise<T>;
  /** Lets what runs finish within the grace, then ends it; resolves when nothing runs. */
  stop(graceMs: number): Promise<void>;
}

/** Work that heeds its signal says more in its own rejection; so long it has for that. */
const SETTLE_MS = 250;

/** The pictures that callers of `/generate` wait for: paid for, so a stop must not lose them. */
export function createCallsUnderWay(): CallsUnderWay {
  const running = new Map<AbortController, Promise<unknown>>();
  let isStopping = false;
  return {
    async run(work, withinMs) {
      if (isStopping) throw stopping();
      const ended = new AbortController();
      const late = setTimeout(() => {
        ended.abort(new DOMException(`Not done within ${withinMs} ms.`, "TimeoutError"));
      }, withinMs);
      const done = work(ended.signal).finally(() => {
        clearTimeout(late);
        running.delete(ended);
      });
      running.set(ended, done);
      return Promise.race([done, soonAfter(ended.signal)]);
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

function soonAfter(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      void sleep(SETTLE_MS).then(() => reject(signal.reason));
    });
  });
}

function stopping(): AtelierError {
  return new AtelierError("unavailable", "Atelier is stopping. Send this again in a minute.");
}
