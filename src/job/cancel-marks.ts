import type { Clock, Log, StateStore } from "../ports/index.ts";
import { JobStopped } from "./job-stopped.ts";

/** How long it takes at most until the process that runs a job learns that it is to stop. */
const POLL_MS = 2_000;
/** Longer than any job lasts. */
const KEPT_SECONDS = 3_600;

/** Where a job's cancellation is written down for the process that runs it, whichever that is. */
export function createCancelMarks({
  state,
  clock,
  log,
}: {
  state: StateStore;
  clock: Clock;
  log: Log;
}) {
  const keyOf = (jobId: string) => `cancel#${jobId}`;
  const has = async (jobId: string) => (await state.get("state", keyOf(jobId))) !== null;

  async function poll(jobId: string, cancel: AbortController, end: AbortSignal): Promise<void> {
    for (;;) {
      await clock.sleep(POLL_MS, end);
      const isCancelled = await has(jobId).catch((thrown: unknown) => {
        log.warn({ jobId, err: thrown }, "cannot see whether a job is to stop");
        return false;
      });
      if (isCancelled) return cancel.abort(new JobStopped("cancelled"));
    }
  }

  return {
    async set(jobId: string): Promise<void> {
      const expiresAt = Math.floor(clock.nowMs() / 1000) + KEPT_SECONDS;
      await state.put("state", { pk: keyOf(jobId), expires_at: expiresAt });
    },

    async clear(jobId: string): Promise<void> {
      await state.delete("state", keyOf(jobId));
    },

    /**
     * Does the work with a signal that also aborts soon after the job was marked, and before
     * the start when it was by then; says whether it was.
     */
    async watch(
      jobId: string,
      signal: AbortSignal,
      work: (signal: AbortSignal) => Promise<void>,
    ): Promise<boolean> {
      const cancel = new AbortController();
      const end = new AbortController();
      if (await has(jobId)) cancel.abort(new JobStopped("cancelled"));
      else {
        poll(jobId, cancel, end.signal).catch(() => {
          // The work has ended.
        });
      }
      try {
        // Where both have aborted, the person's own wish is why.
        await work(AbortSignal.any([cancel.signal, signal]));
      } finally {
        end.abort();
      }
      return cancel.signal.aborted;
    },
  };
}

export type CancelMarks = ReturnType<typeof createCancelMarks>;
