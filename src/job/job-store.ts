import { createHash } from "node:crypto";
import { z } from "zod";
import type { Progress } from "../command/command.ts";
import type { Clock, StateItem, StateStore } from "../ports/index.ts";
import { isFinished, type Job, type JobRecord } from "./job.ts";

/** Finished jobs, their cards and buttons are kept this long. */
export const JOB_KEPT_SECONDS = 400 * 24 * 3600;
const keyOf = (jobId: string) => `job#${jobId}`;
const itemSchema = z.object({ record: z.string() });

/** The id of the job that a platform's delivery stands for: the same delivery, the same job. */
export function jobIdFrom(deliveryId: string): string {
  const digest = createHash("sha256").update(deliveryId).digest();
  return BigInt(`0x${digest.subarray(0, 8).toString("hex")}`)
    .toString(36)
    .padStart(13, "0")
    .slice(-12);
}

/** Where a private job is listed: in its place, for its person only. */
function placeKey(place: string, privateTo: string | null): string {
  return privateTo === null ? place : `${place}#${privateTo}`;
}

export interface JobPage {
  limit: number;
  /** The `cursor` of the page before. */
  before?: string;
}

export type JobEvent =
  | { kind: "changed"; record: JobRecord }
  | { kind: "progressed"; jobId: string; progress: Progress };

/** The records of all jobs. `owner` names this process, the owner of what it accepts. */
export function createJobStore({
  state,
  clock,
  owner,
}: {
  state: StateStore;
  clock: Clock;
  owner: string;
}) {
  const listeners = new Set<(event: JobEvent) => void>();

  function tell(event: JobEvent): void {
    for (const listener of listeners) listener(event);
  }

  function toItem(record: JobRecord): StateItem {
    const isOpen = !isFinished(record.status);
    return {
      pk: keyOf(record.id),
      at: sortKey(record),
      user_key: record.user,
      place_key: placeKey(record.place, record.isPrivate ? record.user : null),
      ...(isOpen ? { open_key: "open" } : {}),
      owner: record.owner,
      status: record.status,
      expires_at: Math.floor(record.createdAtMs / 1000) + JOB_KEPT_SECONDS,
      // One string, not a tree of typed attributes: far less for both ends to take apart.
      record: JSON.stringify(record),
    };
  }

  function fromItem(item: StateItem): JobRecord {
    // Written by this module only.
    return JSON.parse(itemSchema.parse(item).record) as JobRecord;
  }

  async function list(index: "user" | "place", key: string, page: JobPage): Promise<JobRecord[]> {
    const items = await state.query(index, key, {
      newestFirst: true,
      limit: page.limit,
      ...(page.before === undefined ? {} : { beyond: page.before }),
    });
    return items.map(fromItem);
  }

  return {
    owner,

    /** Accepts a job; null when a job of that id was accepted before. */
    async create(job: Job): Promise<JobRecord | null> {
      const record: JobRecord = {
        ...job,
        status: "queued",
        owner,
        attempts: 0,
        card: null,
        failure: null,
        ending: null,
        pictures: [],
        finishedAtMs: null,
      };
      const isNew = await state.put("state", toItem(record), [{ kind: "absent" }]);
      if (!isNew) return null;
      tell({ kind: "changed", record });
      return record;
    },

    async find(jobId: string): Promise<JobRecord | null> {
      const item = await state.get("state", keyOf(jobId));
      return item === null ? null : fromItem(item);
    },

    /**
     * Writes a change while the stored record still has the status and owner of `record`;
     * null when another process, or another step of this one, was first.
     */
    async change(record: JobRecord, change: Partial<JobRecord>): Promise<JobRecord | null> {
      const next = { ...record, ...change };
      if (isFinished(next.status) && next.finishedAtMs === null) next.finishedAtMs = clock.nowMs();
      const seen = { status: record.status, owner: record.owner };
      const isWritten = await state.put("state", toItem(next), [
        { kind: "equals", attributes: seen },
      ]);
      if (!isWritten) return null;
      tell({ kind: "changed", record: next });
      return next;
    },

    /** Forgets a job that was never accepted for good; false when a process works on it by now. */
    async discard(record: JobRecord): Promise<boolean> {
      const { status, owner: acceptedBy } = record;
      const isUntouched = { kind: "equals", attributes: { status, owner: acceptedBy } } as const;
      if (!(await state.delete("state", keyOf(record.id), [isUntouched]))) return false;
      // It was told of when it was created; whoever follows it must learn that it has ended.
      tell({ kind: "changed", record: { ...record, status: "cancelled" } });
      return true;
    },

    /** Jobs that have not ended, oldest first. */
    async listOpen(limit: number): Promise<JobRecord[]> {
      const items = await state.query("open", "open", { newestFirst: false, limit });
      return items.map(fromItem).filter((record) => !isFinished(record.status));
    },

    listByUser: (user: string, page: JobPage) => list("user", user, page),

    /** What is shown in a place: to everyone, or with `privateTo` the private part of one person. */
    listByPlace: (place: string, privateTo: string | null, page: JobPage) =>
      list("place", placeKey(place, privateTo), page),

    /** Tells listeners how far a job is; not stored. */
    reportProgress(jobId: string, progress: Progress): void {
      tell({ kind: "progressed", jobId, progress });
    },

    /** Calls back after every change that this process makes; returns how to stop that. */
    watch(listener: (event: JobEvent) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export type JobStore = ReturnType<typeof createJobStore>;

/** Where a record stands in its lists; also the `cursor` of a page that ends with it. */
export function sortKey(record: Job): string {
  return `${new Date(record.createdAtMs).toISOString()}#${record.id}`;
}
