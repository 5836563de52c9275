import type { Command } from "../command/command.ts";
import type { Clock } from "../ports/index.ts";
import { type JobStore, sortKey } from "./job-store.ts";

const PAGE_JOBS = 30;

/**
 * The ids of a person's jobs that wait their turn, for a queue that cannot tell by
 * itself. Read from an index, which on AWS may lag a write by a moment: who asks for many at the
 * very same time may have one or two more waiting.
 */
export async function listWaitingJobs(
  user: string,
  { jobs, commands, clock }: { jobs: JobStore; commands: readonly Command[]; clock: Clock },
): Promise<string[]> {
  const queued = new Set(
    commands.filter((command) => command.pace === "queued").map((command) => command.name),
  );
  const found: string[] = [];
  let before: string | undefined;
  for (;;) {
    const page = { limit: PAGE_JOBS, ...(before === undefined ? {} : { before }) };
    const records = await jobs.listByUser(user, page);
    // Past its time a job is not started any more, and whatever came before it neither.
    const recent = records.filter(({ expiresAtMs }) => expiresAtMs > clock.nowMs());
    const waiting = recent.filter(
      ({ status, command }) => status === "queued" && queued.has(command),
    );
    found.push(...waiting.map(({ id }) => id));
    const last = recent.at(-1);
    if (last === undefined || recent.length < PAGE_JOBS) return found;
    before = sortKey(last);
  }
}
