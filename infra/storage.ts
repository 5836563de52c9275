import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type BlobStore, type Clock, type StateStore, type StoreName, stateIndexes } from "#core";
import { createDynamodbStateStore } from "../src/drivers/aws/dynamodb-state-store.ts";
import { dynamodbRequests, openDynamodbState, tableNames } from "./dynamodb-state.ts";
import { createMissingBlobStore } from "./missing-blob-store.ts";
import type { Settings } from "./settings.ts";
import { isOnAws } from "./settings-schema.ts";

/** Where everything is kept. */
export interface Storage {
  state: StateStore;
  stores: Readonly<Record<StoreName, BlobStore>>;
  /** Answers the links that the stores sign, where that is this process's part. */
  filesRoute: ((request: Request) => Promise<Response>) | null;
  /** No other process can use the same storage. */
  isExclusive: boolean;
  close(): Promise<void>;
}

/** The storage that the settings name. `baseUrl` is where this process is reached. */
export function createStorage(
  settings: Settings,
  clock: Clock,
  baseUrl: () => string,
): Promise<Storage> {
  return isOnAws(settings) ? awsStorage(settings, clock) : localStorage(settings, clock, baseUrl);
}

/** A folder: pictures as files, state in an embedded server that speaks DynamoDB's protocol. */
async function localStorage(
  settings: Settings,
  clock: Clock,
  baseUrl: () => string,
): Promise<Storage> {
  const [
    { createDiskBlobStore },
    { createFilesRoute },
    { lockDataDir },
    { loadSigningKey },
    { startDynalite },
    { createTables },
    { rewriteItems },
  ] = await Promise.all([
    import("../src/drivers/disk/disk-blob-store.ts"),
    import("../src/drivers/disk/files-route.ts"),
    import("../src/drivers/disk/data-dir-lock.ts"),
    import("../src/drivers/disk/signing-key.ts"),
    import("../src/drivers/dynalite/dynalite-server.ts"),
    import("../src/drivers/aws/dynamodb-tables.ts"),
    import("../src/drivers/aws/dynamodb-rewrite.ts"),
  ]);
  const lock = await lockDataDir(settings.DATA_DIR);
  const server = await startDynalite({ path: join(settings.DATA_DIR, "state") });
  const client = new DynamoDBClient({
    requestHandler: dynamodbRequests(),
    endpoint: server.endpoint,
    region: "local",
    credentials: { accessKeyId: server.accessKeyId, secretAccessKey: "local" },
  });
  const tables = tableNames(settings);
  await createTables(client, tables);
  // Open jobs are found by their index: none may be missing from it.
  if (!server.wasClosedInOrder) await rewriteItems(client, tables.state, stateIndexes.open);
  const store = createDiskBlobStore({
    root: join(settings.DATA_DIR, "blobs"),
    signingKey: await loadSigningKey(join(settings.DATA_DIR, "signing.key")),
    baseUrl,
    clock,
  });
  return {
    state: createDynamodbStateStore({ client, tables, clock }),
    stores: { outputs: store, inputs: store, media: store },
    filesRoute: createFilesRoute(store),
    isExclusive: true,
    async close() {
      client.destroy();
      await server.close();
      await lock.release();
    },
  };
}

async function awsStorage(settings: Settings, clock: Clock): Promise<Storage> {
  const [{ createS3BlobStore }, { createS3Client }] = await Promise.all([
    import("../src/drivers/aws/s3-blob-store.ts"),
    import("../src/drivers/aws/s3-client.ts"),
  ]);
  const { OUTPUT_BUCKET, INPUT_BUCKET, MEDIA_BUCKET, AWS_REGION } = settings;
  if (OUTPUT_BUCKET === undefined || INPUT_BUCKET === undefined) {
    throw new Error("The settings let STORAGE=aws through without its buckets.");
  }
  const dynamodb = openDynamodbState(settings, clock);
  const s3 = createS3Client({ region: AWS_REGION });
  return {
    state: dynamodb.state,
    stores: {
      outputs: createS3BlobStore({ client: s3, bucket: OUTPUT_BUCKET, clock }),
      inputs: createS3BlobStore({ client: s3, bucket: INPUT_BUCKET, clock }),
      media:
        MEDIA_BUCKET === undefined
          ? createMissingBlobStore("MEDIA_BUCKET")
          : createS3BlobStore({ client: s3, bucket: MEDIA_BUCKET, clock }),
    },
    filesRoute: null,
    isExclusive: false,
    async close() {
      dynamodb.close();
      s3.destroy();
    },
  };
}
