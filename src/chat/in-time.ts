import type { Clock } from "../ports/index.ts";

/** Chat platforms wait 3 s for an acknowledgement; what is left is for the way there. */
const ACKNOWLEDGE_WITHIN_MS = 2_000;

/** What came of work that may be too slow to wait for. */
export type InTime<T> =
  | { kind: "done"; value: T }
  | { kind: "failed"; error: unknown }
  | { kind: "late"; outcome: Promise<Exclude<InTime<T>, { kind: "late" }>> };

/** Waits for the work for as long as an acknowledgement can wait; never rejects. */
export async function inTime<T>(work: Promise<T>, clock: Clock): Promise<InTime<T>> {
  const outcome = work.then(
    (value) => ({ kind: "done", value }) as const,
    (error: unknown) => ({ kind: "failed", error }) as const,
  );
  const waiting = new AbortController();
  const late = clock.sleep(ACKNOWLEDGE_WITHIN_MS, waiting.signal).then(
    () => ({ kind: "late", outcome }) as const,
    () => outcome,
  );
  try {
    return await Promise.race([outcome, late]);
  } finally {
    // With a reason of its own: the usual one is an error with a stack, which nobody reads.
    waiting.abort("over");
  }
}
