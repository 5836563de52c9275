import { createHash } from "node:crypto";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { isFinished, type JobRecord } from "#core";
import type { JobView } from "./job-view.ts";
import type { JobViews } from "./job-views.ts";

/** Often enough for proxies that close silent connections after 30 s or more. */
const KEEP_ALIVE_MS = 15_000;

/**
 * Sends views as server-sent events (`event: job`) as jobs change, until the reader leaves. What
 * this process does is told at once; what other processes on the same tables do is found by
 * reading the records again at each keep-alive.
 */
export async function streamViews(
  context: Context,
  views: JobViews,
  {
    read,
    isWanted,
    isOneJob,
    keepAliveMs = KEEP_ALIVE_MS,
  }: {
    /** What the reader sees now. */
    read: () => Promise<readonly JobRecord[]>;
    isWanted: (record: JobRecord) => boolean;
    /**
     * Begins with the job and ends with it. Other streams begin with nothing: who opens one reads
     * the list once it is open, and misses nothing, since changes count from before that.
     */
    isOneJob: boolean;
    keepAliveMs?: number;
  },
): Promise<Response> {
  /** What the reader has, by job. */
  const sent = new Map<string, { fingerprint: string; isFinal: boolean }>();
  const hasIt = (record: JobRecord) => sent.get(record.id)?.fingerprint === fingerprintOf(record);
  const note = (record: JobRecord) =>
    sent.set(record.id, {
      fingerprint: fingerprintOf(record),
      isFinal: isFinished(record.status),
    });
  if (!isOneJob) (await read()).forEach(note);

  context.header("X-Accel-Buffering", "no");
  return streamSSE(context, async (stream) => {
    // One event after the other, each rendered when its turn comes, so that the last one is the newest.
    let sending = Promise.resolve();
    let hasEnded = false;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = () => {
        hasEnded = true;
        resolve();
      };
    });
    const send = async (record: JobRecord, view: () => Promise<JobView>) => {
      if (hasEnded) return;
      // A re-read may have been faster than the news of the same change, and of those before it.
      const isOld = isFinished(record.status) ? hasIt(record) : sent.get(record.id)?.isFinal;
      if (isOld === true) return;
      note(record);
      const data = JSON.stringify(await view());
      await stream.writeSSE({ event: "job", id: record.id, data });
      if (isOneJob && isFinished(record.status)) end();
    };
    const sendChanges = async (comment: string) => {
      await stream.write(`: ${comment}\n\n`);
      const records = await read().catch((thrown: unknown) => {
        if (isOneJob) throw thrown;
        // A store that does not answer now may do so the next time.
        return null;
      });
      if (records === null) return;
      for (const { id } of records.filter((record) => !hasIt(record))) {
        // Lists lag behind what was sent already; the record itself does not.
        const record = await views.find(id).catch(() => null);
        if (record === null || hasIt(record)) continue;
        await send(record, () => views.view(record));
      }
      const shown = new Set(records.map(({ id }) => id));
      for (const id of sent.keys()) if (!shown.has(id)) sent.delete(id);
    };

    const unwatch = views.watch((record, view) => {
      if (!isWanted(record)) return;
      sending = sending.then(() => send(record, view)).catch(end);
    });
    if (isOneJob) sending = sendChanges("connected").catch(end);
    else sending = stream.write(": connected\n\n").then(() => {}, end);
    const keepAlive = setInterval(() => {
      sending = sending.then(() => sendChanges("still here")).catch(end);
    }, keepAliveMs);
    stream.onAbort(end);
    await ended;
    unwatch();
    clearInterval(keepAlive);
  });
}

/** Of all that a view is made from and that another process may change. */
function fingerprintOf({ status, card, failure }: JobRecord): string {
  return createHash("sha256")
    .update(JSON.stringify([status, card, failure]))
    .digest("base64");
}
