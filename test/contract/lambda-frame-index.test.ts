import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BlobStore, FrameIndex } from "#core";
import { createFrameSearch } from "../../infra/clip-services/frame-search.ts";
import { createLambdaHandler } from "../../infra/clip-services/lambda-handler.ts";
import { answerProblem } from "../../infra/clip-services/service-answer.ts";
import { createLambdaClient } from "../../src/drivers/aws/lambda-client.ts";
import { createLambdaFrameIndex } from "../../src/drivers/aws/lambda-frame-index.ts";
import { embeddingOf, segmentOf } from "../fixtures/frame-segments.ts";
import { quietLog } from "../fixtures/quiet.ts";
import { createSegmentFolder } from "../fixtures/segment-folder.ts";
import {
  type LambdaServer,
  type ScriptedInvocation,
  startLambdaServer,
} from "../servers/lambda-server.ts";
import { frameIndexContract } from "./frame-index-contract.ts";

const FUNCTION = "team-frame-search";
const DIM = 64;

/** Two processes of frame-search that take turns, as Lambda keeps several, each with its own copies. */
async function openPlace() {
  const folder = await createSegmentFolder();
  const { store, clock } = folder;
  const unused = async (): Promise<never> => {
    throw new Error("An index query needs no model and no table of videos.");
  };
  const videos = { find: unused, add: unused, change: unused, remove: unused };
  const indexes = [0, 1].map(() =>
    folder.open({ isRemote: true, inThread: false, refreshesMeanwhile: false }),
  );
  const handlers = indexes.map((index) => {
    const frameSearch = createFrameSearch({
      openEmbedder: unused,
      index,
      videos: { ...videos, list: unused, listAll: unused },
      media: store,
      openStores: unused,
      clock,
      linkTtlSeconds: 60,
    });
    return createLambdaHandler({
      name: "frame-search",
      log: () => quietLog,
      newId: () => "r1",
      work: frameSearch,
      failed: answerProblem,
    });
  });
  let calls = 0;
  const lambda = await startLambdaServer({
    [FUNCTION]: async (event, context) => handlers[calls++ % handlers.length]?.(event, context),
  });
  process.env.AWS_ENDPOINT_URL_LAMBDA = lambda.endpoint;
  return {
    lambda,
    folder,
    open({
      functionName = FUNCTION,
      segments = store,
    }: {
      functionName?: string;
      segments?: BlobStore;
    } = {}) {
      const client = createLambdaClient({ region: "us-west-2" });
      return createLambdaFrameIndex({ client, functionName, segments, clock });
    },
    async close() {
      await lambda.close();
      await Promise.all(indexes.map((index) => index.close()));
      await folder.close();
    },
  };
}

beforeAll(() => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
});

describe("the Lambda FrameIndex, through frame-search", () => {
  frameIndexContract(async () => {
    const { open, close } = await openPlace();
    return { open: async () => open(), close };
  });
});

describe("the Lambda FrameIndex in particular", () => {
  let place: Awaited<ReturnType<typeof openPlace>>;
  let lambda: LambdaServer;
  let index: FrameIndex;
  const signal = () => AbortSignal.timeout(20_000);
  const search = (videoIds: readonly string[], { topK = 5, on = index, by = signal() } = {}) =>
    on.search(embeddingOf(2, DIM), { space: "s-own", topK, filter: { videoIds }, signal: by });

  beforeAll(async () => {
    place = await openPlace();
    lambda = place.lambda;
    index = place.open();
    await index.put(segmentOf("one", "s-own", [1, 2, 3], DIM));
  });
  beforeEach(() => lambda.reset());
  afterAll(async () => {
    await index?.close();
    await place?.close();
  });

  it("asks frame-search synchronously, with the added fields only", async () => {
    const filter = { videoIds: ["one"], fromMs: 500 };
    const hits = await index.search(embeddingOf(2, DIM), {
      ...{ space: "s-own", topK: 300, filter, signal: signal() },
    });
    expect(hits[0]).toMatchObject({ videoId: "one", timeMs: 1_000, shot: 0 });
    expect(await index.count({ space: "s-own", filter })).toBe(2);
    const asked = { space: "s-own", video_ids: ["one"], from_ms: 500 };
    expect(lambda.invocations).toMatchObject([
      {
        functionName: FUNCTION,
        type: "RequestResponse",
        event: { ...asked, embedding: [...embeddingOf(2, DIM)], top_k: 300 },
      },
      { event: { ...asked, count_only: true } },
    ]);
  });

  it("asks nothing where nothing can be found", async () => {
    expect(await search([])).toEqual([]);
    expect(await search(["one"], { topK: 0 })).toEqual([]);
    expect(await index.count({ space: "s-own", filter: { videoIds: [] } })).toBe(0);
    expect(lambda.invocations).toEqual([]);
  });

  it("puts, gets and deletes on the segments, without a call", async () => {
    await index.put(segmentOf("own", "s-quiet", [1], DIM));
    expect((await index.get("own", "s-quiet"))?.frames).toHaveLength(1);
    await index.delete("own");
    expect(await index.get("own", "s-quiet")).toBeNull();
    expect(lambda.invocations).toEqual([]);
  });

  it("lists the videos again after a change of its own, and not at every search", async () => {
    await index.put(segmentOf("two", "s-own", [4, 5], DIM));
    await search(["one", "two"]);
    await search(["one", "two"]);
    const [first, second] = lambda.invocations.map(({ event }) => event);
    expect(first).toHaveProperty("as_of_ms", expect.any(Number));
    expect(second).toEqual(first);
    const other = place.open();
    await search(["one"], { on: other });
    expect(lambda.invocations.at(-1)?.event).not.toHaveProperty("as_of_ms");
    await other.close();
  });

  it("sees what another process deleted within half a minute", async () => {
    const other = place.open();
    await index.put(segmentOf("goes", "s-own", [6], DIM));
    // Both processes of the function have it now.
    for (let round = 0; round < 2; round++) {
      expect((await search(["goes"], { on: other })).length).toBe(1);
    }
    await index.delete("goes");
    place.folder.clock.shift(31_000);
    for (let round = 0; round < 2; round++)
      expect(await search(["goes"], { on: other })).toEqual([]);
    await other.close();
  });

  it("ends a search in mid-call with its signal's reason, a deadline with a sentence", async () => {
    lambda.next({ delayMs: 600 });
    const reason = new Error("nobody waits any more");
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 100);
    await expect(search(["one"], { by: stop.signal })).rejects.toBe(reason);
    lambda.next({ delayMs: 600 });
    const late = search(["one"], { by: AbortSignal.timeout(100) });
    await expect(late).rejects.toMatchObject({ kind: "unavailable", code: "Timeout" });
  });

  const body = (content: object) => ({ statusCode: 200, body: JSON.stringify(content) });
  it.each([
    ["hits are missing", { result: body({ results: [] }) }],
    ["a hit is of a video that was not asked for", { result: body({ hits: [[7, 0, 0, 1]] }) }],
    ["the result has no statusCode", { result: {} }],
    ["it refuses the request", { result: { statusCode: 400, body: '{"message":"No."}' } }],
  ] as [string, ScriptedInvocation][])("is misconfigured when %s", async (_what, scripted) => {
    lambda.next(scripted);
    await expect(search(["one"])).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringMatching(/^The Lambda function team-frame-search .*frame-search.*\.$/u),
    });
  });

  it.each([
    ["TooManyRequestsException", 429, "rate_limited"],
    ["ServiceException", 500, "unavailable"],
    ["AccessDeniedException", 403, "misconfigured"],
  ])("%s (%i) is %s", async (error, status, kind) => {
    lambda.next({ error, status, times: 5 });
    await expect(search(["one"])).rejects.toMatchObject({ kind, cause: { name: error } });
  });

  it("names the setting when the function is not there", async () => {
    const lost = place.open({ functionName: "nobody-made-this" });
    await expect(search(["one"], { on: lost })).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("SEARCH_FUNCTION"),
    });
    await lost.close();
  });
});

describe("an index query that frame-search cannot answer", () => {
  it.each([
    [{ space: "s" }, "video_ids"],
    [{ space: "s", video_ids: ["a"] }, "embedding"],
    [{ space: "s", video_ids: ["a"], embedding: "x" }, "embedding"],
    [{ space: "s", video_ids: ["a"], embedding: [1], top_k: 100_001 }, "top_k"],
  ])("%j is answered with 400 and what is wrong", async (event, named) => {
    const place = await openPlace();
    const client = createLambdaClient({ region: "us-west-2" });
    const { InvokeCommand } = await import("@aws-sdk/client-lambda");
    const { Payload } = await client.send(
      new InvokeCommand({ FunctionName: FUNCTION, Payload: Buffer.from(JSON.stringify(event)) }),
    );
    const { statusCode, body } = JSON.parse(Buffer.from(Payload ?? []).toString());
    expect([statusCode, JSON.parse(body).error]).toEqual([400, "InvalidRequest"]);
    expect(JSON.parse(body).message).toContain(named);
    client.destroy();
    await place.close();
  });

  it("has room for as many hits as it may be asked for", () => {
    const rows = Array.from({ length: 100_000 }, () => [
      99_999, 4_294_967_295, 99_999, -0.12345678,
    ]);
    const answer = { statusCode: 200, body: JSON.stringify({ hits: rows }) };
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6_291_456);
  });
});
