import type { Clock } from "#core";

/** Waits for the work, but no longer than `ms`; whether it is done by then. Rejects as the work does. */
export async function isDoneWithin(
  ms: number,
  work: Promise<unknown>,
  clock: Clock,
): Promise<boolean> {
  const waiting = new AbortController();
  const late = clock.sleep(ms, waiting.signal).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    // With a reason of its own: the usual one is an error with a stack, which nobody reads.
    waiting.abort("over");
  }
}
