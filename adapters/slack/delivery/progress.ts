import { asAtelierError, type Clock, type Log, type Progress } from "#core";
import type { SlackMessage } from "../render.ts";
import type { ShownMessage, Surfaces } from "./surfaces.ts";

/** Slack takes about one message a second in a channel (docs.slack.dev/apis/web-api/rate-limits). */
const SLACK_CHANNEL_PACE_MS = 1_000;
/** A step that cannot be shown now is overtaken by the next one. */
const STEP_WAIT_MS = 1_000;

interface Followed {
  shown: ShownMessage;
  render(progress: Progress): SlackMessage;
}

/** What waits to be shown in one channel, a step for each job, and what is being shown. */
interface Line {
  waiting: Map<string, Progress>;
  current: { jobId: string; done: Promise<void> } | null;
}

/** Keeps the messages of running jobs up to date, each channel at most once a second. */
export function createProgressReports({
  surfaces,
  clock,
  log,
}: {
  surfaces: Surfaces;
  clock: Clock;
  log: Log;
}) {
  const followed = new Map<string, Followed>();
  const lines = new Map<string, Line>();

  async function show({ shown, render }: Followed, jobId: string, step: Progress): Promise<void> {
    try {
      const options = { waitMaxMs: STEP_WAIT_MS, isOnce: true };
      await surfaces.update(shown, render(step), options);
    } catch (thrown) {
      log.info({ jobId, kind: asAtelierError(thrown).kind }, "a step is not shown");
    }
  }

  async function work(channel: string, line: Line): Promise<void> {
    for (;;) {
      const [next] = line.waiting;
      if (next === undefined) break;
      const [jobId, step] = next;
      line.waiting.delete(jobId);
      const job = followed.get(jobId);
      if (job === undefined) continue;
      line.current = { jobId, done: show(job, jobId, step) };
      await line.current.done;
      line.current = null;
      await clock.sleep(SLACK_CHANNEL_PACE_MS);
    }
    lines.delete(channel);
  }

  return {
    /** From now on the job's steps are shown in that message. */
    follow(jobId: string, job: Followed): void {
      followed.set(jobId, job);
    },

    /** Shows how far a followed job is; of several steps within a second, the latest. */
    report(jobId: string, step: Progress): void {
      const job = followed.get(jobId);
      if (job === undefined) return;
      const { channel } = job.shown;
      const line = lines.get(channel) ?? { waiting: new Map(), current: null };
      line.waiting.set(jobId, step);
      if (lines.has(channel)) return;
      lines.set(channel, line);
      void work(channel, line);
    },

    /** Resolves when no step of the job is shown any more, after `last`: what is written then, stays. */
    async settle(jobId: string, last: Progress | null = null): Promise<void> {
      const job = followed.get(jobId);
      followed.delete(jobId);
      const line = job && lines.get(job.shown.channel);
      line?.waiting.delete(jobId);
      if (line?.current?.jobId === jobId) await line.current.done;
      if (job !== undefined && last !== null) await show(job, jobId, last);
    },
  };
}
