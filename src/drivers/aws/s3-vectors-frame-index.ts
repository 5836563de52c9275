import { z } from "zod";
import {
  type BlobStore,
  decodeSegment,
  encodeSegment,
  type FrameFilter,
  type FrameHit,
  type FrameIndex,
  type FrameSegment,
  SEGMENT_MEDIA_TYPE,
  segmentKey,
} from "../../ports/index.ts";
import { createS3VectorsIndexes, type S3VectorsOptions } from "./s3-vectors-index.ts";

/** So many videos are named in one filter; a search of more asks several times. */
const FILTER_VIDEOS_MAX = 500;
/** So many segments are read to count the frames of a filter; of more, the rest is estimated. */
const COUNTED_MAX = 40;
/** The times of so many segments are remembered for that. */
const SEEN_MAX = 10_000;

const metadataSchema = z.object({ video_id: z.string(), time_ms: z.number(), shot: z.number() });

export interface S3VectorsFrameIndexOptions extends Omit<S3VectorsOptions, "prefix"> {
  /** Empty unless told. */
  prefix?: string;
  /** The media store, which keeps each video's packed segment: what was put, to the frame. */
  segments: BlobStore;
}

/**
 * An index without a bound of its own (2 billion frames): Amazon S3 Vectors, one vector index for
 * each space, keys `{video_id}/{frame_id}`. The service has no transactions: while a segment is
 * put, a search may see part of it, so a video is to be searched once its put has resolved; a put
 * that fails brings back what was there. The role needs s3vectors: CreateIndex, ListIndexes,
 * PutVectors, QueryVectors, GetVectors and DeleteVectors.
 */
export function createS3VectorsFrameIndex(options: S3VectorsFrameIndexOptions): FrameIndex {
  const { client, segments } = options;
  const indexes = createS3VectorsIndexes({ prefix: "", ...options });

  /** Times of the frames by segment key, as last seen; only estimates are made from them. */
  const seenTimes = new Map<string, readonly number[]>();

  async function timesOf(videoId: string, space: string): Promise<readonly number[]> {
    const key = segmentKey(videoId, space);
    const times =
      seenTimes.get(key) ?? (await get(videoId, space))?.frames.map(({ timeMs }) => timeMs) ?? null;
    // What is not there yet may be there the next time.
    if (times === null) return [];
    if (seenTimes.size >= SEEN_MAX) seenTimes.clear();
    seenTimes.set(key, times);
    return times;
  }

  async function get(videoId: string, space: string): Promise<FrameSegment | null> {
    const key = segmentKey(videoId, space);
    const blob = await segments.get(key);
    return blob === null ? null : decodeSegment(blob.bytes, key);
  }

  /** The segment, or null when it is absent or damaged; a store that fails rejects: its keys may be there. */
  async function getUndamaged(videoId: string, space: string): Promise<FrameSegment | null> {
    const key = segmentKey(videoId, space);
    const blob = await segments.get(key);
    if (blob === null) return null;
    try {
      return decodeSegment(blob.bytes, key);
    } catch {
      return null;
    }
  }

  /** What was there before a put that failed. */
  async function restore(failed: FrameSegment, earlier: FrameSegment | null): Promise<void> {
    const { space } = failed;
    if (earlier !== null) await indexes.put(space, vectorsOf(earlier));
    await indexes.delete(space, keysBeyond(failed, earlier));
  }

  async function deleteFrom(videoId: string, space: string): Promise<void> {
    const segment = await getUndamaged(videoId, space);
    if (segment !== null) await indexes.delete(space, keysBeyond(segment, null));
    await segments.delete(segmentKey(videoId, space));
    seenTimes.delete(segmentKey(videoId, space));
  }

  return {
    async put(segment) {
      const bytes = encodeSegment(segment);
      const { videoId, space, dim } = segment;
      seenTimes.delete(segmentKey(videoId, space));
      const earlier = await getUndamaged(videoId, space);
      await indexes.make(space, dim);
      try {
        await indexes.put(space, vectorsOf(segment));
        await segments.put(segmentKey(videoId, space), { bytes, mediaType: SEGMENT_MEDIA_TYPE });
      } catch (thrown) {
        // The failure of the put is what the caller has to know.
        await restore(segment, earlier).catch(() => {});
        throw thrown;
      }
      if (earlier !== null) await indexes.delete(space, keysBeyond(earlier, segment));
    },

    get,

    async delete(videoId, space) {
      for (const name of space === undefined ? await indexes.spaces() : [space]) {
        await deleteFrom(videoId, name);
      }
    },

    async search(embedding, { space, topK, filter, signal }) {
      signal.throwIfAborted();
      if (topK < 1) return [];
      const hits: FrameHit[] = [];
      for (const videoIds of chunksOf([...new Set(filter.videoIds)], FILTER_VIDEOS_MAX)) {
        const part = queryFilter({ ...filter, videoIds });
        const found = await indexes
          .query(space, { embedding, filter: part, count: topK, signal })
          .catch((thrown) => {
            signal.throwIfAborted();
            throw thrown;
          });
        hits.push(...found.map(hitOf));
      }
      return hits.sort(bestFirst).slice(0, topK);
    },

    /** Exact for up to 40 videos; of more, so many are counted and the rest is taken to be alike. */
    async count({ space, filter }) {
      const videoIds = [...new Set(filter.videoIds)];
      const { fromMs = 0, toMs = Number.POSITIVE_INFINITY } = filter;
      const counts = await Promise.all(
        spread(videoIds, COUNTED_MAX).map(async (videoId) => {
          const times = await timesOf(videoId, space);
          return times.filter((timeMs) => timeMs >= fromMs && timeMs <= toMs).length;
        }),
      );
      const sum = counts.reduce((total, each) => total + each, 0);
      return counts.length === 0 ? 0 : Math.round((sum * videoIds.length) / counts.length);
    },

    async close() {
      client.destroy();
    },
  };
}

function vectorsOf({ videoId, dim, frames, embeddings }: FrameSegment) {
  return frames.map(({ timeMs, shot }, row) => ({
    key: vectorKey(videoId, timeMs),
    embedding: embeddings.subarray(row * dim, (row + 1) * dim),
    metadata: { video_id: videoId, time_ms: timeMs, shot },
  }));
}

/** The frame's id is its time in milliseconds, padded to 10 digits. */
function vectorKey(videoId: string, timeMs: number): string {
  return `${videoId}/${String(timeMs).padStart(10, "0")}`;
}

/** Keys of frames that the one segment has and the other has not. */
function keysBeyond(segment: FrameSegment, other: FrameSegment | null): string[] {
  const kept = new Set(other?.frames.map(({ timeMs }) => timeMs));
  return segment.frames
    .filter(({ timeMs }) => !kept.has(timeMs))
    .map(({ timeMs }) => vectorKey(segment.videoId, timeMs));
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-metadata-filtering.html */
function queryFilter({ videoIds, fromMs, toMs }: FrameFilter) {
  const conditions = [
    { video_id: { $in: [...videoIds] } },
    ...(fromMs === undefined ? [] : [{ time_ms: { $gte: fromMs } }]),
    ...(toMs === undefined ? [] : [{ time_ms: { $lte: toMs } }]),
  ];
  return conditions.length === 1 ? conditions[0] : { $and: conditions };
}

function hitOf({ metadata, distance }: { metadata?: unknown; distance?: number | undefined }) {
  const { video_id: videoId, time_ms: timeMs, shot } = metadataSchema.parse(metadata);
  // The cosine distance is one less the cosine similarity.
  return { videoId, timeMs, shot, score: 1 - (distance ?? 1) };
}

/** Best score first; of equals the first video, and in it the earliest. */
function bestFirst(a: FrameHit, b: FrameHit): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.videoId !== b.videoId) return a.videoId < b.videoId ? -1 : 1;
  return a.timeMs - b.timeMs;
}

function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  const chunks: Item[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}

/** At most `count` of the items, evenly spread. */
function spread<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, items.length / count);
  return items.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}
