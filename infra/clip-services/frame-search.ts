import { z } from "zod";
import {
  AtelierError,
  type BlobStore,
  type Clock,
  type Embedder,
  type EmbeddingModel,
  type FrameHit,
  frameId,
  frameKey,
  type VideoStore,
} from "#core";
import { embedPictureItems } from "./embed-pictures.ts";
import { answerIndexQuery, isIndexQuery, type SearchedIndex } from "./index-query.ts";
import type { OpenStores } from "./picture-item.ts";
import { parseEvent, readEvent } from "./read-event.ts";
import { answerWith, type ServiceAnswer } from "./service-answer.ts";

const TOP_K_DEFAULT = 5;
const TOP_K_MAX = 50;
const TEXT_MAX_CHARACTERS = 10_000;
/** How often a search is made again because videos left this model's index meanwhile. */
const REPEATS_MAX = 3;

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

type SearchRequest = z.output<typeof requestSchema>;

export interface FrameSearchParts {
  /** Another one after the service that embeds began to run another model. */
  openEmbedder: () => Promise<Embedder>;
  index: SearchedIndex;
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
 * Events that name a `space` are answered as `answerIndexQuery` says, without a model.
 */
export function createFrameSearch(parts: FrameSearchParts): FrameSearch {
  const { index, videos, media, clock, linkTtlSeconds } = parts;

  return async (given, signal) => {
    const startMs = clock.nowMs();
    const event = parseEvent(given);
    if (isIndexQuery(event)) return answerIndexQuery(event, index, signal);
    const request = readEvent(event, requestSchema, EXAMPLE);
    const { from_ms, to_ms } = request;
    if ((request.query ?? null) === null && (request.image ?? null) === null) {
      throw new AtelierError("invalid_input", `Say what to look for: ${EXAMPLE}.`);
    }
    if (request.query != null && request.image != null) {
      throw new AtelierError("invalid_input", "Send either query or image, not both.");
    }
    if (from_ms != null && to_ms != null && from_ms > to_ms) {
      throw new AtelierError("invalid_input", "from_ms must not be after to_ms.");
    }
    const { model, isTruncated, hits } = await findSettled(request, signal);
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
      model: model.name,
      space: model.space,
      ...(isTruncated && { truncated: true }),
    });
  };

  /**
   * The nearest frames by the model that answers now. A video that another model indexes anew
   * leaves the index, maybe just while that is searched: then once more, by the other model.
   */
  async function findSettled(
    request: SearchRequest,
    signal: AbortSignal,
    repeatsLeft = REPEATS_MAX,
  ): Promise<{ model: EmbeddingModel; isTruncated: boolean; hits: readonly FrameHit[] }> {
    const { video_id, from_ms, to_ms, top_k } = request;
    const { embedder, embedding, isTruncated } = await embedWithCurrent(request, signal);
    const { model } = embedder;
    const { space } = model;
    // After the embedding, in whose space they must be.
    const videoIds = await findVideos(video_id ?? undefined, space);
    const filter = {
      videoIds,
      ...(from_ms != null && { fromMs: from_ms }),
      ...(to_ms != null && { toMs: to_ms }),
    };
    const hits = await index.search(embedding, {
      space,
      topK: top_k ?? TOP_K_DEFAULT,
      filter,
      signal,
    });
    const now = new Set(await findVideos(video_id ?? undefined, space));
    if (repeatsLeft > 0 && videoIds.some((id) => !now.has(id))) {
      return findSettled(request, signal, repeatsLeft - 1);
    }
    return { model, isTruncated, hits };
  }

  /** The embedding, by the model that answers now: where that changed, the next embedder has it. */
  async function embedWithCurrent(request: SearchRequest, signal: AbortSignal) {
    const embedder = await parts.openEmbedder();
    try {
      return { embedder, ...(await embed(request, embedder, signal)) };
    } catch (thrown) {
      const current = await parts.openEmbedder();
      if (current === embedder) throw thrown;
      return { embedder: current, ...(await embed(request, current, signal)) };
    }
  }

  async function embed({ query, image }: SearchRequest, embedder: Embedder, signal: AbortSignal) {
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
  async function findVideos(id: string | undefined, space: string): Promise<string[]> {
    const all = id === undefined ? await videos.listAll() : [await videos.find(id)];
    return all.flatMap((video) =>
      video?.status === "ready" && video.space === space ? [video.id] : [],
    );
  }
}
