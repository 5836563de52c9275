import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createS3VectorsClient } from "../../src/drivers/aws/s3-vectors-client.ts";
import { createS3VectorsFrameIndex } from "../../src/drivers/aws/s3-vectors-frame-index.ts";
import { AtelierError } from "../../src/errors.ts";
import type { BlobStore, FrameIndex } from "../../src/ports/index.ts";
import { embeddingOf, segmentOf } from "../fixtures/frame-segments.ts";
import { createSegmentFolder } from "../fixtures/segment-folder.ts";
import { type S3VectorsServer, startS3VectorsServer } from "../servers/s3-vectors-server.ts";
import { frameIndexContract } from "./frame-index-contract.ts";

const BUCKET = "atelier-frames";
const DIM = 64;

async function openPlace() {
  const [folder, server] = await Promise.all([
    createSegmentFolder(),
    startS3VectorsServer({ buckets: [BUCKET] }),
  ]);
  const open = (vectorBucket = BUCKET, segments: BlobStore = folder.store): FrameIndex => {
    const client = createS3VectorsClient({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    return createS3VectorsFrameIndex({ client, vectorBucket, segments });
  };
  const close = async () => {
    await server.close();
    await folder.close();
  };
  return { server, store: folder.store, open, close };
}

describe("the S3 Vectors FrameIndex, against a server of its wire format", () => {
  describe("as every FrameIndex", () => {
    frameIndexContract(async () => {
      const { open, close } = await openPlace();
      return { open: async () => open(), close };
    });
  });

  describe("in particular", () => {
    let place: Awaited<ReturnType<typeof openPlace>>;
    let server: S3VectorsServer;
    let index: FrameIndex;
    const signal = new AbortController().signal;

    beforeAll(async () => {
      place = await openPlace();
      server = place.server;
      index = place.open();
    });
    afterEach(() => {
      server.calls.length = 0;
    });
    afterAll(async () => {
      await index?.close();
      await place?.close();
    });

    const puts = () => server.calls.filter(({ action }) => action === "PutVectors");
    const search = (seed: number, space: string, videoIds: string[], topK = 5) =>
      index.search(embeddingOf(seed, DIM), { space, topK, filter: { videoIds }, signal });

    it("puts 500 vectors a call, under the keys that others know", async () => {
      const seeds = Array.from({ length: 1_201 }, (_, seed) => seed);
      await index.put(segmentOf("long", "s-batch", seeds, DIM));
      expect(
        puts()
          .map(({ vectors }) => vectors)
          .sort(),
      ).toEqual([201, 500, 500]);
      const keys = server.keysOf(BUCKET, "s-batch");
      expect(keys).toHaveLength(1_201);
      expect(keys).toContain("long/0000042000");
    });

    it("asks for pages of 100 until it has as many as it was asked for", async () => {
      const hits = await search(7, "s-batch", ["long"], 250);
      expect(hits).toHaveLength(250);
      expect(hits[0]).toMatchObject({ timeMs: 7_000, shot: 2 });
      expect(server.calls.map(({ action }) => action)).toEqual(Array(3).fill("QueryVectors"));
    });

    it("asks several times when more videos are named than fit one filter", async () => {
      await index.put(segmentOf("needle", "s-hay", [1, 2, 3], DIM));
      server.calls.length = 0;
      const names = Array.from({ length: 1_100 }, (_, at) => `straw-${at}`);
      const hits = await search(2, "s-hay", [...names, "needle"]);
      expect(hits[0]).toMatchObject({ videoId: "needle", timeMs: 1_000 });
      expect(server.calls).toHaveLength(3);
    });

    it("tries again when it is throttled", async () => {
      server.fail({
        action: "PutVectors",
        error: "TooManyRequestsException",
        status: 429,
        times: 2,
      });
      await index.put(segmentOf("patient", "s-throttled", [1, 2], DIM));
      expect(puts()).toHaveLength(3);
      server.fail({ action: "QueryVectors", error: "ServiceUnavailableException", status: 503 });
      expect(await search(1, "s-throttled", ["patient"])).toHaveLength(2);
    });

    it("brings back what was there when a put fails half-way", async () => {
      const before = segmentOf("whole", "s-failed", [1, 2, 3], DIM);
      await index.put(before);
      const seeds = Array.from({ length: 900 }, (_, seed) => 50 + seed);
      server.fail({ action: "PutVectors", error: "ValidationException", status: 400, after: 1 });
      const put = index.put(segmentOf("whole", "s-failed", seeds, DIM));
      await expect(put).rejects.toMatchObject({ kind: "internal" });
      expect(server.keysOf(BUCKET, "s-failed")).toHaveLength(3);
      const [best] = await search(2, "s-failed", ["whole"]);
      expect(best).toMatchObject({ timeMs: 1_000 });
      expect(best?.score).toBeCloseTo(1, 2);
    });

    it("leaves no vector behind after a delete", async () => {
      await index.put(segmentOf("goes", "s-gone", [1, 2, 3], DIM));
      await index.put(segmentOf("stays", "s-gone", [4], DIM));
      await index.delete("goes");
      expect(server.keysOf(BUCKET, "s-gone")).toEqual(["stays/0000000000"]);
    });

    it("forgets no vector of a segment that the store cannot give now", async () => {
      await index.put(segmentOf("later", "s-later", [1, 2], DIM));
      const down = new AtelierError("unavailable", "The store is down.");
      const get = () => Promise.reject(down);
      const without = place.open(BUCKET, { ...place.store, get });
      await expect(without.delete("later")).rejects.toBe(down);
      await without.close();
      await index.delete("later");
      expect(server.keysOf(BUCKET, "s-later")).toEqual([]);
    });

    it("says what the operator has to do when the bucket is missing or access is denied", async () => {
      const elsewhere = place.open("no-such-bucket");
      const put = elsewhere.put(segmentOf("a", "s-none", [1], DIM));
      await expect(put).rejects.toMatchObject({ kind: "misconfigured", code: "NoSuchBucket" });
      await elsewhere.close();
      server.fail({ action: "QueryVectors", error: "AccessDeniedException", status: 403 });
      await expect(search(1, "s-batch", ["long"])).rejects.toMatchObject({
        kind: "misconfigured",
        message: expect.stringContaining("s3vectors:GetVectors"),
      });
    });

    it("says that it is busy when throttling does not end", async () => {
      server.fail({
        action: "QueryVectors",
        error: "TooManyRequestsException",
        status: 429,
        times: 6,
      });
      await expect(search(1, "s-batch", ["long"])).rejects.toMatchObject({ kind: "rate_limited" });
    });
  });
});
