import type { Log } from "#core";
import { createSqsClient } from "../../src/drivers/aws/sqs-client.ts";
import { createSqsVisibility } from "../../src/drivers/aws/sqs-visibility.ts";
import { createEmfMetrics } from "../../src/drivers/cloudwatch/emf-metrics.ts";
import { createPinoLog } from "../../src/drivers/pino/pino-log.ts";
import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import { createCancelMarks } from "../../src/job/cancel-marks.ts";
import { createHeartbeat } from "../../src/job/heartbeat.ts";
import { createJobWorker, type JobWorker } from "../../src/job/job-worker.ts";
import { createStrayJobs } from "../../src/job/stray-jobs.ts";
import { once } from "../clip-services/once.ts";
import type { LoadedSettings } from "../settings.ts";
import { createJobBatch, type JobBatch, type JobBatchParts, type Verdict } from "./job-batch.ts";
import type { JobMessage } from "./job-messages.ts";
import { openJobQueue } from "./open-queue.ts";
import { openServices } from "./open-services.ts";

export interface JobFunctionOptions {
  load: () => Promise<LoadedSettings>;
  /** What the function does with a job. */
  toWork: (worker: JobWorker) => JobBatchParts["work"];
  /** What becomes of a message that is none of ours. */
  unreadable: (message: JobMessage, log: Log) => Verdict;
}

/**
 * A function behind the job queue or its dead letters: the same services as in the one process,
 * opened by the first batch and kept for as long as Lambda keeps the process.
 */
export function createJobFunction({ load, toWork, unreadable }: JobFunctionOptions): JobBatch {
  const clock = processClock;
  let log = createPinoLog({ level: "info", isPretty: false });

  const open = once(async (): Promise<JobBatchParts> => {
    const { settings, warnings } = await load();
    log = createPinoLog({ level: settings.LOG_LEVEL, isPretty: false });
    for (const warning of warnings) log.warn({}, warning);
    const owner = newRandomId();
    let worker: JobWorker | null = null;
    const { state, jobs, dispatch } = await openServices({
      settings,
      clock,
      log,
      metrics: createEmfMetrics({
        namespace: settings.METRICS_NAMESPACE,
        write: (line) => void process.stdout.write(line),
        clock,
      }),
      newId: newRandomId,
      owner,
      openQueue(parts) {
        const { queue } = openJobQueue(parts);
        queue.start(async (jobId, signal) => void (await worker?.work(jobId, signal)));
        return queue;
      },
    });
    const heartbeat = createHeartbeat({ owner, state, clock });
    const marks = createCancelMarks({ state, clock, log });
    worker = createJobWorker({ jobs, dispatch, heartbeat, marks, log });
    const work = toWork(worker);
    return { heartbeat, work, afterwards: createStrayJobs({ jobs, work, clock, log }) };
  });

  return createJobBatch({
    open,
    visibility: createSqsVisibility({ client: createSqsClient() }),
    unreadable: (message) => unreadable(message, log),
    clock,
    log: () => log,
  });
}
