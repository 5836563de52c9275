import { spawnSync } from "node:child_process";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { createTables } from "../../src/drivers/aws/dynamodb-tables.ts";
import { CEPH_PACKAGES, cephIsInstalled, startCeph } from "../servers/ceph.ts";
import { startDynamodbLocal } from "../servers/dynamodb-local.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";
import { startModelServer } from "../servers/model-server.ts";
import { onModelServer } from "./on-model-server.ts";

const OUTPUTS = "atelier-outputs";
const INPUTS = "atelier-inputs";
const MEDIA = "atelier-media";

/** What this machine lacks for the services, as a sentence; null when all is there. */
export function missingForAws(): string | null {
  if (!cephIsInstalled()) return `skipped: needs ${CEPH_PACKAGES}`;
  const java = spawnSync("java", ["-version"], { stdio: "ignore" });
  return java.status === 0 ? null : "skipped: needs java";
}

export type AwsServices = Awaited<ReturnType<typeof startAwsServices>>;

/** S3, DynamoDB and Bedrock on loopback, with the buckets and tables of a deployment. */
export async function startAwsServices() {
  const [ceph, dynamodb, model] = await Promise.all([
    startCeph(),
    startDynamodbLocal(),
    startModelServer(),
  ]);
  const { endpoint, accessKeyId, secretAccessKey } = ceph;
  const credentials = { accessKeyId, secretAccessKey };
  // Ceph knows no region but this one, in which buckets are created without naming it.
  const s3 = new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true });
  const table = dynamodbTestClient(dynamodb, { credentials });
  async function close(): Promise<void> {
    s3.destroy();
    table.destroy();
    await Promise.all([ceph.close(), dynamodb.close(), model.close()]);
  }
  try {
    for (const Bucket of [OUTPUTS, INPUTS, MEDIA])
      await s3.send(new CreateBucketCommand({ Bucket }));
    await createTables(table, { state: "atelier", cache: "image-cache", videos: "videos" });
  } catch (thrown) {
    await close();
    throw thrown;
  }

  return {
    model,
    endpoint,
    /** What a process needs to use all of them. */
    environment: {
      ...onModelServer(model),
      STORAGE: "aws",
      OUTPUT_BUCKET: OUTPUTS,
      INPUT_BUCKET: INPUTS,
      MEDIA_BUCKET: MEDIA,
      AWS_REGION: "us-west-2",
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
      AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
    },

    async outputKeys(): Promise<string[]> {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: OUTPUTS }));
      return Contents.map(({ Key = "" }) => Key);
    },

    /** The items of the table of cached results. */
    async cacheItems(): Promise<Record<string, unknown>[]> {
      const documents = DynamoDBDocumentClient.from(table);
      const { Items = [] } = await documents.send(new ScanCommand({ TableName: "image-cache" }));
      return Items;
    },

    close,
  };
}
