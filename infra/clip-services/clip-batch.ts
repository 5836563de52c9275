import { createHash } from "node:crypto";
import { asAtelierError, type Ingest } from "#core";
import { type BatchAnswer, type BatchParts, batchFrames } from "./batch-frames.ts";
import { readBatchRequest } from "./batch-request.ts";
import { addFound, isLeftToChat } from "./found-video.ts";
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

/**
 * Contracts section 5, batch. What is wrong with one frame or one video is in `failed`; rejects
 * with an AtelierError when nothing works, so that the event is tried again later.
 */
export function createClipBatch(parts: BatchParts & { ingest: Ingest }): ClipBatch {
  return async (event, signal) => {
    const answers: BatchAnswer[] = [];
    for (const task of readBatchRequest(event)) {
      answers.push(
        task.kind === "frames"
          ? await batchFrames(task, parts, signal)
          : await batchVideo(task, parts, signal),
      );
    }
    const [only] = answers;
    if (only !== undefined && answers.length === 1) return only;
    return {
      video_id: null,
      embedded: answers.reduce((sum, { embedded }) => sum + embedded, 0),
      skipped: answers.reduce((sum, { skipped }) => sum + skipped, 0),
      failed: answers.flatMap(({ failed }) => failed),
      videos: answers,
    };
  };
}

/** Extracts, embeds and indexes a video file that appeared in the media bucket. */
async function batchVideo(
  { bucket, key }: { bucket: string; key: string },
  { embedder, videos, media, state, clock, ingest }: BatchParts & { ingest: Ingest },
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
  if (before?.status === "ready" && before.space === embedder.model.space) {
    return { ...answer, skipped: before.frameCount };
  }
  if (isLeftToChat(id, before)) return answer;
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
