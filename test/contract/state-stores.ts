import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDynamodbStateStore } from "../../src/drivers/aws/dynamodb-state-store.ts";
import { createTables } from "../../src/drivers/aws/dynamodb-tables.ts";
import { startDynalite } from "../../src/drivers/dynalite/dynalite-server.ts";
import { createStillClock } from "../fixtures/still-clock.ts";
import { startDynamodbLocal } from "../servers/dynamodb-local.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";
import type { StateStoreUnderTest } from "./state-store-contract.ts";

const tables = { state: "atelier", cache: "image-cache", videos: "videos" };

async function storesOn(
  server: { endpoint: string; accessKeyId?: string },
  close: () => Promise<void>,
): Promise<StateStoreUnderTest> {
  await createTables(dynamodbTestClient(server), tables);
  const clock = createStillClock();
  return {
    clock,
    connect: () => createDynamodbStateStore({ client: dynamodbTestClient(server), tables, clock }),
    close,
  };
}

/** The servers that the contract suites of tables run against, empty. */
export const stateStores = {
  async "the embedded store (dynalite)"() {
    const path = await mkdtemp(join(tmpdir(), "atelier-tables-"));
    const server = await startDynalite({ path });
    return storesOn(server, async () => {
      await server.close();
      await rm(path, { recursive: true });
    });
  },
  async "DynamoDB Local"() {
    const server = await startDynamodbLocal();
    return storesOn(server, server.close);
  },
};
