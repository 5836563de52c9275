import { AtelierError } from "../errors.ts";
import { isFinished, type JobRecord } from "../job/job.ts";
import type { Services } from "../services.ts";

const LOOK_BACK_JOBS = 50;

/**
 * Stops a person's job, or their newest open one that draws. Rejects with `not_found` when there
 * is nothing to stop, `not_allowed` for somebody else's job.
 */
export async function cancelJob(
  jobId: string | undefined,
  user: string,
  services: Pick<Services, "jobs" | "queue" | "commands">,
): Promise<JobRecord> {
  const record =
    jobId === undefined ? await newestOpenJob(user, services) : await services.jobs.find(jobId);
  if (record === null || (record.isPrivate && record.user !== user)) {
    throw new AtelierError(
      "not_found",
      jobId === undefined ? "Nothing of yours is waiting or running." : `There is no job ${jobId}.`,
    );
  }
  if (record.user !== user) {
    throw new AtelierError("not_allowed", "Only the person who asked for a job can cancel it.");
  }
  if (isFinished(record.status)) {
    throw new AtelierError("not_found", `Job ${record.id} is over already; nothing to cancel.`);
  }
  if (!services.queue.cancel(record.id)) {
    throw new AtelierError("not_found", `Job ${record.id} cannot be stopped from here any more.`);
  }
  return record;
}

async function newestOpenJob(
  user: string,
  { jobs, commands }: Pick<Services, "jobs" | "commands">,
): Promise<JobRecord | null> {
  const drawing = new Set(
    commands.filter((command) => command.pace === "drawing").map((command) => command.name),
  );
  const latest = await jobs.listByUser(user, { limit: LOOK_BACK_JOBS });
  return latest.find((record) => !isFinished(record.status) && drawing.has(record.command)) ?? null;
}
