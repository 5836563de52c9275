import { commands } from "#commands";
import { createJobBatch } from "../../infra/deployed/job-batch.ts";
import { createSqsJobQueue } from "../../src/drivers/aws/sqs-job-queue.ts";
import { createSqsVisibility } from "../../src/drivers/aws/sqs-visibility.ts";
import { createProcessJobQueue } from "../../src/drivers/process/process-job-queue.ts";
import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import { createCancelMarks } from "../../src/job/cancel-marks.ts";
import { createHeartbeat } from "../../src/job/heartbeat.ts";
import { JobStopped } from "../../src/job/job-stopped.ts";
import { createJobStore } from "../../src/job/job-store.ts";
import { createJobWorker } from "../../src/job/job-worker.ts";
import { listWaitingJobs } from "../../src/job/waiting-jobs.ts";
import type { JobTurn } from "../../src/ports/index.ts";
import { openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { openJobQueues } from "../fixtures/job-queues.ts";
import { quietLog as log } from "../fixtures/quiet.ts";
import { type SqsEventSource, startSqsEventSource } from "../servers/sqs-event-source.ts";
import {
  type ContractWorker,
  type JobQueueUnderTest,
  jobQueueContract,
} from "./job-queue-contract.ts";

const WAITING_MAX = 10;
const cancelled = () => new JobStopped("cancelled");

jobQueueContract("The queue of one process", async () => {
  const queue = createProcessJobQueue({
    runningPerPerson: 3,
    waitingPerPerson: WAITING_MAX,
    runningInAll: 64,
    busyPauseMs: 10,
    cancelled,
  });
  return {
    queue,
    accept: async () => {},
    start: async (work) =>
      queue.start(async (jobId, signal) => {
        await work(jobId, signal);
        return "over";
      }),
    close: () => queue.stop(0, new JobStopped("shutdown")),
  };
});

jobQueueContract("The SQS queue with the worker behind it", async () => {
  const clock = processClock;
  const [storage, queues] = await Promise.all([openEmbeddedStorage(), openJobQueues()]);
  const state = storage.state(clock);
  const owner = newRandomId();
  const jobs = createJobStore({ state, clock, owner });
  const marks = createCancelMarks({ state, clock, log });
  const queue = createSqsJobQueue({
    client: queues.client,
    queueUrl: queues.jobsUrl,
    waitingPerPerson: WAITING_MAX,
    listWaiting: (user) => listWaitingJobs(user, { jobs, commands, clock }),
    markCancelled: marks.set,
    cancelled,
  });
  let source: SqsEventSource | null = null;

  async function start(work: ContractWorker): Promise<void> {
    const heartbeat = createHeartbeat({ owner, state, clock });
    /** As `dispatch` does: a job's record says how far it is. */
    async function dispatch(jobId: string, signal: AbortSignal): Promise<JobTurn> {
      const found = await jobs.find(jobId);
      const running = found && (await jobs.change(found, { status: "running" }));
      if (running === null) return "over";
      await work(jobId, signal);
      await jobs.change(running, { status: "delivered" });
      return "over";
    }
    const worker = createJobWorker({ jobs, dispatch, heartbeat, marks, log });
    queue.start(async (jobId, signal) => void (await worker.work(jobId, signal)));
    const handle = createJobBatch({
      open: async () => ({ heartbeat, work: worker.work }),
      visibility: createSqsVisibility({ client: queues.client }),
      unreadable: () => "done",
      clock,
      log: () => log,
    });
    source = startSqsEventSource({
      client: queues.client,
      queueUrl: queues.jobsUrl,
      queueArn: queues.jobsArn,
      batchSize: 1,
      reportsItemFailures: true,
      concurrency: 4,
      invoke: async (event) => ({ payload: JSON.stringify(await handle(event)), isFailed: false }),
    });
  }

  const under: JobQueueUnderTest = {
    queue,
    async accept({ jobId, user, quick }) {
      await jobs.create({
        id: jobId,
        command: quick ? "history" : "imagine",
        args: {},
        user,
        platform: "test",
        place: "test:contract:general",
        isPrivate: false,
        target: null,
        createdAtMs: clock.nowMs(),
        expiresAtMs: clock.nowMs() + 60_000,
      });
    },
    start,
    async close() {
      await source?.close();
      await queues.close();
      await storage.close();
    },
  };
  return under;
});
