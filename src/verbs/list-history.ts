import { isFinished, type JobRecord } from "../job/job.ts";
import { sortKey } from "../job/job-store.ts";
import type { Services } from "../services.ts";

type HistoryServices = Pick<Services, "jobs" | "commands">;

const PAGE_JOBS = 60;
/** How far back is looked for such jobs among the quick ones. */
const PAGES_MAX = 10;

/**
 * A person's latest jobs with a turn in the queue (drawing, searching, adding a video), newest
 * first; and how many of them are running and waiting now.
 */
export async function readHistory(
  user: string,
  limit: number,
  services: HistoryServices,
): Promise<{ records: JobRecord[]; running: number; waiting: number }> {
  const found = await collect(user, limit, services, () => true);
  const open = found.filter(({ status }) => !isFinished(status));
  const running = open.filter(({ status }) => status === "running").length;
  return { records: found.slice(0, limit), running, waiting: open.length - running };
}

/** A person's newest such job that is not over, or null. */
export async function findOpenJob(
  user: string,
  services: HistoryServices,
): Promise<JobRecord | null> {
  const [newest] = await collect(user, 1, services, ({ status }) => !isFinished(status));
  return newest ?? null;
}

/** At least `enough` of them where there are as many, and all others of the pages that were read. */
async function collect(
  user: string,
  enough: number,
  { jobs, commands }: HistoryServices,
  isWanted: (record: JobRecord) => boolean,
): Promise<JobRecord[]> {
  const queued = new Set(
    commands.filter((command) => command.pace === "queued").map((command) => command.name),
  );
  const found: JobRecord[] = [];
  let before: string | undefined;
  for (let page = 0; page < PAGES_MAX && found.length < enough; page++) {
    const records = await jobs.listByUser(user, {
      limit: PAGE_JOBS,
      ...(before === undefined ? {} : { before }),
    });
    found.push(...records.filter((record) => queued.has(record.command) && isWanted(record)));
    const last = records.at(-1);
    if (last === undefined || records.length < PAGE_JOBS) break;
    before = sortKey(last);
  }
  return found;
}
