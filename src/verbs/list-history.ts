import type { JobRecord } from "../job/job.ts";
import type { Services } from "../services.ts";

const LOOK_BACK_JOBS = 60;

/** A person's latest jobs that drew, or were to draw, something; newest first. */
export async function listHistory(
  user: string,
  limit: number,
  { jobs, commands }: Pick<Services, "jobs" | "commands">,
): Promise<JobRecord[]> {
  const drawing = new Set(
    commands.filter((command) => command.pace === "drawing").map((command) => command.name),
  );
  const latest = await jobs.listByUser(user, { limit: LOOK_BACK_JOBS });
  return latest.filter((record) => drawing.has(record.command)).slice(0, limit);
}
