import type { Clock, Log } from "../ports/index.ts";
import type { JobStore } from "./job-store.ts";
import type { JobWorker } from "./job-worker.ts";

/** How often a process looks for them. */
const EVERY_MS = 5 * 60_000;
/** Past a job's own time; until then its queue may still give it. */
const LATE_MS = 10 * 60_000;
const STRAYS_MAX = 5;

/**
 * Brings jobs to their end that no queue gives any more: their process died before they were
 * queued, or their message was lost. Their people learn that nothing will come.
 */
export function createStrayJobs({
  jobs,
  work,
  clock,
  log,
}: {
  jobs: JobStore;
  work: JobWorker["work"];
  clock: Clock;
  log: Log;
}) {
  let nextLookMs = 0;

  /** Ends a few of them, when it is time to look again. */
  return async function endStrayJobs(signal: AbortSignal): Promise<void> {
    const nowMs = clock.nowMs();
    if (nowMs < nextLookMs) return;
    nextLookMs = nowMs + EVERY_MS;
    for (const { id, command, expiresAtMs } of await jobs.listOpen(STRAYS_MAX)) {
      // The oldest come first.
      if (signal.aborted || nowMs < expiresAtMs + LATE_MS) return;
      log.warn({ jobId: id, command }, "a job was left behind");
      await work(id, signal);
    }
  };
}
