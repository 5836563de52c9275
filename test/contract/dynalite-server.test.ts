import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDynamodbStateStore } from "../../src/drivers/aws/dynamodb-state-store.ts";
import { createTables } from "../../src/drivers/aws/dynamodb-tables.ts";
import { type DynaliteServer, startDynalite } from "../../src/drivers/dynalite/dynalite-server.ts";
import type { StateStore } from "../../src/ports/index.ts";
import { createStillClock } from "../fixtures/still-clock.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";

const tables = { state: "atelier", cache: "image-cache", videos: "videos" };
const clock = createStillClock();

describe("The embedded DynamoDB", () => {
  let folder: string;
  let path: string;
  let server: DynaliteServer;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-dynalite-"));
    path = join(folder, "state");
    server = await startDynalite({ path });
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  async function open(): Promise<StateStore> {
    const client = dynamodbTestClient(server);
    await createTables(client, tables);
    return createDynamodbStateStore({ client, tables, clock });
  }

  it("keeps items, indexes and counters when it is closed and opened again", async () => {
    const before = await open();
    const item = { pk: "job", user_key: "ana", at: "2026-11-21T10:00:00.000Z", note: "é🦊" };
    await before.put("state", item);
    await before.put("cache", { prompt_hash: "abc", status: "ready" });
    await before.add("counter", 7, 4_000_000_000);
    await server.close();
    server = await startDynalite({ path });
    const after = await open();
    expect(await after.get("state", "job")).toStrictEqual(item);
    expect(await after.get("cache", "abc")).toMatchObject({ status: "ready" });
    expect(await after.query("user", "ana", { newestFirst: true, limit: 5 })).toEqual([item]);
    expect(await after.add("counter", 1, 4_000_000_000)).toBe(8);
  });

  it("answers nobody without the key of this start, web pages least of all", async () => {
    await open();
    const list = (accessKeyId: string, method = "POST") =>
      fetch(server.endpoint, {
        method,
        headers: {
          Origin: "https://evil.example",
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": "DynamoDB_20120810.ListTables",
          "x-amz-date": "20260101T000000Z",
          authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/x, SignedHeaders=host, Signature=x`,
        },
        ...(method === "POST" ? { body: "{}" } : {}),
      });
    const former = server.accessKeyId;
    expect((await list(former)).status).toBe(200);
    await server.close();
    server = await startDynalite({ path });
    expect(server.accessKeyId).not.toBe(former);
    for (const [accessKeyId, method] of [
      [former, "POST"],
      ["local", "POST"],
      ["local", "OPTIONS"],
    ] as const) {
      const answer = await list(accessKeyId, method);
      expect([accessKeyId, method, answer.status]).toEqual([accessKeyId, method, 403]);
      expect(answer.headers.get("Access-Control-Allow-Origin")).toBe(null);
      expect(await answer.text()).toBe("");
    }
  });

  it("keeps its folder to this user, also one that was open to others", async () => {
    const mode = async () => ((await stat(path)).mode & 0o777).toString(8);
    expect(await mode()).toBe("700");
    await server.close();
    await chmod(path, 0o755);
    server = await startDynalite({ path });
    expect(await mode()).toBe("700");
  });

  it("closes within a second though clients keep connections open, and only once", async () => {
    const store = await open();
    await Promise.all(Array.from({ length: 20 }, (_, n) => store.put("state", { pk: `k${n}` })));
    const startMs = Date.now();
    await Promise.all([server.close(), server.close()]);
    expect(Date.now() - startMs).toBeLessThan(1000);
    await expect(store.get("state", "k1")).rejects.toMatchObject({ kind: "unavailable" });
  });

  it("finishes the requests that are under way when it is closed", async () => {
    const store = await open();
    const text = "x".repeat(100_000);
    const writes = Array.from({ length: 50 }, (_, n) => store.put("state", { pk: `k${n}`, text }));
    const outcomes = Promise.allSettled(writes);
    await Promise.any(writes);
    const startMs = Date.now();
    await server.close();
    expect(Date.now() - startMs).toBeLessThan(1500);
    const settled = await outcomes;
    server = await startDynalite({ path });
    const again = await open();
    for (const [n, outcome] of settled.entries()) {
      // What was answered is there; what was not accepted any more was reported as failed.
      if (outcome.status === "fulfilled") expect(await again.get("state", `k${n}`)).not.toBeNull();
    }
  });

  it("closes though a client never finishes its request", async () => {
    const { port } = new URL(server.endpoint);
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    await sleep(50);
    const startMs = Date.now();
    await server.close();
    expect(Date.now() - startMs).toBeLessThan(4000);
    socket.destroy();
  });

  it("outlives clients that go away in the middle of a request", async () => {
    const store = await open();
    const { port } = new URL(server.endpoint);
    for (let n = 0; n < 20; n++) {
      const socket = connect(Number(port), "127.0.0.1");
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
      await sleep(5);
      socket.destroy();
    }
    await sleep(50);
    expect(await store.put("state", { pk: "still here" })).toBe(true);
  });

  it("rejects with `misconfigured` when another one has the folder or it is no folder", async () => {
    await expect(startDynalite({ path })).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining(path),
    });
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(startDynalite({ path: file })).rejects.toMatchObject({ kind: "misconfigured" });
  });
});
