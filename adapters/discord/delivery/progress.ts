import { asAtelierError, type Clock, type Log, type Progress } from "#core";
import type { OutgoingMessage } from "../api/discord-api.ts";

/** Between two steps that are shown in one message. */
const STEP_PACE_MS = 2_000;
/** A step that cannot be shown now is overtaken by the next one. */
const STEP_WAIT_MS = 2_000;

interface Followed {
  /** Shows a step; rejects when the message takes none any more. */
  show(message: OutgoingMessage, options: { waitMaxMs: number; isOnce: true }): Promise<unknown>;
  render(progress: Progress): OutgoingMessage;
  waiting: Progress | null;
  /** What is being shown. */
  current: Promise<void> | null;
  isWorking: boolean;
  /** No step is shown before. */
  nextAtMs: number;
}

/** Keeps the messages of running jobs up to date, each at most once in two seconds. */
export function createProgressReports({ clock, log }: { clock: Clock; log: Log }) {
  const followed = new Map<string, Followed>();

  async function show(jobId: string, job: Followed, step: Progress): Promise<void> {
    try {
      await job.show(job.render(step), { waitMaxMs: STEP_WAIT_MS, isOnce: true });
    } catch (thrown) {
      const { kind } = asAtelierError(thrown);
      log.info({ jobId, kind }, "a step is not shown");
      // Deleted, or its token takes no more: each further try would count as an invalid request.
      const isOver = kind === "not_found" || kind === "not_allowed";
      if (isOver && followed.get(jobId) === job) followed.delete(jobId);
    }
  }

  async function work(jobId: string, job: Followed): Promise<void> {
    for (;;) {
      await clock.sleep(Math.max(0, job.nextAtMs - clock.nowMs()));
      const step = job.waiting;
      if (step === null || followed.get(jobId) !== job) break;
      job.waiting = null;
      job.nextAtMs = clock.nowMs() + STEP_PACE_MS;
      job.current = show(jobId, job, step);
      await job.current;
      job.current = null;
      if (job.waiting === null) break;
    }
    job.isWorking = false;
  }

  return {
    /** From now on the job's steps are shown in that way. */
    follow(jobId: string, { show: ofJob, render }: Pick<Followed, "show" | "render">): void {
      const job: Followed = {
        show: ofJob,
        render,
        waiting: null,
        current: null,
        isWorking: false,
        // The first message was shown just now.
        nextAtMs: clock.nowMs() + STEP_PACE_MS,
      };
      followed.set(jobId, job);
    },

    /** Shows how far a followed job is; of several steps in two seconds, the latest. */
    report(jobId: string, step: Progress): void {
      const job = followed.get(jobId);
      if (job === undefined) return;
      job.waiting = step;
      if (job.isWorking) return;
      job.isWorking = true;
      void work(jobId, job);
    },

    /** Resolves when no step of the job is shown any more, after `last`: what is written then, stays. */
    async settle(jobId: string, last: Progress | null = null): Promise<void> {
      const job = followed.get(jobId);
      followed.delete(jobId);
      await job?.current;
      if (job !== undefined && last !== null) await show(jobId, job, last);
    },
  };
}
