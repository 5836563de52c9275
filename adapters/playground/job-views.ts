import {
  AtelierError,
  isFinished,
  type JobRecord,
  type Progress,
  type Services,
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

export type ViewListener = (record: JobRecord, view: () => Promise<JobView>) => void;

/** Jobs as the page sees them: records from the store with what this process knows on top. */
export function createJobViews(services: Services) {
  const { jobs, queue } = services;
  /** Jobs of this process that are not finished; small, since people have few at a time. */
  const open = new Map<string, { record: JobRecord; progress: Progress | null }>();
  const listeners = new Set<ViewListener>();

  async function view(record: JobRecord): Promise<JobView> {
    const card =
      record.card === null ? null : await signCard(record.card, (blob) => signBlob(services, blob));
    return renderJob(record, card, typedText(record.target), {
      position: record.status === "queued" ? queue.position(record.id) : null,
      progress: open.get(record.id)?.progress ?? null,
    });
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
    if (isFinished(record.status)) open.delete(record.id);
    else open.set(record.id, { record, progress: open.get(record.id)?.progress ?? null });
    tell(record);
    if (record.status === "running") tellPositionsSoon();
  });

  return {
    view,

    /** One job; rejects with `not_found`. Its id, which nobody can guess, is the right to see it. */
    async get(jobId: string): Promise<JobView> {
      const record = JOB_ID.test(jobId) ? await jobs.find(jobId) : null;
      if (record === null)
        throw new AtelierError("not_found", `There is no job ${jobId.slice(0, 40)}.`);
      return view(record);
    },

    /** A page of a channel, oldest first: what everyone sees and what only this person does. */
    async page(viewer: Viewer, limit: number, before: string | undefined): Promise<ChannelView> {
      const options = { limit, ...(before === undefined ? {} : { before }) };
      const lists = await Promise.all(
        [null, viewer.identity].map((privateTo) =>
          jobs.listByPlace(viewer.place, privateTo, options),
        ),
      );
      const newest = lists
        .flat()
        .sort((a, b) => (sortKey(a) < sortKey(b) ? 1 : -1))
        .slice(0, limit);
      const oldest = newest.at(-1);
      return {
        jobs: await Promise.all(newest.reverse().map(view)),
        cursor: oldest === undefined || newest.length < limit ? null : sortKey(oldest),
      };
    },

    /** Calls back for every change of any job; returns how to stop that. */
    watch(listener: ViewListener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export type JobViews = ReturnType<typeof createJobViews>;
