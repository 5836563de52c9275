import { z } from "zod";
import { AtelierError, type FrameIndex } from "#core";
import { readEvent } from "./read-event.ts";
import { answerWith, type ServiceAnswer } from "./service-answer.ts";

/** An index that may be behind what other processes put and deleted. */
export interface SearchedIndex extends FrameIndex {
  /** The next search of the space sees what was put and deleted until then. */
  catchUp?(space: string, untilMs: number): Promise<void>;
}

/** With this many hits, an answer has about 4 MB of the 6 MB that Lambda's may have. */
const HITS_MAX = 100_000;
/** By so much the caller's time may differ from ours. */
const SKEW_MS = 1_000;
/** Decimal places of a score: more than half precision has. */
const DECIMALS = 1e8;

const EXAMPLE =
  '{"space": "demo-…", "video_ids": ["…"], "embedding": […], "top_k": 100} or with "count_only": true';
const time = z.number("must be a time in milliseconds").nullish();

const requestSchema = z.object({
  space: z.string("must be the space of the embedding").min(1, "must not be empty"),
  video_ids: z.array(z.string("must be a video's id"), "must be a list of videos' ids"),
  embedding: z.array(z.number("must be numbers"), "must be a list of numbers").nullish(),
  top_k: z.int("must be a whole number").min(1).max(HITS_MAX).default(100),
  from_ms: time,
  to_ms: time,
  count_only: z.boolean("must be true or false").default(false),
  as_of_ms: time,
});

/** Whether the event is one of an index query, which names a space, and not one of docs/contracts.md section 5. */
export function isIndexQuery(event: unknown): boolean {
  return typeof event === "object" && event !== null && "space" in event;
}

/**
 * Beside docs/contracts.md section 5: what a FrameIndex of another process asks. `space` and `video_ids`
 * say where, and `embedding` what for; the answer is `hits`, rows of `[place in video_ids, time
 * in ms, shot, score]`, best first. With `count_only` it is `count`, the frames that pass. What
 * was put and deleted up to `as_of_ms` is seen. It looks at no table of videos: who asks names them.
 */
export async function answerIndexQuery(
  event: unknown,
  index: SearchedIndex,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const request = readEvent(event, requestSchema, EXAMPLE);
  const { space, video_ids: videoIds, embedding, from_ms, to_ms, as_of_ms } = request;
  const filter = {
    videoIds,
    ...(from_ms != null && { fromMs: from_ms }),
    ...(to_ms != null && { toMs: to_ms }),
  };
  if (as_of_ms != null) await index.catchUp?.(space, as_of_ms + SKEW_MS);
  if (request.count_only) return answerWith({ count: await index.count({ space, filter }) });
  if (embedding == null) {
    throw new AtelierError("invalid_input", `Send an embedding such as ${EXAMPLE}.`);
  }
  const options = { space, topK: request.top_k, filter, signal };
  const hits = await index.search(Float32Array.from(embedding), options);
  const places = new Map(videoIds.map((id, place) => [id, place]));
  const rows = hits.map(({ videoId, timeMs, shot, score }) => [
    places.get(videoId) ?? -1,
    timeMs,
    shot,
    Math.round(score * DECIMALS) / DECIMALS,
  ]);
  return answerWith({ hits: rows });
}
