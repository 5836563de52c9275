import { setTimeout as sleep } from "node:timers/promises";
import { type JobQueue, type JobTurn, type Ticket, tooManyWaiting } from "../../ports/index.ts";
import { createFairLine } from "./fair-line.ts";

/** Does the job's work; the signal aborts with why the job is to stop. Never rejects. */
type Worker = (jobId: string, signal: AbortSignal) => Promise<JobTurn>;

export interface ProcessJobQueue extends JobQueue {
  /** Whether the job waits or runs here. */
  holds(jobId: string): boolean;
  /** Gives the queue its worker and begins. */
  start(worker: Worker): void;
  /** Starts nothing more, waits up to `graceMs` for what runs, then aborts it with `stopped`. */
  stop(graceMs: number, stopped: Error): Promise<void>;
}

export interface ProcessJobQueueOptions {
  runningPerPerson: number;
  waitingPerPerson: number;
  /** How many jobs of all people run at once; bounds memory, not the upstreams. */
  runningInAll: number;
  /** How long a job pauses that something was too busy for; it keeps its place meanwhile. */
  busyPauseMs: number;
  /** What a cancelled job's signal is aborted with. */
  cancelled: () => Error;
}

/** The JobQueue of one process: tickets in memory, jobs run right here. */
export function createProcessJobQueue(options: ProcessJobQueueOptions): ProcessJobQueue {
  const line = createFairLine();
  const running = new Map<
    string,
    { ticket: Ticket; abort: AbortController; done: Promise<void> }
  >();
  let worker: Worker | null = null;
  const stopping = new AbortController();

  const runningFor = (user: string) =>
    [...running.values()].filter(({ ticket }) => ticket.user === user && !ticket.quick).length;

  async function workUntilOver(work: Worker, jobId: string, signal: AbortSignal): Promise<void> {
    while ((await work(jobId, signal)) === "busy") {
      const either = AbortSignal.any([signal, stopping.signal]);
      await sleep(options.busyPauseMs, undefined, { signal: either }).catch(() => {
        // The worker itself ends a job that is to stop.
      });
      // Its record is there for the next start.
      if (stopping.signal.aborted && !signal.aborted) return;
    }
  }

  function begin(ticket: Ticket, work: Worker, abort = new AbortController()): void {
    const done = workUntilOver(work, ticket.jobId, abort.signal).finally(() => {
      running.delete(ticket.jobId);
      startWaiting();
    });
    running.set(ticket.jobId, { ticket, abort, done });
  }

  function startWaiting(): void {
    while (worker !== null && running.size < options.runningInAll) {
      const ticket = line.takeNext((user) => runningFor(user) < options.runningPerPerson);
      if (ticket === null) return;
      begin(ticket, worker);
    }
  }

  const holds = (jobId: string) => running.has(jobId) || line.has(jobId);

  function add(ticket: Ticket): void {
    if (ticket.quick && worker !== null) begin(ticket, worker);
    else {
      line.add(ticket);
      startWaiting();
    }
  }

  return {
    async enqueue(ticket) {
      if (holds(ticket.jobId)) return;
      if (!ticket.quick && line.waitingFor(ticket.user) >= options.waitingPerPerson) {
        throw tooManyWaiting(options.waitingPerPerson);
      }
      add(ticket);
    },

    position: (jobId) => line.position(jobId),

    holds,

    async cancel(jobId) {
      const found = running.get(jobId);
      if (found !== undefined) {
        found.abort.abort(options.cancelled());
        return true;
      }
      if (worker === null) return false;
      const ticket = line.remove(jobId);
      if (ticket === null) return false;
      // The worker itself ends the job, so that cancelled jobs take the same road as all others.
      const abort = new AbortController();
      abort.abort(options.cancelled());
      begin(ticket, worker, abort);
      return true;
    },

    start(nextWorker) {
      worker = nextWorker;
      startWaiting();
    },

    async stop(graceMs, stopped) {
      worker = null;
      stopping.abort("stopping");
      const done = Promise.all([...running.values()].map((each) => each.done));
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([done, grace]);
      clearTimeout(timer);
      for (const { abort } of running.values()) abort.abort(stopped);
      await Promise.all([...running.values()].map((each) => each.done));
    },
  };
}
