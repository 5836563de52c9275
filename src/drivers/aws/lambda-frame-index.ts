import type { LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import {
  type BlobStore,
  type Clock,
  createSpaceList,
  decodeSegment,
  encodeSegment,
  type FrameFilter,
  type FrameHit,
  type FrameIndex,
  SEGMENT_MEDIA_TYPE,
  segmentKey,
} from "../../ports/index.ts";
import { readReply } from "./clip-answer.ts";
import { type ClipServiceName, clipAbort, wrongAnswer } from "./clip-errors.ts";
import { callLambda } from "./lambda-call.ts";

export interface LambdaFrameIndexOptions {
  /** One of `createLambdaClient`; `close` ends it. */
  client: LambdaClient;
  /** Name or ARN of the function frame-search. */
  functionName: string;
  /** The media store, which keeps the packed segments that the function searches. */
  segments: BlobStore;
  clock: Clock;
}

/** Far within the 6 MB of a Lambda's answer, and beyond what any search asks for. */
const HITS_MAX = 100_000;
const COUNT_WITHIN_MS = 60_000;

/** A hit is `[place in video_ids, time in ms, shot, score]`. */
const hitsSchema = z.object({
  hits: z.array(z.tuple([z.int(), z.number(), z.number(), z.number()])),
});
const countSchema = z.object({ count: z.int() });

/**
 * The packed segments, searched by the Lambda function frame-search, which keeps them in memory
 * for every process; put, get and delete work on the segments themselves. What was put or deleted
 * here counts in the next search: the function is told since when.
 */
export function createLambdaFrameIndex(options: LambdaFrameIndexOptions): FrameIndex {
  const { client, functionName, segments, clock } = options;
  const spaceList = createSpaceList(segments);
  const service: ClipServiceName = {
    title: `the Lambda function ${functionName}`,
    right: "lambda:InvokeFunction",
    settings: "SEARCH_FUNCTION and AWS_REGION",
    entry: "frame-search",
  };
  /** When a segment of the space was last changed here. */
  const changedAtMs = new Map<string, number>();

  async function ask<Schema extends z.ZodType>(
    request: { space: string; filter: FrameFilter },
    rest: object,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    signal.throwIfAborted();
    const { space, filter } = request;
    const { videoIds, fromMs, toMs } = filter;
    const event = { space, video_ids: videoIds, from_ms: fromMs, to_ms: toMs, ...rest };
    const body = JSON.stringify({ ...event, as_of_ms: changedAtMs.get(space) });
    const reply = await callLambda({ client, functionName, service }, body, signal).catch(
      (thrown: unknown) => {
        throw signal.aborted ? clipAbort(signal) : thrown;
      },
    );
    const parsed = schema.safeParse(readReply(reply, service));
    if (parsed.success) return parsed.data;
    throw wrongAnswer(service, "fields are missing", parsed.error);
  }

  return {
    async put(segment) {
      const { videoId, space } = segment;
      const bytes = encodeSegment(segment);
      await spaceList.remember(space);
      await segments.put(segmentKey(videoId, space), { bytes, mediaType: SEGMENT_MEDIA_TYPE });
      changedAtMs.set(space, clock.nowMs());
    },

    async get(videoId, space) {
      const key = segmentKey(videoId, space);
      const blob = await segments.get(key);
      return blob === null ? null : decodeSegment(blob.bytes, key);
    },

    async delete(videoId, space) {
      for (const name of space === undefined ? await spaceList.all() : [space]) {
        await segments.delete(segmentKey(videoId, name));
        changedAtMs.set(name, clock.nowMs());
      }
    },

    async search(embedding, { space, topK, filter, signal }) {
      signal.throwIfAborted();
      if (topK < 1 || filter.videoIds.length === 0) return [];
      const wanted = { embedding: [...embedding], top_k: Math.min(topK, HITS_MAX) };
      const { hits } = await ask({ space, filter }, wanted, hitsSchema, signal);
      return hits.map(([place, timeMs, shot, score]): FrameHit => {
        const videoId = filter.videoIds[place];
        if (videoId === undefined) throw wrongAnswer(service, "a hit is of no video asked for");
        return { videoId, timeMs, shot, score };
      });
    },

    async count({ space, filter }) {
      if (filter.videoIds.length === 0) return 0;
      const signal = AbortSignal.timeout(COUNT_WITHIN_MS);
      const { count } = await ask({ space, filter }, { count_only: true }, countSchema, signal);
      return count;
    },

    async close() {
      client.destroy();
    },
  };
}
