import {
  AtelierError,
  isFinished,
  type JobRecord,
  type Progress,
  type Services,
  type SignedCard,
  signBlob,
  signCard,
  sortKey,
} from "#core";
import { typedText, type Viewer } from "./inbound.ts";
import type { ChannelView, JobView } from "./job-view.ts";
import { renderJob } from "./render.ts";

/** With many waiting, each start moves all of them; they are told at most this often. */
const POSITIONS_PAUSE_MS = 500;

/** Longer keys than the store takes would be failures of ours. */
const JOB_ID = /^[a-z0-9]{1,40}$/u;

/** All that there is to show of a job now. */
export interface JobSnapshot {
  record: JobRecord;
  /** The record's card with links signed just now. */
  card: SignedCard | null;
  /** How many jobs start before it; null for a job that does not wait. */
  position: number | null;
  progress: Progress | null;
}

export type ViewListener = (record: JobRecord, view: () => Promise<JobView>) => void;

/** Jobs as the page sees them: records from the store with what this process knows on top. */
export function createJobViews(services: Services) {
  const { jobs, queue, clock } = services;
  /** Jobs that this process works on and that are not finished; people have few at a time. */
  const open = new Map<string, { record: JobRecord; progress: Progress | null }>();
  const listeners = new Set<ViewListener>();

  async function snapshot(record: JobRecord): Promise<JobSnapshot> {
    const card =
      record.card === null ? null : await signCard(record.card, (blob) => signBlob(services, blob));
    return {
      record,
      card,
      position: record.status === "queued" ? queue.position(record.id) : null,
      progress: open.get(record.id)?.progress ?? null,
    };
  }

  async function view(record: JobRecord): Promise<JobView> {
    // Before they are signed: rather too early than too late.
    const linksExpireAtMs = clock.nowMs() + services.linkTtlSeconds * 1000;
    const { card, position, progress } = await snapshot(record);
    return renderJob(record, card, typedText(record.target), {
      linksExpireAtMs,
      position,
      progress,
    });
  }

  /** Another process that took a job over tells this one nothing. */
  function forgetWhatOthersHave(record: JobRecord): void {
    const isOurs = record.owner === jobs.owner && !isFinished(record.status);
    if (!isOurs) open.delete(record.id);
  }

  /** So that nothing stays that nobody asks for. The first to come are the first to expire. */
  function forgetExpired(): void {
    const nowMs = clock.nowMs();
    for (const { record } of open.values()) {
      if (record.expiresAtMs >= nowMs) return;
      open.delete(record.id);
    }
  }

  async function find(jobId: string): Promise<JobRecord> {
    const record = JOB_ID.test(jobId) ? await jobs.find(jobId) : null;
    if (record === null) throw noSuchJob(jobId);
    forgetWhatOthersHave(record);
    return record;
  }

  async function latest(viewer: Viewer, limit: number, before?: string): Promise<JobRecord[]> {
    const options = { limit, ...(before === undefined ? {} : { before }) };
    const lists = await Promise.all(
      [null, viewer.identity].map((privateTo) =>
        jobs.listByPlace(viewer.place, privateTo, options),
      ),
    );
    return lists
      .flat()
      .sort((a, b) => (sortKey(a) < sortKey(b) ? 1 : -1))
      .slice(0, limit)
      .reverse();
  }

  function tell(record: JobRecord): void {
    // However many listen, the view is made once, and only when one of them wants it.
    let made: Promise<JobView> | null = null;
    const makeOnce = () => {
      made ??= view(record);
      return made;
    };
    for (const listener of listeners) listener(record, makeOnce);
  }

  let positionsAreDue = false;
  function tellPositionsSoon(): void {
    if (positionsAreDue) return;
    positionsAreDue = true;
    setTimeout(() => {
      positionsAreDue = false;
      for (const each of open.values()) if (each.record.status === "queued") tell(each.record);
    }, POSITIONS_PAUSE_MS).unref();
  }

  jobs.watch((event) => {
    if (event.kind === "progressed") {
      const found = open.get(event.jobId);
      if (found === undefined) return;
      found.progress = event.progress;
      tell(found.record);
      return;
    }
    const { record } = event;
    forgetExpired();
    if (isFinished(record.status)) open.delete(record.id);
    else open.set(record.id, { record, progress: open.get(record.id)?.progress ?? null });
    tell(record);
    if (record.status === "running") tellPositionsSoon();
  });

  return {
    view,

    /** One job; rejects with `not_found`. Its id, which nobody can guess, is the right to see it. */
    find,
    get: async (jobId: string): Promise<JobView> => view(await find(jobId)),

    /** The same for one person; other people's private jobs do not exist for them. */
    async see(jobId: string, identity: string): Promise<JobSnapshot> {
      const record = await find(jobId);
      if (record.isPrivate && record.user !== identity) throw noSuchJob(jobId);
      return snapshot(record);
    },

    /**
     * The newest jobs of a channel, oldest first: those that everyone sees and those that only
     * this person does. A change of the last second may be missing: the store's lists lag behind.
     */
    latest,

    /** The same as a page, with where the page before it ends. */
    async page(viewer: Viewer, limit: number, before: string | undefined): Promise<ChannelView> {
      const records = await latest(viewer, limit, before);
      const [oldest] = records;
      return {
        jobs: await Promise.all(records.map(view)),
        cursor: oldest === undefined || records.length < limit ? null : sortKey(oldest),
      };
    },

    /** Calls back for every change of any job; returns how to stop that. */
    watch(listener: ViewListener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function noSuchJob(jobId: string): AtelierError {
  return new AtelierError("not_found", `There is no job ${jobId.slice(0, 40)}.`);
}

export type JobViews = ReturnType<typeof createJobViews>;
