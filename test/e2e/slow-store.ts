import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTables } from "../../src/drivers/aws/dynamodb-tables.ts";
import { startDynalite } from "../../src/drivers/dynalite/dynalite-server.ts";
import { startDelayingProxy } from "../servers/delaying-proxy.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";

export type SlowStore = Awaited<ReturnType<typeof startSlowStore>>;

/**
 * DynamoDB as a process on AWS has it, as slow as a test wants. There is no S3: what is drawn
 * cannot be kept, which is no matter for what happens before.
 */
export async function startSlowStore() {
  const folder = await mkdtemp(join(tmpdir(), "atelier-slow-store-"));
  const server = await startDynalite({ path: join(folder, "state") });
  const client = dynamodbTestClient(server);
  await createTables(client, { state: "atelier", cache: "image-cache", videos: "videos" });
  client.destroy();
  const proxy = await startDelayingProxy(server.endpoint);
  return {
    environment: {
      STORAGE: "aws",
      OUTPUT_BUCKET: "nowhere-outputs",
      INPUT_BUCKET: "nowhere-inputs",
      AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint,
      AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9",
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: "test",
    },
    /** Each request takes that much longer from now on. */
    setDelayMs: proxy.setDelayMs,
    /** Each request is answered with 500 from now on, or not any more. */
    setBroken: proxy.setBroken,
    async close(): Promise<void> {
      await proxy.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
