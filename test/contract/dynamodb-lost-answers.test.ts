import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDynamodbStateStore } from "../../src/drivers/aws/dynamodb-state-store.ts";
import { createTables } from "../../src/drivers/aws/dynamodb-tables.ts";
import { type DynaliteServer, startDynalite } from "../../src/drivers/dynalite/dynalite-server.ts";
import type { StateStore, WriteCondition } from "../../src/ports/index.ts";
import { createStillClock } from "../fixtures/still-clock.ts";
import { type AnswerLosingProxy, startAnswerLosingProxy } from "../servers/answer-losing-proxy.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";

const tables = { state: "atelier", cache: "image-cache", videos: "videos" };
const absent: WriteCondition[] = [{ kind: "absent" }];
const ownedByAna: WriteCondition[] = [{ kind: "equals", attributes: { owner: "ana" } }];

describe("A write whose answer is lost and which the SDK repeats", () => {
  let folder: string;
  let server: DynaliteServer;
  let proxy: AnswerLosingProxy;
  /** Behind the proxy. */
  let store: StateStore;
  let direct: StateStore;
  let endsAt: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-lost-"));
    server = await startDynalite({ path: folder });
    proxy = await startAnswerLosingProxy(server.endpoint);
    const clock = createStillClock();
    endsAt = Math.floor(clock.nowMs() / 1000) + 3600;
    const { accessKeyId } = server;
    const connect = (endpoint: string) => {
      const client = dynamodbTestClient({ endpoint, accessKeyId });
      return createDynamodbStateStore({ client, tables, clock });
    };
    await createTables(dynamodbTestClient(server), tables);
    store = connect(proxy.endpoint);
    direct = connect(server.endpoint);
  });
  afterEach(async () => {
    await proxy.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  it("is known to the one who made it: a claim is not lost to its own repetition", async () => {
    proxy.loseNextAnswer("PutItem");
    const item = { pk: "claim", owner: "ana", n: 1.5, list: [1, { a: undefined }] };
    expect(await store.put("state", item, absent)).toBe(true);
    expect(proxy.passed("PutItem")).toBe(2);
  });

  it("does not make a winner of who lost to someone else", async () => {
    await direct.put("state", { pk: "claim", owner: "ben" });
    proxy.loseNextAnswer("PutItem");
    expect(await store.put("state", { pk: "claim", owner: "ana" }, absent)).toBe(false);
    expect(proxy.passed("PutItem")).toBe(2);
  });

  it("does not claim what another took over in the meantime", async () => {
    proxy.loseNextAnswer("PutItem");
    proxy.onceLost(() => direct.put("state", { pk: "claim", owner: "ben" }));
    expect(await store.put("state", { pk: "claim", owner: "ana" }, absent)).toBe(false);
  });

  it("is a deletion that happened", async () => {
    await direct.put("state", { pk: "claim", owner: "ana" });
    proxy.loseNextAnswer("DeleteItem");
    expect(await store.delete("state", "claim", ownedByAna)).toBe(true);
    expect(proxy.passed("DeleteItem")).toBe(2);
    await direct.put("state", { pk: "claim", owner: "ben" });
    proxy.loseNextAnswer("DeleteItem");
    expect(await store.delete("state", "claim", ownedByAna)).toBe(false);
  });

  it("is counted once, on a new, a running and an ended counter", async () => {
    for (const value of [1, 2]) {
      proxy.loseNextAnswer("UpdateItem");
      expect(await store.add("counter", 1, endsAt)).toBe(value);
    }
    await direct.put("state", { pk: "ended", count: 70, expires_at: 1 });
    proxy.loseNextAnswer("UpdateItem");
    expect(await store.add("ended", 1, endsAt)).toBe(1);
    expect(await store.add("ended", 1, endsAt)).toBe(2);
  });
});
