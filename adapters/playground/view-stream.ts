import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { isFinished, type JobRecord } from "#core";
import type { JobView } from "./job-view.ts";
import type { JobViews } from "./job-views.ts";

/** Often enough for proxies that close silent connections after 30 s or more. */
const KEEP_ALIVE_MS = 15_000;

/** Sends views as server-sent events (`event: job`) as jobs change, until the reader leaves. */
export function streamViews(
  context: Context,
  views: JobViews,
  {
    read,
    isWanted,
    endsWhenFinished,
  }: {
    /**
     * What to begin with. Read once changes are watched, so that none is missed in between, and
     * now and then after that, as another process may be the one that works on it.
     */
    read?: () => Promise<JobView>;
    isWanted: (record: JobRecord) => boolean;
    endsWhenFinished: boolean;
  },
): Response {
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
    const send = async (view: JobView) => {
      if (hasEnded) return;
      await stream.writeSSE({ event: "job", id: view.job_id, data: JSON.stringify(view) });
    };
    const sendNow = async (comment: string) => {
      await stream.write(`: ${comment}\n\n`);
      const view = await read?.();
      if (view === undefined) return;
      await send(view);
      const isOver = view.status !== "queued" && view.status !== "running";
      if (endsWhenFinished && isOver) end();
    };

    const unwatch = views.watch((record, view) => {
      if (!isWanted(record)) return;
      sending = sending
        .then(async () => {
          await send(await view());
          if (endsWhenFinished && isFinished(record.status)) end();
        })
        .catch(end);
    });
    sending = sendNow("connected").catch(end);
    const keepAlive = setInterval(() => {
      sending = sending.then(() => sendNow("still here")).catch(end);
    }, KEEP_ALIVE_MS);
    stream.onAbort(end);
    await ended;
    unwatch();
    clearInterval(keepAlive);
  });
}
