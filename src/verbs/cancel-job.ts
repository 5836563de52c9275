import { AtelierError } from "../errors.ts";
import { isFinished, type JobRecord } from "../job/job.ts";
import { getVisibleJob } from "../job/visible-job.ts";
import type { Services } from "../services.ts";
import { findOpenJob } from "./list-history.ts";

/**
 * Stops a person's job, or their newest open one that has a turn. Rejects with `not_found` when there
 * is nothing to stop, `not_allowed` for somebody else's job.
 */
export async function cancelJob(
  jobId: string | undefined,
  user: string,
  services: Pick<Services, "jobs" | "queue" | "commands">,
): Promise<JobRecord> {
  const record =
    jobId === undefined
      ? await findOpenJob(user, services)
      : await getVisibleJob(services.jobs, jobId, user);
  if (record === null) {
    throw new AtelierError("not_found", "Nothing of yours is waiting or running.");
  }
  if (record.user !== user) {
    throw new AtelierError("not_allowed", "Only the person who asked for a job can cancel it.");
  }
  if (isFinished(record.status)) {
    throw new AtelierError("not_found", `Job ${record.id} is over already; nothing to cancel.`);
  }
  if (!(await services.queue.cancel(record.id))) {
    throw new AtelierError("not_found", `Job ${record.id} cannot be stopped from here any more.`);
  }
  return record;
}
