import type { JobTurn, Log } from "../ports/index.ts";
import type { CancelMarks } from "./cancel-marks.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { isFinished, type JobRecord } from "./job.ts";
import type { JobStore } from "./job-store.ts";

/**
 * - `finished`: nothing is left to do, or there is no such job.
 * - `elsewhere`: a living process works on it.
 * - `busy`: it waits for what it needs, and is to be given again after a pause.
 * - `unfinished`: it has not come to its end, and is there for whoever takes it over.
 */
export type WorkResult = "finished" | "elsewhere" | "busy" | "unfinished";

/** Others may be after the same job; one of them has it after very few rounds. */
const TAKE_ROUNDS = 5;

/**
 * Works on jobs whose turn a queue outside of this process decides. However often and wherever a
 * job is given, one process at a time works on it, and none once it is finished. The process must
 * beat before it works and while it does.
 */
export function createJobWorker({
  jobs,
  dispatch,
  heartbeat,
  marks,
  log,
}: {
  jobs: JobStore;
  dispatch: (jobId: string, signal: AbortSignal) => Promise<JobTurn>;
  heartbeat: Pick<Heartbeat, "isAlive">;
  marks: CancelMarks;
  log: Log;
}) {
  /** What this process works on. A running record of its own that is not here was let go of. */
  const here = new Set<string>();

  const isRunElsewhere = async ({ status, owner }: JobRecord) =>
    status === "running" && owner !== jobs.owner && (await heartbeat.isAlive(owner));

  /** Makes the job this process's own; else says why not. */
  async function take(jobId: string): Promise<"taken" | "finished" | "elsewhere"> {
    for (let round = 0; round < TAKE_ROUNDS; round++) {
      const record = await jobs.find(jobId);
      // There is none where it could not be queued for sure, and its person was told so.
      if (record === null || isFinished(record.status)) return "finished";
      if (await isRunElsewhere(record)) return "elsewhere";
      const isOwn = record.owner === jobs.owner && record.status === "queued";
      if (isOwn) return "taken";
      if ((await jobs.change(record, { owner: jobs.owner, status: "queued" })) === null) continue;
      if (record.status === "running") {
        log.warn({ jobId, command: record.command, attempts: record.attempts }, "job taken over");
      }
      return "taken";
    }
    return "elsewhere";
  }

  /** What became of it; what has not ended is put back, so that it counts as nobody's. */
  async function leave(jobId: string, turn: JobTurn): Promise<WorkResult> {
    const left = await jobs.find(jobId);
    if (left === null || isFinished(left.status)) return "finished";
    if (left.owner !== jobs.owner) return "elsewhere";
    if (left.status === "running") await jobs.change(left, { status: "queued" });
    return turn === "busy" ? "busy" : "unfinished";
  }

  return {
    /**
     * Takes the job over where it must be, and works on it until it ends or the signal aborts.
     * Rejects when its record can neither be read nor written.
     */
    async work(jobId: string, signal: AbortSignal): Promise<WorkResult> {
      if (here.has(jobId)) return "elsewhere";
      here.add(jobId);
      try {
        const taken = await take(jobId);
        if (taken !== "taken") return taken;
        let turn: JobTurn = "over";
        const wasCancelled = await marks.watch(jobId, signal, async (both) => {
          turn = await dispatch(jobId, both);
        });
        const left = await leave(jobId, turn);
        // Who cancelled it need not wait for the pause.
        const result = wasCancelled && left === "busy" ? "unfinished" : left;
        if (wasCancelled && result === "finished") {
          await marks.clear(jobId).catch((thrown: unknown) => {
            log.info({ jobId, err: thrown }, "a cancel mark stays until it runs out");
          });
        }
        return result;
      } finally {
        here.delete(jobId);
      }
    },
  };
}

export type JobWorker = ReturnType<typeof createJobWorker>;
