import { AtelierError } from "../errors.ts";
import type { Clock, JobQueue, Log, StateStore } from "../ports/index.ts";
import { BEAT_MS, createHeartbeat } from "./heartbeat.ts";
import type { JobRecord } from "./job.ts";
import type { JobStore } from "./job-store.ts";

const OPEN_JOBS_MAX = 2_000;
/** Longer than it takes from a job's record being written to its place in the queue. */
const STRANDED_AFTER_MS = 30_000;

/**
 * Takes over the jobs of processes that died. Every process writes a heartbeat; jobs whose
 * owner has none are queued again here. With `isAlone` no other process can be alive (one
 * process owns a data folder), so whatever is open at the start is taken over at once.
 */
export function createJobRecovery({
  jobs,
  queue,
  state,
  clock,
  log,
  isAlone,
  isQuick,
}: {
  jobs: JobStore;
  queue: Pick<JobQueue, "enqueue"> & { holds(jobId: string): boolean };
  state: StateStore;
  clock: Clock;
  log: Log;
  isAlone: boolean;
  isQuick: (command: string) => boolean;
}) {
  const stop = new AbortController();
  const heartbeat = createHeartbeat({ owner: jobs.owner, state, clock });

  async function isOwnerAlive(owner: string): Promise<boolean> {
    return isAlone ? owner === jobs.owner : heartbeat.isAlive(owner);
  }

  /** Whether it is this process's own and was let go of, because its end could not be written. */
  function isStranded(record: JobRecord): boolean {
    const isOld = clock.nowMs() - record.createdAtMs > STRANDED_AFTER_MS;
    return record.owner === jobs.owner && isOld && !queue.holds(record.id);
  }

  async function takeOver(record: JobRecord): Promise<void> {
    const taken = await jobs.change(record, { owner: jobs.owner, status: "queued" });
    if (taken === null) return;
    log.info({ jobId: taken.id, command: taken.command, was: record.status }, "job taken over");
    try {
      await queue.enqueue({ jobId: taken.id, user: taken.user, quick: isQuick(taken.command) });
    } catch (thrown) {
      // Accepted is accepted: where the person has too many waiting, a later round tries again.
      await jobs.change(taken, { owner: record.owner });
      if (!(thrown instanceof AtelierError)) throw thrown;
    }
  }

  async function round(): Promise<void> {
    const alive = new Map<string, boolean>();
    for (const record of await jobs.listOpen(OPEN_JOBS_MAX)) {
      const isAlive = alive.get(record.owner) ?? (await isOwnerAlive(record.owner));
      alive.set(record.owner, isAlive);
      if (!isAlive || isStranded(record)) await takeOver(record);
    }
  }

  async function repeat(): Promise<void> {
    for (;;) {
      await clock.sleep(BEAT_MS, stop.signal);
      try {
        await heartbeat.beat();
        await round();
      } catch (thrown) {
        log.warn({ err: thrown }, "heartbeat or take-over failed");
      }
    }
  }

  return {
    /** Takes over what is open now, then goes on in the background until `stop`. */
    async start(): Promise<void> {
      await heartbeat.beat();
      await round();
      repeat().catch(() => {
        // Only the stop signal ends the loop.
      });
    },

    /** Ends the heartbeat: others may take over at once. */
    async stop(): Promise<void> {
      stop.abort();
      await heartbeat.end();
    },
  };
}
