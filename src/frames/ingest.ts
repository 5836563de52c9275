import { rm } from "node:fs/promises";
import { AtelierError, asAtelierError, isRetryable } from "../errors.ts";
import type { Clock, FrameIndex, StateStore } from "../ports/index.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { expireEmbeddings } from "./expire-embeddings.ts";
import { type IndexVideoServices, indexVideo } from "./index-video.ts";
import { CLAIM_RENEWED_MS, createIngestClaims } from "./ingest-claim.ts";
import { createIngestLine } from "./ingest-line.ts";
import { removeFrames } from "./remove-video.ts";
import { createRetryPauses } from "./retry-pauses.ts";
import { createTimeLeft } from "./time-left.ts";
import type { Ingest, IngestProgress, OnIngestError, Video, VideoStore } from "./video.ts";

/** The `failure` of a video whose removal has begun: it is never indexed again. */
export const BEING_REMOVED = "This video is being removed.";
const OURS_BROKE = "Something broke on our side while this video was read. Add it again to retry.";
const ELSEWHERE_POLLED_MS = 2_000;
/** What fails for now is tried for about a minute where a later `run` takes it up; else on and on, with long pauses. */
const RETRIES_UNATTENDED = 5;

export interface IngestOptions extends IndexVideoServices {
  videos: VideoStore;
  index: FrameIndex;
  state: StateStore;
  clock: Clock;
  /** Names this process. */
  owner: string;
  /** No other process uses the same storage: what one left behind is free at once. */
  isAlone: boolean;
  /** The media store does not let the embeddings cache expire by itself. */
  expiresEmbeddings: boolean;
  /**
   * Whether the work on a video is put down, where a later `run` takes it up, once nobody waits
   * for it any more: for a process that sleeps after its answer. Else it goes on, as unless told.
   */
  endsUnattended?: boolean;
  /** How many videos are indexed at once; others wait in line. */
  atOnce?: number;
  onError: OnIngestError;
}

interface Task {
  stop: AbortController;
  listeners: Set<(progress: IngestProgress) => void>;
  progress: IngestProgress;
}

interface Work extends Task {
  promise: Promise<Video>;
}

/** Indexes videos, each by one process at a time, and goes on where an earlier process ended. */
export function createIngest(options: IngestOptions): Ingest {
  const { videos, media, index, embedder, clock, workFolder, onError } = options;
  const { space } = embedder.model;
  const claims = createIngestClaims(options);
  const line = createIngestLine(options.atOnce ?? 1);
  const works = new Map<string, Work>();
  const leaving = new Set<string>();
  const stopped = new AbortController();

  /** The work on a video, joined or begun. */
  function workOn(id: string): Work {
    const underWay = works.get(id);
    if (underWay !== undefined) return underWay;
    const task: Task = {
      stop: new AbortController(),
      listeners: new Set(),
      progress: { phase: "decoding", share: 0, frames: 0, secondsLeft: null },
    };
    const promise = bringAbout(id, task).finally(() => works.delete(id));
    // Nobody may wait for it.
    promise.catch(() => {});
    const work = Object.assign(task, { promise });
    works.set(id, work);
    return work;
  }

  /** Indexes the video as soon as it is its turn and no other process is at it. */
  async function bringAbout(id: string, work: Task): Promise<Video> {
    const { signal } = work.stop;
    const turn = { isUrgent: () => work.listeners.size > 0, signal };
    const retriesMax =
      options.endsUnattended === true ? RETRIES_UNATTENDED : Number.POSITIVE_INFINITY;
    const pauses = createRetryPauses({ retriesMax });
    for (let isFirst = true; ; isFirst = false) {
      let pauseMs = ELSEWHERE_POLLED_MS;
      try {
        const video = await findVideo(id);
        if (video.status === "ready" && video.space === space) return video;
        if (video.status === "failed" && !isFirst) {
          throw new AtelierError("invalid_input", video.failure ?? OURS_BROKE);
        }
        const indexed = await line.pass(async () => {
          if (options.isAlone) await claims.seize(id);
          else if (!(await claims.take(id))) return null;
          return indexClaimed(id, work);
        }, turn);
        if (indexed !== null) return indexed;
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        const error = asAtelierError(thrown);
        pauseMs = pauses.after(error, work.progress.frames);
        onError(id, error);
      }
      // Outside the line: meanwhile others have their turn.
      await clock.sleep(pauseMs, signal);
    }
  }

  /** Null when the file that failed is not the video's any more. */
  async function indexClaimed(id: string, work: Task): Promise<Video | null> {
    const { signal } = work.stop;
    const released = new AbortController();
    const renewing = renew(id, work, released.signal);
    let begun: Video | null = null;
    try {
      begun = await findVideo(id);
      return await indexNow(begun, work);
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      const error = asAtelierError(thrown);
      const isOurs = error.kind === "internal" || error.kind === "misconfigured";
      const failure = isOurs ? OURS_BROKE : error.message;
      const video = await videos.find(id);
      if (video !== null && begun !== null && video.sourceEtag !== begun.sourceEtag) return null;
      // What fails for now is tried again, and what can be found in another model's space stays so.
      if (video !== null && video.status !== "ready" && !isRetryable(error)) {
        await videos.change(id, { status: "failed", failure });
      }
      throw error;
    } finally {
      released.abort();
      await renewing;
      await claims.release(id);
    }
  }

  async function indexNow(video: Video, work: Task): Promise<Video> {
    const { id, sourceKey, sourceEtag, mediaType } = video;
    const { signal } = work.stop;
    const checkpoint = await readCheckpoint(media, id);
    if (checkpoint !== null && checkpoint.sourceEtag !== sourceEtag) {
      // Another file was written over it.
      await removeFrames(video, { media, index });
    }
    if (video.status !== "ready") {
      await videos.change(id, { status: "indexing", failure: null });
    }
    const timeLeft = createTimeLeft(clock);
    const { segment, durationMs } = await indexVideo(video, options, {
      signal,
      report(step) {
        work.progress = { ...step, secondsLeft: timeLeft.at(step.phase, step.share) };
        for (const listener of work.listeners) listener(work.progress);
      },
    });
    // Not as a failure of the video: its record is the other process's now.
    if (!(await claims.renew(id))) work.stop.abort(lostClaim());
    signal.throwIfAborted();
    await index.put(segment);
    const indexed = await videos.change(id, {
      // Of what is indexed now, even if yet another file is there meanwhile.
      ...{ sourceKey, mediaType, ...(sourceEtag !== undefined && { sourceEtag }) },
      status: "ready",
      failure: null,
      durationMs,
      frameCount: segment.frames.length,
      space,
      indexedAtMs: clock.nowMs(),
    });
    if (indexed === null) {
      await index.delete(id);
      throw gone();
    }
    if (video.space !== "" && video.space !== space) await index.delete(id, video.space);
    return indexed;
  }

  async function renew(id: string, work: Task, released: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await clock.sleep(CLAIM_RENEWED_MS, released);
        // A store that cannot be asked now is asked again, at the latest before the index changes.
        if (!(await claims.renew(id).catch(() => true))) work.stop.abort(lostClaim());
      }
    } catch (thrown) {
      if (!released.aborted) work.stop.abort(asAtelierError(thrown));
    }
  }

  /** Ends the work and waits until nothing of it is left: its claim is free then. */
  async function putDown(work: Work): Promise<void> {
    work.stop.abort(new AtelierError("unavailable", "This goes on at another time."));
    await work.promise.catch(() => {});
  }

  async function findVideo(id: string): Promise<Video> {
    const video = await videos.find(id);
    if (video === null || video.failure === BEING_REMOVED || leaving.has(id)) throw gone();
    return video;
  }

  async function remove(id: string, { keepsFile = false } = {}): Promise<void> {
    leaving.add(id);
    try {
      await removeNow(id, keepsFile);
    } finally {
      leaving.delete(id);
    }
  }

  async function removeNow(id: string, keepsFile: boolean): Promise<void> {
    const work = works.get(id);
    work?.stop.abort(gone());
    await work?.promise.catch(() => {});
    const video = await videos.find(id);
    if (video === null) return;
    const wasElsewhere = await claims.seize(id);
    await videos.change(id, { status: "failed", failure: BEING_REMOVED });
    // The other process learns of it when it renews its claim; until then it may still write.
    if (wasElsewhere && !options.isAlone) await clock.sleep(CLAIM_RENEWED_MS + 1_000);
    await removeFrames(video, { media, index });
    if (!keepsFile) await media.delete(video.sourceKey);
    await videos.remove(id);
    await claims.release(id);
  }

  /** In the background; whoever is told of a failure looks after it. */
  function inBackground(id: string, task: Promise<unknown>): void {
    task.catch((thrown) => {
      if (!stopped.signal.aborted) onError(id, asAtelierError(thrown));
    });
  }

  return {
    async run(id, { signal, progress }) {
      stopped.signal.throwIfAborted();
      const video = await findVideo(id);
      if (video.status === "ready" && video.space === space) return video;
      const work = workOn(id);
      work.listeners.add(progress);
      progress(work.progress);
      try {
        return await whileWaiting(work.promise, signal);
      } finally {
        work.listeners.delete(progress);
        if (options.endsUnattended === true && work.listeners.size === 0) await putDown(work);
      }
    },

    progressOf: (id) => works.get(id)?.progress ?? null,
    remove,

    async start() {
      // A process that was killed leaves a whole film there.
      if (options.isAlone && works.size === 0)
        await rm(workFolder, { recursive: true, force: true });
      const all = await videos.listAll();
      for (const video of all) {
        const isDone = video.status === "ready" && video.space === space;
        if (video.failure === BEING_REMOVED) inBackground(video.id, remove(video.id));
        else if (!isDone && video.status !== "failed") {
          inBackground(video.id, workOn(video.id).promise);
        }
      }
      if (options.expiresEmbeddings) {
        inBackground("", expireEmbeddings(all, { media, nowMs: clock.nowMs() }));
      }
    },

    async stop() {
      const reason = new AtelierError("unavailable", "This goes on when the service is back.");
      stopped.abort(reason);
      const underWay = [...works.values()];
      for (const { stop } of underWay) stop.abort(reason);
      await Promise.allSettled(underWay.map(({ promise }) => promise));
    },
  };
}

function gone(): AtelierError {
  return new AtelierError("not_found", "That video is not there any more. Add it again.");
}

function lostClaim(): AtelierError {
  return new AtelierError("unavailable", "Another process has taken over this video. Try again.");
}

/** The promise's outcome, unless the signal aborts first. */
function whileWaiting<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
