import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createS3BlobStore } from "../../src/drivers/aws/s3-blob-store.ts";
import { createS3Client } from "../../src/drivers/aws/s3-client.ts";
import { createShiftableClock } from "../fixtures/shiftable-clock.ts";

/** Faults that no healthy S3 server shows, from a server that answers with one of them. */
describe("the S3 BlobStore when S3 is in trouble", () => {
  const closers: (() => void)[] = [];

  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  function storeAt(endpoint: string, deadlineMs = 10_000) {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = createS3Client({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
    closers.push(() => client.destroy());
    const clock = createShiftableClock();
    return createS3BlobStore({ client, bucket: "pictures", clock, deadlineMs });
  }

  async function answering(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${portOf(server)}`;
  }

  const xml = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;

  it.each([
    [503, "SlowDown", { kind: "rate_limited" }],
    [503, "ServiceUnavailable", { kind: "rate_limited" }],
    [500, "InternalError", { kind: "unavailable" }],
    [502, "BadGateway", { kind: "unavailable" }],
    [400, "RequestTimeout", { kind: "unavailable", code: "Timeout" }],
    [400, "ExpiredToken", { kind: "misconfigured", code: "AccessDenied" }],
    [403, "AccessDenied", { kind: "misconfigured", code: "AccessDenied" }],
    [403, "RequestTimeTooSkewed", { kind: "misconfigured", code: "AccessDenied" }],
    [404, "NoSuchBucket", { kind: "misconfigured", code: "NoSuchBucket" }],
    [301, "PermanentRedirect", { kind: "misconfigured" }],
    [400, "AuthorizationHeaderMalformed", { kind: "misconfigured" }],
    [400, "EntityTooLarge", { kind: "internal" }],
  ])("reports %d %s", async (status, code, expected) => {
    const endpoint = await answering((request, response) => {
      request.resume();
      response.writeHead(status, { "Content-Type": "application/xml" }).end(xml(code));
    });
    const store = storeAt(endpoint);
    const blob = { bytes: Uint8Array.of(1), mediaType: "image/png" };
    const error = { name: "AtelierError", cause: expect.anything(), ...expected };
    await expect(store.get("a.png")).rejects.toMatchObject(error);
    await expect(store.put("a.png", blob)).rejects.toMatchObject(error);
    await expect(store.delete("a.png")).rejects.toMatchObject(error);
  });

  it.each([
    [403, { kind: "misconfigured", code: "AccessDenied" }],
    [500, { kind: "unavailable" }],
    [503, { kind: "rate_limited" }],
    [301, { kind: "misconfigured" }],
  ])("reports a HEAD answer of %d, which carries no code", async (status, expected) => {
    const endpoint = await answering((_, response) => response.writeHead(status).end());
    await expect(storeAt(endpoint).has("a.png")).rejects.toMatchObject(expected);
  });

  it("reports that nothing listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const endpoint = `http://127.0.0.1:${portOf(server)}`;
    await once(server.close(), "close");
    const store = storeAt(endpoint);
    await expect(store.get("a.png")).rejects.toMatchObject({ kind: "unavailable" });
    await expect(store.has("a.png")).rejects.toMatchObject({ kind: "unavailable" });
  });

  it("reports a connection that breaks in the middle of the body", async () => {
    const endpoint = await answering((_, response) => {
      response.writeHead(200, { "Content-Length": "1000" }).write("half");
      setTimeout(() => response.destroy(), 50);
    });
    await expect(storeAt(endpoint).get("a.png")).rejects.toMatchObject({ kind: "unavailable" });
  });

  it.each([
    ["never answers", () => {}],
    ["stops in the middle of the body", halfABody],
  ] as [string, RequestListener][])("gives up at the deadline when S3 %s", async (_, listener) => {
    const store = storeAt(await answering(listener), 300);
    const started = performance.now();
    await expect(store.get("a.png")).rejects.toMatchObject({
      kind: "unavailable",
      code: "Timeout",
    });
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it("stops reading above maxBytes when S3 announces no length", async () => {
    let sentBytes = 0;
    const endpoint = await answering((_, response) => {
      response.writeHead(200, { "Content-Type": "image/png" });
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) sentBytes += chunk.length;
      };
      response.on("drain", more);
      more();
    });
    await expect(storeAt(endpoint).get("endless.png", { maxBytes: 100_000 })).rejects.toMatchObject(
      {
        kind: "invalid_input",
      },
    );
    expect(sentBytes).toBeLessThan(20_000_000);
  });

  it("does not read a body that is announced as too large", async () => {
    const endpoint = await answering((_, response) => {
      response.writeHead(200, { "Content-Length": "5000000000" }).flushHeaders();
    });
    await expect(storeAt(endpoint).get("huge.png", { maxBytes: 100 })).rejects.toMatchObject({
      kind: "invalid_input",
      message: expect.stringContaining("5000000000"),
    });
  });

  it("says that no region is set", async () => {
    // What the SDK throws; left to itself it would find a region that this machine has set.
    const region = async () => {
      throw new Error("Region is missing");
    };
    const client = createS3Client({
      region,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    });
    closers.push(() => client.destroy());
    const store = createS3BlobStore({ client, bucket: "pictures", clock: createShiftableClock() });
    await expect(store.get("a.png")).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("AWS_REGION"),
    });
  });

  it("says that there are no credentials", async () => {
    const client = createS3Client({
      endpoint: "http://127.0.0.1:9",
      region: "us-east-1",
      credentials: async () => {
        throw Object.assign(new Error("nothing found"), { name: "CredentialsProviderError" });
      },
    });
    closers.push(() => client.destroy());
    const store = createS3BlobStore({ client, bucket: "pictures", clock: createShiftableClock() });
    const refusal = { kind: "misconfigured", code: "AccessDenied" };
    await expect(store.get("a.png")).rejects.toMatchObject(refusal);
    await expect(store.presign("a.png", { ttlSeconds: 60 })).rejects.toMatchObject(refusal);
  });
});

function halfABody(...[, response]: Parameters<RequestListener>): void {
  response.writeHead(200, { "Content-Length": "1000" }).write("half");
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
