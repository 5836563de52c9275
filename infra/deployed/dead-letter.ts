import { AtelierError } from "#core";
import type { JobWorker } from "../../src/job/job-worker.ts";
import type { LoadedSettings } from "../settings.ts";
import type { JobBatch, JobBatchParts } from "./job-batch.ts";
import { createJobFunction } from "./job-function.ts";

/**
 * The function behind the dead letters: it ends the jobs that no worker could, and tells their
 * people. A message that is none of ours is dropped.
 */
export function createDeadLetter(load: () => Promise<LoadedSettings>): JobBatch {
  return createJobFunction({
    load,
    toWork: giveUp,
    unreadable({ messageId, receiveCount }, log) {
      // Never its body: whatever is in it was not written here.
      log.error({ messageId, receiveCount }, "a message that names no job was dropped");
      return "done";
    },
  });
}

/**
 * Ends a job instead of working on it: an answer that is there already is shown, else its person
 * reads that it failed, with the reference. What a dead worker held is free by then: its claims
 * and its heartbeat ran out, and nobody waits for a job that has ended.
 */
export function giveUp(worker: JobWorker): JobBatchParts["work"] {
  return (jobId) => {
    const message =
      "Its message was given to the workers again and again, and never came to an end.";
    return worker.work(jobId, AbortSignal.abort(new AtelierError("internal", message)));
  };
}
