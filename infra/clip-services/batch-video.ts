import { createHash } from "node:crypto";
import { asAtelierError, type Embedder, type Ingest } from "#core";
import { isOfFramesOnly } from "../../src/frames/checkpoint.ts";
import { BEING_REMOVED } from "../../src/frames/ingest.ts";
import type { BatchAnswer, BatchParts } from "./batch-frames.ts";
import { addFound, BATCH, isLeftToChat } from "./found-video.ts";
import { isItemsOwn } from "./service-answer.ts";

interface BatchVideoParts extends BatchParts {
  /** Called when there is something to do. */
  openFrames: () => Promise<{ embedder: Embedder; ingest: Ingest }>;
}

interface VideoObject {
  bucket: string;
  key: string;
}

const VIDEO_KEY = /^videos\/([a-z0-9_-]{1,128})\.(mp4|mov|webm|mkv)$/u;
const mediaTypes: Readonly<Record<string, string>> = {
  mp4: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
  mkv: "video/x-matroska",
};

/**
 * Extracts, embeds and indexes a video file that appeared in the media bucket. Where another file
 * was there before, that one's moments are gone; the same file again changes nothing.
 */
export async function batchVideo(
  { bucket, key }: VideoObject,
  { videos, media, state, clock, openFrames }: BatchVideoParts,
  signal: AbortSignal,
): Promise<BatchAnswer> {
  const { id, name, kind } = readVideoKey(key);
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
  for (let embedded: number | null = null; ; ) {
    // Events come late, and in any order: what counts is the file that is there now.
    const sourceEtag = await media.etag(key);
    if (sourceEtag === null) return failed("The video's file is gone. Upload it again.");
    const found = await videos.find(id);
    const isSame = found?.sourceEtag === sourceEtag && found.sourceKey === key;
    const isKnown = found !== null && (isSame || isOfFramesOnly(found));
    if (isKnown && found.status === "ready" && found.space === embedder.model.space) {
      return embedded === null ? { ...answer, skipped: found.frameCount } : { ...answer, embedded };
    }
    const source = { sourceKey: key, sourceEtag, mediaType };
    // In no space, nothing of an earlier file is found.
    const uploaded = {
      status: "uploaded",
      failure: null,
      frameCount: 0,
      durationMs: 0,
      space: "",
      indexedAtMs: null,
    } as const;
    try {
      if (found?.failure === BEING_REMOVED) await ingest.remove(id, { keepsFile: true });
      if (found === null || found.failure === BEING_REMOVED) {
        const title = name.replace(/\.\w+$/u, "");
        const addedAtMs = clock.nowMs();
        await addFound({ id, title, ...source, ...uploaded, addedAtMs }, { videos, state });
      } else if (!isKnown) {
        await videos.change(id, { ...source, ...uploaded });
      }
      ({ frameCount: embedded } = await ingest.run(id, { signal, progress: () => {} }));
    } catch (thrown) {
      const error = asAtelierError(thrown);
      // Removed meanwhile; the file that is there now has yet to be looked at.
      if (error.kind === "not_found" && (await videos.find(id)) === null) continue;
      if (isItemsOwn(error)) return failed(error.message);
      throw error;
    }
  }
}

/**
 * Removes a video whose file was deleted from the bucket: nobody else can remove what clip-batch
 * added. An event that comes late, when a file is there again, changes nothing.
 */
export async function batchRemoval(
  { bucket, key }: VideoObject,
  { videos, media, openFrames }: BatchVideoParts,
): Promise<BatchAnswer> {
  const { id } = readVideoKey(key);
  const found = await videos.find(id);
  const answer: BatchAnswer = { video_id: id, embedded: 0, skipped: 0, failed: [] };
  const isOurs = bucket === media.bucket && found?.addedBy === BATCH && found.sourceKey === key;
  if (!isOurs) return answer;
  const { ingest } = await openFrames();
  // Asked last: a model takes its time to load, and what is uploaded meanwhile stays.
  if (!(await media.has(key))) await ingest.remove(id, { keepsFile: true });
  return answer;
}

function readVideoKey(key: string): { id: string; name: string; kind: string } {
  const name = key.slice(key.lastIndexOf("/") + 1);
  const [, plainId, plainKind] = VIDEO_KEY.exec(key) ?? [];
  const kind = plainKind ?? name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  // Frames are found by the id in their keys, where not every file's name could stand.
  const id = plainId ?? `v-${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
  return { id, name, kind };
}
