import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { bundleImage } from "../../infra/bundle/image-bundle.ts";
import { repositoryRoot } from "../../infra/bundle/options.ts";
import { bundleWebhook } from "../../infra/bundle/webhook-bundle.ts";
import { cephIsInstalled, startCeph } from "../servers/ceph.ts";
import { startDynamodbLocal } from "../servers/dynamodb-local.ts";
import { startLambdaEnvironment } from "../servers/lambda-environment.ts";
import { startModelServer } from "../servers/model-server.ts";
import { startSqsEventSource } from "../servers/sqs-event-source.ts";
import { type LoopbackAws, startLoopbackAws } from "./loopback-aws.ts";
import { megabytes, type Section } from "./table.ts";
import { slackEvent } from "./webhook-events.ts";

const JOBS = 6;
const SAMPLE_MS = 10;
const WITHIN_MS = 120_000;
const HEADING = `The worker function, ${JOBS} pictures one after the other (AWS on loopback)`;

/** The worker as it is deployed: what it occupies when it has started, and while it draws. */
export async function measureWorker(): Promise<Section> {
  if (!cephIsInstalled()) {
    const beside = "needs Ceph, see test/servers/ceph.ts";
    return { heading: HEADING, rows: [{ what: "memory", value: "left out", beside }] };
  }
  // Inside the repository: the image's native packages are in a node_modules above.
  const into = join(repositoryRoot, "dist");
  await mkdir(into, { recursive: true });
  const folder = await mkdtemp(join(into, "bench-"));
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const [ceph, dynamodb, model] = await Promise.all([
      startCeph(),
      startDynamodbLocal(),
      startModelServer(),
      bundleWebhook(join(folder, "webhook")),
      bundleImage(join(folder, "image")),
    ]);
    closers.push(ceph.close, dynamodb.close, model.close);
    const { endpoint, accessKeyId, secretAccessKey } = ceph;
    const credentials = { accessKeyId, secretAccessKey };
    const aws = await startLoopbackAws({ endpoint: dynamodb.endpoint, ...credentials });
    closers.push(aws.close);
    const s3 = new S3Client({ endpoint, region: "us-east-1", credentials });
    for (const Bucket of ["bench-outputs", "bench-inputs"]) {
      await s3.send(new CreateBucketCommand({ Bucket }));
    }
    s3.destroy();
    const environment = {
      ...aws.environment,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: model.endpoint,
      RATE_MODEL_PER_MINUTE: "6000",
    };
    const start = (name: string, taskRoot: string) =>
      startFunction(folder, environment, name, taskRoot);
    const webhook = await start("webhook", "webhook");
    const worker = await start("worker", "image");
    closers.push(webhook.kill, worker.kill);
    const drawn = () => model.calls.length;
    return { heading: HEADING, rows: await measure({ aws, webhook, worker, drawn }) };
  } finally {
    for (const close of closers.reverse()) await close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Environment = Awaited<ReturnType<typeof startLambdaEnvironment>>;

async function measure({
  aws,
  webhook,
  worker,
  drawn,
}: {
  aws: LoopbackAws;
  webhook: Environment;
  worker: Environment;
  drawn: () => number;
}) {
  const client = new SQSClient({
    endpoint: aws.sqs.endpoint,
    region: "us-west-2",
    credentials: aws.credentials,
  });
  let peak = 0;
  let first = Number.NaN;
  const { queueUrl, queueArn } = aws;
  const source = startSqsEventSource({
    client,
    queueUrl,
    queueArn,
    batchSize: 1,
    reportsItemFailures: true,
    concurrency: 1,
    async invoke(event) {
      const outcome = await worker.invoke(JSON.stringify(event));
      if (Number.isNaN(first)) first = await memoryBytes(worker.pid);
      return outcome;
    },
  });
  try {
    for (let n = 0; n < JOBS; n++) await webhook.invoke(JSON.stringify(slackEvent(n, aws.slack)));
    // On a machine that is busy with something else, a command may be refused for want of time.
    const queued = aws.sqs.requests.filter(({ operation }) => operation === "SendMessage").length;
    const endMs = Date.now() + WITHIN_MS;
    while (drawn() < queued || worker.isBusy() || queued === 0) {
      if (Date.now() > endMs) throw new Error(`Only ${drawn()} of ${queued} pictures were drawn.`);
      peak = Math.max(peak, await memoryBytes(worker.pid));
      await sleep(SAMPLE_MS);
    }
  } finally {
    await source.close();
    client.destroy();
  }
  return [
    { what: "memory after its first picture", value: megabytes(first), beside: "resident" },
    { what: "memory while it draws, peak", value: megabytes(peak) },
  ];
}

function startFunction(
  folder: string,
  environment: Readonly<Record<string, string>>,
  name: string,
  taskRoot: string,
): Promise<Environment> {
  const client = join(folder, "image/lambda-runtime.mjs");
  return startLambdaEnvironment(
    {
      functionName: name,
      functionArn: `arn:aws:lambda:us-west-2:123456789012:function:${name}`,
      command: [process.execPath, client, `${name}.handler`],
      folder: join(folder, taskRoot),
      environment: { ...environment, PATH: process.env.PATH ?? "" },
      timeoutMs: WITHIN_MS,
    },
    { onLine: () => {}, onProblem: () => {}, onEnd: () => {} },
  );
}

/** As Linux counts it in /proc; NaN elsewhere. */
async function memoryBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1] ?? Number.NaN) * 1024;
}
