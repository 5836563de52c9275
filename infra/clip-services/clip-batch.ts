import type { Ingest } from "#core";
import {
  type BatchAnswer,
  type BatchParts,
  batchFrames,
  type IndexingParts,
} from "./batch-frames.ts";
import { type BatchTask, readBatchRequest } from "./batch-request.ts";
import { batchRemoval, batchVideo } from "./batch-video.ts";
import { CHAT_VIDEO_ID, isLeftToIngest } from "./found-video.ts";
import { resumeVideos } from "./resume-videos.ts";

/** One video's answer; for an event about several or none, the sums, and each in `videos`. */
export type ClipBatchAnswer =
  | BatchAnswer
  | (Omit<BatchAnswer, "video_id"> & { video_id: null; videos: BatchAnswer[] });

export type ClipBatch = (event: unknown, signal: AbortSignal) => Promise<ClipBatchAnswer>;

export interface ClipBatchParts extends BatchParts {
  /** Opens the model and the index when there is something to do: most events are about frames that an ingest wrote. */
  openFrames: () => Promise<Pick<IndexingParts, "embedder" | "index"> & { ingest: Ingest }>;
}

/**
 * Contracts section 5, batch. What is wrong with one frame or one video is in `failed`; rejects
 * with an AtelierError when nothing works, so that the event is tried again later.
 */
export function createClipBatch(parts: ClipBatchParts): ClipBatch {
  async function answersTo(task: BatchTask, signal: AbortSignal): Promise<BatchAnswer[]> {
    switch (task.kind) {
      case "frames": {
        const { videoId, frames } = task;
        if (task.isEvent && (await isIngested(videoId, parts))) {
          return [{ video_id: videoId, embedded: 0, skipped: frames.length, failed: [] }];
        }
        return [await batchFrames(task, { ...parts, ...(await parts.openFrames()) }, signal)];
      }
      case "video":
        return [await batchVideo(task, parts, signal)];
      case "removal":
        return [await batchRemoval(task, parts)];
      case "resume": {
        // Once an hour, also for teams that have no videos.
        const isIdle = (await parts.videos.listAll()).length === 0;
        return isIdle ? [] : resumeVideos({ ...parts, ...(await parts.openFrames()) }, signal);
      }
    }
  }

  return async (event, signal) => {
    const tasks = readBatchRequest(event);
    const answers: BatchAnswer[] = [];
    for (const task of tasks) answers.push(...(await answersTo(task, signal)));
    const [only] = answers;
    const isOne = tasks.length === 1 && tasks[0]?.kind !== "resume";
    if (only !== undefined && isOne) return only;
    return {
      video_id: null,
      embedded: answers.reduce((sum, { embedded }) => sum + embedded, 0),
      skipped: answers.reduce((sum, { skipped }) => sum + skipped, 0),
      failed: answers.flatMap(({ failed }) => failed),
      videos: answers,
    };
  };
}

/** Whether whoever writes that video's frames embeds them too: a chat's process, or the ingest of its file. */
async function isIngested(videoId: string, { videos }: BatchParts): Promise<boolean> {
  if (CHAT_VIDEO_ID.test(videoId)) return true;
  return isLeftToIngest(await videos.find(videoId));
}
