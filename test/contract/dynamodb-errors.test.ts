import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamodbStateStore } from "../../src/drivers/aws/dynamodb-state-store.ts";
import { createTables } from "../../src/drivers/aws/dynamodb-tables.ts";
import { type DynaliteServer, startDynalite } from "../../src/drivers/dynalite/dynalite-server.ts";
import { createStillClock } from "../fixtures/still-clock.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";
import { freePort } from "../servers/free-port.ts";

const tables = { state: "atelier", cache: "image-cache", videos: "videos" };
const clock = createStillClock();
type Endpoint = Parameters<typeof dynamodbTestClient>[0];
const storeAt = (at: Endpoint, config: DynamoDBClientConfig = {}) =>
  createDynamodbStateStore({
    client: dynamodbTestClient(at, { maxAttempts: 1, ...config }),
    tables,
    clock,
  });

describe("What a real server or client reports", () => {
  let folder: string;
  let server: DynaliteServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-errors-"));
    server = await startDynalite({ path: folder });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it("is `unavailable` when nothing listens, for every operation", async () => {
    const store = storeAt({ endpoint: `http://127.0.0.1:${await freePort()}` });
    const unavailable = { name: "AtelierError", kind: "unavailable", cause: expect.any(Error) };
    await expect(store.get("state", "a")).rejects.toMatchObject(unavailable);
    await expect(store.put("state", { pk: "a" })).rejects.toMatchObject(unavailable);
    await expect(store.delete("state", "a")).rejects.toMatchObject(unavailable);
    await expect(store.add("a", 1, 1)).rejects.toMatchObject(unavailable);
    const query = store.query("user", "a", { newestFirst: true, limit: 1 });
    await expect(query).rejects.toMatchObject(unavailable);
  });

  it("is `unavailable` when the host has no address", async () => {
    await expect(
      storeAt({ endpoint: "http://dynamodb.invalid" }).get("state", "a"),
    ).rejects.toMatchObject({
      kind: "unavailable",
    });
  });

  it("is `misconfigured` with the table's name when the table is missing", async () => {
    await expect(storeAt(server).put("cache", { prompt_hash: "a" })).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining('no table "image-cache"'),
    });
  });

  it("is `misconfigured` when the table is one of another shape", async () => {
    const swapped = { state: "swapped", cache: "kept", videos: "swapped-videos" };
    const client = dynamodbTestClient(server);
    await createTables(client, swapped);
    const wrong = createDynamodbStateStore({
      client,
      tables: { ...swapped, state: swapped.cache, cache: swapped.state },
      clock,
    });
    const misconfigured = { kind: "misconfigured", message: expect.stringContaining('"kept"') };
    await expect(wrong.get("state", "a")).rejects.toMatchObject(misconfigured);
    const query = wrong.query("user", "a", { newestFirst: true, limit: 1 });
    await expect(query).rejects.toMatchObject(misconfigured);
  });

  it("is `misconfigured` when there are no credentials", async () => {
    const none = () => Promise.reject(named("CredentialsProviderError"));
    const store = storeAt(server, { credentials: none });
    await expect(store.get("state", "a")).rejects.toMatchObject({ kind: "misconfigured" });
  });

  it("is `misconfigured` when there is no region", async () => {
    const region = () => Promise.reject(new Error("Region is missing"));
    const client = new DynamoDBClient({ region, endpoint: server.endpoint });
    const store = createDynamodbStateStore({ client, tables, clock });
    await expect(store.get("state", "a")).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("AWS_REGION"),
    });
  });

  it("creates tables once and leaves existing ones alone", async () => {
    const client = dynamodbTestClient(server);
    const twice = { state: "twice-state", cache: "twice-cache", videos: "twice-videos" };
    await Promise.all([createTables(client, twice), createTables(client, twice)]);
    const store = createDynamodbStateStore({ client, tables: twice, clock });
    await store.put("state", { pk: "kept" });
    await createTables(client, twice);
    expect(await store.get("state", "kept")).toStrictEqual({ pk: "kept" });
  });
});

// No server on loopback throttles or denies, so this one answers as AWS does.
describe("What AWS answers", () => {
  let answer = { status: 400, name: "", message: "" };
  let server: Server;
  let endpoint: string;
  beforeAll(async () => {
    server = createServer((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" });
      const type = `com.amazonaws.dynamodb.v20120810#${answer.name}`;
      outgoing.end(JSON.stringify({ __type: type, message: answer.message }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    [400, "ProvisionedThroughputExceededException", "rate_limited"],
    [400, "ThrottlingException", "rate_limited"],
    [400, "RequestLimitExceeded", "rate_limited"],
    [500, "InternalServerError", "unavailable"],
    [503, "ServiceUnavailable", "unavailable"],
    [400, "ResourceNotFoundException", "misconfigured"],
    [400, "UnrecognizedClientException", "misconfigured"],
    [400, "ExpiredTokenException", "misconfigured"],
    [400, "InvalidSignatureException", "misconfigured"],
    [400, "ValidationException", "internal"],
  ])("%i %s is %s", async (status, name, kind) => {
    answer = { status, name, message: "as AWS words it" };
    await expect(storeAt({ endpoint }).get("state", "a")).rejects.toMatchObject({
      name: "AtelierError",
      kind,
      cause: expect.objectContaining({ name }),
    });
  });

  it("names the right that is missing", async () => {
    answer = {
      status: 400,
      name: "AccessDeniedException",
      message:
        "User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:us-west-2:1:table/atelier",
    };
    await expect(storeAt({ endpoint }).put("state", { pk: "a" })).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringMatching(/"atelier".*Grant them dynamodb:PutItem on/),
    });
  });
});

function named(name: string): Error {
  return Object.assign(new Error("Could not load credentials from any providers"), { name });
}
