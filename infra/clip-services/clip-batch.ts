import { createHash } from "node:crypto";
import { asAtelierError, type Ingest } from "#core";
import { checkpointKey } from "../../src/frames/checkpoint.ts";
import {
  type BatchAnswer,
  type BatchParts,
  batchFrames,
  type IndexingParts,
} from "./batch-frames.ts";
import { type BatchTask, readBatchRequest } from "./batch-request.ts";
import { addFound, CHAT_VIDEO_ID, isLeftToChat } from "./found-video.ts";
import { resumeVideos } from "./resume-videos.ts";
import { isItemsOwn } from "./service-answer.ts";

/** One video's answer; for an event about several or none, the sums, and each in `videos`. */
export type ClipBatchAnswer =
  | BatchAnswer
  | (Omit<BatchAnswer, "video_id"> & { video_id: null; videos: BatchAnswer[] });

export type ClipBatch = (event: unknown, signal: AbortSignal) => Promise<ClipBatchAnswer>;

const VIDEO_KEY = /^videos\/([a-z0-9_-]{1,128})\.(mp4|mov|webm|mkv)$/u;
const mediaTypes: Readonly<Record<string, string>> = {
  mp4: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
  mkv: "video/x-matroska",
};

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
  const video = await videos.find(videoId);
  return video?.status === "indexing" && video.sourceKey !== checkpointKey(videoId);
}

/** Extracts, embeds and indexes a video file that appeared in the media bucket. */
async function batchVideo(
  { bucket, key }: { bucket: string; key: string },
  { videos, media, state, clock, openFrames }: ClipBatchParts,
  signal: AbortSignal,
): Promise<BatchAnswer> {
  const name = key.slice(key.lastIndexOf("/") + 1);
  const [, plainId, plainKind] = VIDEO_KEY.exec(key) ?? [];
  const kind = plainKind ?? name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  // Frames are found by the id in their keys, where not every file's name could stand.
  const id = plainId ?? `v-${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
  const answer: BatchAnswer = { video_id: id, embedded: 0, skipped: 0, failed: [] };
  const failed = (message: string): BatchAnswer => ({
    ...answer,
    failed: [{ frame: `s3://${bucket}/${key}`, message }],
  });
  if (bucket !== media.bucket) {
    return failed(`This service indexes videos of ${media.bucket} only, not of ${bucket}.`);
  }
  const mediaType = mediaTypes[kind];
  if (mediaType === undefined) return failed("A video is .mp4, .mov, .webm or .mkv; this is not.");

  const before = await videos.find(id);
  if (isLeftToChat(id, before)) return { ...answer, skipped: before?.frameCount ?? 0 };
  const { embedder, ingest } = await openFrames();
  if (before?.status === "ready" && before.space === embedder.model.space) {
    return { ...answer, skipped: before.frameCount };
  }
  if (before === null) {
    const video = {
      id,
      title: name.replace(/\.\w+$/u, ""),
      sourceKey: key,
      mediaType,
      durationMs: 0,
      frameCount: 0,
      status: "uploaded",
      failure: null,
      space: "",
      addedAtMs: clock.nowMs(),
      indexedAtMs: null,
    } as const;
    await addFound(video, { videos, state });
  }
  try {
    const { frameCount } = await ingest.run(id, { signal, progress: () => {} });
    return { ...answer, embedded: frameCount };
  } catch (thrown) {
    const error = asAtelierError(thrown);
    if (isItemsOwn(error)) return failed(error.message);
    throw error;
  }
}
