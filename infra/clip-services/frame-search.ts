import { z } from "zod";
import {
  AtelierError,
  type BlobStore,
  type Clock,
  type Embedder,
  type FrameIndex,
  frameId,
  frameKey,
  type VideoStore,
} from "#core";
import { embedPictureItems } from "./embed-pictures.ts";
import type { OpenStores } from "./picture-item.ts";
import { readEvent } from "./read-event.ts";
import { answerWith, type ServiceAnswer } from "./service-answer.ts";

const TOP_K_DEFAULT = 5;
const TOP_K_MAX = 50;
const TEXT_MAX_CHARACTERS = 10_000;

const EXAMPLE = '{"query": "a red car at night"} or {"image": "s3://bucket/key"}';
const time = "must be a time in milliseconds, a whole number from 0";
const topK = `must be a whole number from 1 to ${TOP_K_MAX}`;
const words = `must be text of 1 to ${TEXT_MAX_CHARACTERS} characters`;

const requestSchema = z.object({
  query: z.string(words).trim().min(1, words).max(TEXT_MAX_CHARACTERS, words).nullish(),
  image: z.string("must be s3://bucket/key or base64").min(1, "must not be empty").nullish(),
  video_id: z.string("must be a video's id").min(1, "must be a video's id").nullish(),
  from_ms: z.int(time).min(0, time).nullish(),
  to_ms: z.int(time).min(0, time).nullish(),
  top_k: z.int(topK).min(1, topK).max(TOP_K_MAX, topK).nullish(),
});

export interface FrameSearchParts {
  embedder: Embedder;
  index: FrameIndex;
  videos: VideoStore;
  media: BlobStore;
  openStores: OpenStores;
  clock: Clock;
  linkTtlSeconds: number;
}

export type FrameSearch = (event: unknown, signal: AbortSignal) => Promise<ServiceAnswer>;

/**
 * Contracts section 5, search: the frames nearest to a text or a picture among the videos that
 * are ready, best first. Unlike /findframe it judges nothing: whoever calls sees raw scores.
 */
export function createFrameSearch(parts: FrameSearchParts): FrameSearch {
  const { embedder, index, videos, media, clock, linkTtlSeconds } = parts;
  const { space } = embedder.model;

  return async (event, signal) => {
    const startMs = clock.nowMs();
    const request = readEvent(event, requestSchema, EXAMPLE);
    const { video_id, from_ms, to_ms } = request;
    if ((request.query ?? null) === null && (request.image ?? null) === null) {
      throw new AtelierError("invalid_input", `Say what to look for: ${EXAMPLE}.`);
    }
    if (request.query != null && request.image != null) {
      throw new AtelierError("invalid_input", "Send either query or image, not both.");
    }
    if (from_ms != null && to_ms != null && from_ms > to_ms) {
      throw new AtelierError("invalid_input", "from_ms must not be after to_ms.");
    }
    const [{ embedding, isTruncated }, searched] = await Promise.all([
      embed(request, signal),
      findVideos(video_id ?? undefined),
    ]);
    const hits = await index.search(embedding, {
      space,
      topK: request.top_k ?? TOP_K_DEFAULT,
      filter: {
        videoIds: searched,
        ...(from_ms != null && { fromMs: from_ms }),
        ...(to_ms != null && { toMs: to_ms }),
      },
      signal,
    });
    const results = await Promise.all(
      hits.map(async ({ videoId, timeMs, score }) => {
        const key = frameKey(videoId, timeMs);
        return {
          video_id: videoId,
          frame_id: frameId(timeMs),
          timestamp_ms: timeMs,
          score,
          frame_s3: `s3://${media.bucket}/${key}`,
          url: await media.presign(key, { ttlSeconds: linkTtlSeconds }),
        };
      }),
    );
    return answerWith({
      results,
      took_ms: clock.nowMs() - startMs,
      model: embedder.model.name,
      space,
      ...(isTruncated && { truncated: true }),
    });
  };

  async function embed({ query, image }: z.output<typeof requestSchema>, signal: AbortSignal) {
    if (image == null) {
      const [text] = await embedder.embedTexts([query ?? ""], { signal });
      if (text === undefined) throw new Error("The embedder gave no row.");
      return text;
    }
    const { openStores } = parts;
    const options = { embedder, openStores, signal, stopAtFailure: true };
    const { rows, failures } = await embedPictureItems([image], options);
    const embedding = rows.get(0);
    if (embedding !== undefined) return { embedding, isTruncated: false };
    throw failures[0]?.error ?? new Error("The embedder gave no row.");
  }

  /** What can be found now: a removed video may still be in the index of this process. */
  async function findVideos(id: string | undefined): Promise<string[]> {
    const all = id === undefined ? await videos.listAll() : [await videos.find(id)];
    return all.flatMap((video) =>
      video?.status === "ready" && video.space === space ? [video.id] : [],
    );
  }
}
