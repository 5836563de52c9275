import type { LoadedSettings } from "../settings.ts";
import type { JobBatch } from "./job-batch.ts";
import { createJobFunction } from "./job-function.ts";

/** The function that works on jobs. A message that is none of ours goes to the dead letters. */
export function createWorker(load: () => Promise<LoadedSettings>): JobBatch {
  return createJobFunction({
    load,
    toWork: (worker) => worker.work,
    unreadable({ messageId, receiveCount }, log) {
      // Never its body: whatever is in it was not written here.
      log.warn({ messageId, receiveCount }, "a message names no job");
      return { againInSeconds: 0 };
    },
  });
}
