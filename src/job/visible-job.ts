import { AtelierError } from "../errors.ts";
import type { JobRecord } from "./job.ts";
import type { JobStore } from "./job-store.ts";

/** A job that this person may look at; other people's private jobs do not exist for them. */
export async function getVisibleJob(
  jobs: JobStore,
  jobId: string,
  user: string,
): Promise<JobRecord> {
  const record = await jobs.find(jobId);
  if (record === null || (record.isPrivate && record.user !== user)) {
    throw new AtelierError(
      "not_found",
      `There is no job ${jobId.slice(0, 40)}. /history lists yours.`,
    );
  }
  return record;
}
