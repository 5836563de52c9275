import {
  AtelierError,
  type BlobStore,
  type Clock,
  type Embedder,
  type FrameIndex,
  frameKey,
  frameOfKey,
  type StateStore,
  type VideoStore,
} from "#core";
import { checkpointKey, readCheckpoint, writeCheckpoint } from "../../src/frames/checkpoint.ts";
import { embeddingKey, encodeEmbedding } from "../../src/frames/embeddings-cache.ts";
import { createIngestClaims } from "../../src/frames/ingest-claim.ts";
import { embedPictureItems } from "./embed-pictures.ts";
import { addFound, BATCH, isLeftToChat, isLeftToIngest, PLAIN_ID } from "./found-video.ts";
import { mergeFrames } from "./merge-frames.ts";
import { findObject } from "./picture-item.ts";

export interface BatchParts {
  videos: VideoStore;
  media: BlobStore;
  state: StateStore;
  clock: Clock;
  newId: () => string;
}

/** With the model that embeds, and the index. */
export interface IndexingParts extends BatchParts {
  embedder: Embedder;
  index: FrameIndex;
}

/** What docs/contracts.md section 5 answers for one video. */
export interface BatchAnswer {
  video_id: string;
  embedded: number;
  skipped: number;
  failed: { frame: string; message: string }[];
}

/** What is embedded is indexed at least this often, so that a call out of time has not worked for nothing. */
const GROUP = 256;
const CLAIM_POLL_MIN_MS = 100;
const CLAIM_POLL_MAX_MS = 1_500;

/**
 * Embeds the frames that are not in the index yet, writes them to the embeddings cache, and adds
 * them to the video's segment. Several calls for one video may run at once: only the change of
 * the segment is one after the other.
 */
export async function batchFrames(
  { videoId, frames }: { videoId: string; frames: readonly string[] },
  parts: IndexingParts,
  signal: AbortSignal,
): Promise<BatchAnswer> {
  const { embedder, index, videos, media } = parts;
  const { space } = embedder.model;
  const answer: BatchAnswer = { video_id: videoId, embedded: 0, skipped: 0, failed: [] };
  const openStores = async () => [media];
  // Others could not name its segment.
  if (!PLAIN_ID.test(videoId)) {
    const message = "A video's id is made of lower-case letters, digits, - and _.";
    return { ...answer, failed: frames.map((frame) => ({ frame, message })) };
  }

  const indexed = await index.get(videoId, space);
  const done = new Set(indexed?.frames.map(({ timeMs }) => timeMs));
  const wanted = new Map<number, string>();
  for (const frame of new Set(frames)) {
    const timeMs = await timeOf(frame, videoId, openStores).catch((thrown: unknown) => {
      if (!(thrown instanceof AtelierError)) throw thrown;
      answer.failed.push({ frame, message: thrown.message });
      return null;
    });
    if (timeMs === null) continue;
    if (done.has(timeMs)) answer.skipped += 1;
    else wanted.set(timeMs, frame);
  }
  const video = await videos.find(videoId);
  if (isLeftToIngest(video) || (video === null && isLeftToChat(videoId, video))) {
    return { ...answer, skipped: answer.skipped + wanted.size };
  }

  const waiting = [...wanted];
  // An earlier call ended between its segment and its record.
  const isRecorded =
    video === null ? done.size === 0 : video.space !== space || video.frameCount === done.size;
  if (waiting.length === 0 && !isRecorded) {
    await claimed(videoId, parts, signal, () => addToIndex(videoId, new Map(), false, parts));
  }
  for (let from = 0; from < waiting.length; from += GROUP) {
    const group = waiting.slice(from, from + GROUP);
    const { rows, failed } = await embedGroup(videoId, group, parts, signal);
    answer.failed.push(...failed);
    answer.embedded += rows.size;
    if (rows.size > 0) {
      const wasThere = video !== null || from > 0;
      await claimed(videoId, parts, signal, () => addToIndex(videoId, rows, wasThere, parts));
    }
  }
  return answer;
}

/** Embeds some frames, given by time, and writes their embeddings to the cache. */
async function embedGroup(
  videoId: string,
  group: readonly (readonly [timeMs: number, uri: string])[],
  { embedder, media }: IndexingParts,
  signal: AbortSignal,
) {
  const uris = group.map(([, uri]) => uri);
  const openStores = async () => [media];
  const options = { embedder, openStores, signal, stopAtFailure: false };
  const embedded = await embedPictureItems(uris, options);
  const rows = new Map<number, Float32Array>();
  for (const [at, row] of embedded.rows) rows.set(group[at]?.[0] ?? 0, row);
  await Promise.all(
    [...rows].map(([timeMs, row]) =>
      media.put(embeddingKey(videoId, timeMs), {
        bytes: encodeEmbedding(row),
        mediaType: "application/octet-stream",
      }),
    ),
  );
  const failed = embedded.failures.map(({ index, error }) => ({
    frame: uris[index] ?? "",
    message: error.message,
  }));
  return { rows, failed };
}

/** The frame's time; rejects with `invalid_input` what is no frame of that video in our bucket. */
async function timeOf(
  uri: string,
  videoId: string,
  openStores: () => Promise<BlobStore[]>,
): Promise<number> {
  const { key } = await findObject(uri, openStores);
  const frame = frameOfKey(key);
  if (frame?.videoId === videoId) return frame.timeMs;
  const example = frameKey(videoId, 1_000);
  throw new AtelierError(
    "invalid_input",
    `This is no frame of ${videoId}. They are like ${example}.`,
  );
}

async function addToIndex(
  videoId: string,
  rows: ReadonlyMap<number, Float32Array>,
  wasThere: boolean,
  { embedder, index, videos, media, state, clock }: IndexingParts,
): Promise<void> {
  const { space, dim } = embedder.model;
  const found = await videos.find(videoId);
  // Removed while its frames were embedded: it must not come back.
  if (found === null && wasThere) return;
  if (isLeftToIngest(found)) return;
  const before = await index.get(videoId, space);
  const segment = mergeFrames(before, rows, { videoId, space, dim });
  const { frames } = segment;
  const lastMs = frames.at(-1)?.timeMs ?? 0;
  // The same event, delivered twice at once: the other call was faster.
  const isKnown = frames.length === (before?.frames.length ?? 0);
  if (isKnown && (frames.length === 0 || found?.frameCount === frames.length)) return;
  // While another model's embeddings answer for this video, its record is about those.
  const isOfOtherSpace = found !== null && found.space !== space && found.space !== "";
  if (!isOfOtherSpace) {
    // By it the frames are found when the video is removed, or embedded by another model.
    const checkpoint = await readCheckpoint(media, videoId);
    await writeCheckpoint(media, videoId, {
      sourceEtag: found?.sourceEtag,
      durationMs: Math.max(checkpoint?.durationMs ?? 0, lastMs),
      frames: [...frames],
      done: frames.length,
      isDecoded: true,
      space,
      embedded: frames.length,
      lastLuma: checkpoint?.lastLuma ?? new Uint8Array(),
    });
  }
  await index.put(segment);
  if (isOfOtherSpace) return;
  const indexed = {
    frameCount: frames.length,
    durationMs: Math.max(found?.durationMs ?? 0, lastMs),
    indexedAtMs: clock.nowMs(),
    space,
    status: "ready",
    failure: null,
    // Of what these frames are from, even if another file took its place meanwhile.
    ...(found?.sourceEtag !== undefined && { sourceEtag: found.sourceEtag }),
  } as const;
  if (found !== null) {
    await videos.change(videoId, indexed);
    return;
  }
  const video = {
    id: videoId,
    title: videoId,
    // There is no file: the list of its frames stands for it.
    sourceKey: checkpointKey(videoId),
    mediaType: "image/jpeg",
    addedAtMs: indexed.indexedAtMs,
    ...indexed,
  };
  await addFound(video, { videos, state });
}

/** Runs the work while nobody else, an ingest neither, changes that video's segment. */
async function claimed(
  videoId: string,
  { state, clock, newId }: BatchParts,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  // Each call for itself: several in one process must wait for each other too.
  const claims = createIngestClaims({ state, clock, owner: `${BATCH} ${newId()}` });
  // Ever more seldom, as hundreds may wait: S3 sends an event for each frame.
  for (let pauseMs = CLAIM_POLL_MIN_MS; !(await claims.take(videoId)); pauseMs *= 1.5) {
    await clock.sleep(Math.min(pauseMs, CLAIM_POLL_MAX_MS), signal);
  }
  try {
    await work();
  } finally {
    await claims.release(videoId);
  }
}
