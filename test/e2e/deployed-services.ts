import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createAwsRecorder, type ObjectChange } from "../servers/aws-recorder.ts";
import type { CephServer } from "../servers/ceph.ts";
import { startDynamodbLocal } from "../servers/dynamodb-local.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";
import { type Handler, startLambdaServer } from "../servers/lambda-server.ts";
import { startModelServer } from "../servers/model-server.ts";
import { startSqsServer } from "../servers/sqs-server.ts";
import { startSsmServer } from "../servers/ssm-server.ts";
import { type StackTemplate, TEST_REGION } from "../servers/stack-template.ts";
import {
  createDeployedBuckets,
  createDeployedTables,
  deployedQueues,
} from "./deployed-resources.ts";

/** Later than any function ends by itself. */
const INVOKE_TIMEOUT_MS = 900_000;

/** Does, at the end and the latest first, what each part needs to be let go of. */
export function createClosers() {
  const closers: (() => Promise<void>)[] = [];
  return {
    /** The part itself, which will be closed. */
    add<T>(part: T, close: (part: T) => Promise<void>): T {
      closers.push(() => close(part));
      return part;
    },
    async closeAll(): Promise<void> {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

export type Closers = ReturnType<typeof createClosers>;
export type DeployedServices = Awaited<ReturnType<typeof startDeployedServices>>;

/**
 * The AWS services that the template uses, on loopback, with its tables, buckets and queues, and
 * behind doors that tell the callers apart. `s3`, `documents` and `queues` are the team's own
 * programs, whose rights are none of the template's.
 */
export async function startDeployedServices(
  template: StackTemplate,
  ceph: CephServer,
  {
    closers,
    invokable,
    onChange,
  }: {
    closers: Closers;
    /** What Invoke reaches, by name and by ARN. */
    invokable: Readonly<Record<string, Handler>>;
    onChange: (object: ObjectChange) => void;
  },
) {
  const close = (one: { close(): Promise<void> }) => one.close();
  const [dynamodb, model, sqs, ssm, invokeApi] = await Promise.all([
    startDynamodbLocal(),
    startModelServer(),
    startSqsServer(deployedQueues(template), { region: TEST_REGION }),
    startSsmServer(),
    startLambdaServer(invokable, { timeoutMs: INVOKE_TIMEOUT_MS }),
  ]);
  for (const one of [dynamodb, model, sqs, ssm, invokeApi]) closers.add(one, close);
  const recorder = createAwsRecorder({
    upstreams: {
      s3: ceph.endpoint,
      dynamodb: dynamodb.endpoint,
      sqs: sqs.endpoint,
      ssm: ssm.endpoint,
      lambda: invokeApi.endpoint,
      bedrock: model.endpoint,
    },
    onChange,
  });
  closers.add(recorder, close);

  const { accessKeyId, secretAccessKey } = ceph;
  const credentials = { accessKeyId, secretAccessKey };
  const endpoint = await recorder.open(OPERATOR);
  const s3 = new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true });
  const table = dynamodbTestClient({ endpoint }, { credentials });
  const queues = new SQSClient({ endpoint, region: TEST_REGION, credentials });
  for (const client of [s3, table, queues]) closers.add(client, async (one) => one.destroy());
  await createDeployedTables(template, table);
  await createDeployedBuckets(template, s3);
  return {
    model,
    sqs,
    ssm,
    recorder,
    credentials,
    s3,
    queues,
    documents: DynamoDBDocumentClient.from(table),
  };
}

/** Who the team's own programs are at the recorder's doors. */
export const OPERATOR = "operator";
