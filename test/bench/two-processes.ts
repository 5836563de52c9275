import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { createTables } from "../../src/drivers/aws/dynamodb-tables.ts";
import { cephIsInstalled, startCeph } from "../servers/ceph.ts";
import { startDynamodbLocal } from "../servers/dynamodb-local.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";
import { startModelServer } from "../servers/model-server.ts";
import { expectDone, openChannel } from "./channel-client.ts";
import { timeMs } from "./measure.ts";
import { startServerProcess } from "./server-process.ts";
import { ms, type Section } from "./table.ts";

const REQUESTS_PER_PROCESS = 500;
const REQUESTS_PER_PERSON = 10;
const MODEL_LATENCY_MS = 500;
const HEADING = `${2 * REQUESTS_PER_PROCESS} identical requests at once, two processes (DynamoDB Local, S3)`;
const WHAT = "calls of the model, two processes";

/** Two processes on the same tables and buckets are asked for the same picture. */
export async function measureTwoProcesses(): Promise<Section> {
  if (!cephIsInstalled()) {
    const rows = [
      { what: WHAT, value: "left out", beside: "needs Ceph, see test/servers/ceph.ts" },
    ];
    return { heading: HEADING, rows };
  }
  const [ceph, dynamodb, model] = await Promise.all([
    startCeph(),
    startDynamodbLocal(),
    startModelServer({ latencyMs: MODEL_LATENCY_MS }),
  ]);
  try {
    const credentials = { accessKeyId: ceph.accessKeyId, secretAccessKey: ceph.secretAccessKey };
    const s3 = new S3Client({ endpoint: ceph.endpoint, region: "us-east-1", credentials });
    for (const Bucket of ["bench-outputs", "bench-inputs"]) {
      await s3.send(new CreateBucketCommand({ Bucket }));
    }
    s3.destroy();
    const client = dynamodbTestClient(dynamodb, { credentials });
    await createTables(client, { state: "atelier", cache: "image-cache", videos: "videos" });
    client.destroy();
    const environment = {
      STORAGE: "aws",
      OUTPUT_BUCKET: "bench-outputs",
      INPUT_BUCKET: "bench-inputs",
      IMAGE_MODEL: "bedrock",
      AWS_ACCESS_KEY_ID: ceph.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ceph.secretAccessKey,
      AWS_ENDPOINT_URL_S3: ceph.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: model.endpoint,
      AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
      AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
    };
    const tookMs = await askBoth(environment);
    return {
      heading: HEADING,
      rows: [
        { what: WHAT, value: String(model.calls.length), beside: "target: exactly 1" },
        {
          what: "until the last card",
          value: ms(tookMs),
          beside: `the model takes ${MODEL_LATENCY_MS} ms`,
        },
      ],
    };
  } finally {
    await Promise.all([ceph.close(), dynamodb.close(), model.close()]);
  }
}

/** Returns how long it took until everyone had the picture. */
async function askBoth(environment: Readonly<Record<string, string>>): Promise<number> {
  const servers = await Promise.all([
    startServerProcess(environment),
    startServerProcess(environment),
  ]);
  try {
    const channels = await Promise.all(servers.map(({ url }) => openChannel(url, "same")));
    const tookMs = await timeMs(() =>
      Promise.all(
        channels.flatMap((channel, process) =>
          Array.from({ length: REQUESTS_PER_PROCESS }, (_, n) => {
            const user = `person ${process}-${Math.floor(n / REQUESTS_PER_PERSON)}`;
            return expectDone(channel.run("/imagine the same for all", user));
          }),
        ),
      ),
    );
    for (const channel of channels) channel.close();
    return tookMs;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
