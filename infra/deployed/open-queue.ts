import { commands } from "#commands";
import type { Clock, JobStore, Log, StateStore } from "#core";
import { createSqsClient } from "../../src/drivers/aws/sqs-client.ts";
import { createSqsJobQueue, type SqsJobQueue } from "../../src/drivers/aws/sqs-job-queue.ts";
import { createCancelMarks } from "../../src/job/cancel-marks.ts";
import { JobStopped } from "../../src/job/job-stopped.ts";
import { listWaitingJobs } from "../../src/job/waiting-jobs.ts";
import type { AroundAttempt } from "../dynamodb-state.ts";
import { PERSON_LIMITS } from "../services.ts";
import type { Settings } from "../settings.ts";

/** The JobQueue between the functions, on the SQS queue of JOB_QUEUE_URL. */
export function openJobQueue({
  settings,
  state,
  jobs,
  clock,
  log,
  around,
}: {
  settings: Pick<Settings, "JOB_QUEUE_URL" | "AWS_REGION">;
  state: StateStore;
  jobs: JobStore;
  clock: Clock;
  log: Log;
  around?: AroundAttempt;
}): { queue: SqsJobQueue; close(): void } {
  const client = createSqsClient({ region: settings.AWS_REGION });
  if (around !== undefined) {
    client.middlewareStack.add((next) => (args) => around(() => next(args)), {
      step: "finalizeRequest",
      name: "aroundAttempt",
    });
  }
  const marks = createCancelMarks({ state, clock, log });
  const queue = createSqsJobQueue({
    client,
    queueUrl: settings.JOB_QUEUE_URL ?? "",
    waitingPerPerson: PERSON_LIMITS.waiting,
    listWaiting: (user) => listWaitingJobs(user, { jobs, commands, clock }),
    markCancelled: marks.set,
    cancelled: () => new JobStopped("cancelled"),
  });
  return { queue, close: () => client.destroy() };
}
