import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { handler } from "../../infra/lambda/generate.lambda.ts";
import { batchEvent, type GatewayCall, httpApiEvent } from "../fixtures/generate-events.ts";
import { CEPH_START_TIMEOUT_MS } from "../servers/ceph.ts";
import { type DataPoint, readEmf } from "../servers/emf-reader.ts";
import { type LambdaServer, startLambdaServer } from "../servers/lambda-server.ts";
import { fetchBytes } from "./atelier-client.ts";
import { type AwsServices, missingForAws, startAwsServices } from "./aws-services.ts";

const missing = missingForAws();
const name = `the function aws_gen_pic on S3, DynamoDB and Bedrock${missing === null ? "" : ` (${missing})`}`;

describe.skipIf(missing !== null)(name, { timeout: 60_000 }, () => {
  let aws: AwsServices;
  let lambda: LambdaServer;
  let client: LambdaClient;
  /** What CloudWatch Logs would take for metrics. */
  const points: DataPoint[] = [];
  beforeAll(async () => {
    vi.spyOn(process.stdout, "write").mockImplementation((line) => {
      points.push(...readEmf(String(line)));
      return true;
    });
    aws = await startAwsServices();
    // The function's settings are this process's from now on.
    Object.assign(process.env, aws.environment, {
      API_KEYS: "the-key-of-the-team",
      LOG_LEVEL: "silent",
    });
    lambda = await startLambdaServer({ aws_gen_pic: handler }, { timeoutMs: 60_000 });
    client = new LambdaClient({ region: "us-west-2", endpoint: lambda.endpoint });
  }, CEPH_START_TIMEOUT_MS);
  afterAll(async () => {
    vi.restoreAllMocks();
    client?.destroy();
    await lambda?.close();
    await aws?.close();
  }, 30_000);
  beforeEach(() => {
    aws.model.reset();
    points.length = 0;
  });

  /** What `aws lambda invoke` writes into its file. */
  async function invoke(event: unknown) {
    const command = new InvokeCommand({
      FunctionName: "aws_gen_pic",
      Payload: Buffer.from(JSON.stringify(event)),
    });
    const { FunctionError, Payload } = await client.send(command);
    const text = Buffer.from(Payload ?? []).toString();
    expect(FunctionError, text).toBeUndefined();
    return JSON.parse(text);
  }

  async function call(event: unknown) {
    const { statusCode, body } = await invoke(event);
    return { status: statusCode, body: JSON.parse(body) };
  }

  const overHttp = (given: GatewayCall) =>
    call(httpApiEvent({ headers: { "x-api-key": "the-key-of-the-team" }, ...given }));

  it("keeps the picture in the output bucket, and gives a link to it", async () => {
    const { status, body } = await overHttp({ body: { prompt: "a red fox", seed: 7 } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      s3_url: `s3://atelier-outputs/${body.key}`,
      bucket: "atelier-outputs",
      parameters: { prompt: "a red fox", model: "stability.sd3-5-large-v1:0", seed: 7 },
      cached: false,
    });
    expect(await aws.outputKeys()).toContain(body.key);
    const { format } = await sharp(await fetchBytes(body.url)).metadata();
    expect(format).toBe("jpeg");
    const again = await call({ prompt: "a red fox", seed: 7 });
    expect([again.body.key, again.body.cached]).toEqual([body.key, true]);
    expect(aws.model.calls).toHaveLength(1);
    const of = (metric: string) => points.filter((point) => point.name === metric);
    expect(of("SpendUsd").map(({ value }) => value)).toEqual([0.08]);
    expect(of("CacheHits").map(({ value }) => value)).toEqual([0, 1]);
    expect(of("ApiCalls").map(({ dimensions }) => dimensions.Outcome)).toEqual(["drawn", "cached"]);
  });

  it("starts from a picture that a program put into the input bucket", async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } =
      aws.environment;
    const s3 = new S3Client({
      endpoint: aws.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId, secretAccessKey },
      forcePathStyle: true,
    });
    const create = { width: 200, height: 100, channels: 3 as const, background: "#3366cc" };
    const Body = await sharp({ create }).png().toBuffer();
    const at = { Bucket: "atelier-inputs", Key: "from/a-program.png" };
    await s3.send(new PutObjectCommand({ ...at, Body }));
    s3.destroy();
    const from = (init_image_s3: string) =>
      overHttp({ body: { prompt: "in oil", init_image_s3, strength: 0.4 } });
    expect((await from("s3://atelier-inputs/from/a-program.png")).status).toBe(200);
    expect(aws.model.calls).toMatchObject([{ body: { mode: "image-to-image", strength: 0.4 } }]);
    const gone = await from("s3://atelier-inputs/from/nobody.png");
    expect([gone.status, gone.body.error]).toEqual([404, "NoSuchKey"]);
  });

  it("says under its own name what Bedrock refuses", async () => {
    for (const [answer, status, error] of [
      [{ error: "AccessDeniedException", status: 403 }, 403, "AccessDenied"],
      [{ error: "ResourceNotFoundException", status: 404 }, 404, "ModelNotFound"],
      [{ finishReasons: ["Filter reason: prompt"] }, 422, "ContentFiltered"],
      [{ malformed: "{", times: 2 }, 502, "UpstreamError"],
    ] as const) {
      aws.model.reset();
      aws.model.next(
        "finishReasons" in answer ? { finishReasons: [...answer.finishReasons] } : answer,
      );
      const refused = await overHttp({ body: { prompt: `refused with ${error}` } });
      expect([refused.status, refused.body.error]).toEqual([status, error]);
    }
  });

  it("draws a batch once, however often it comes, and reports what failed", async () => {
    aws.model.next({ error: "AccessDeniedException", status: 403 });
    const record = (messageId: string, payload: unknown) => ({
      messageId,
      body: JSON.stringify(payload),
    });
    const batch = batchEvent([record("m-1", { prompt: "in a batch" }), record("m-2", {})]);
    const first = await invoke(batch);
    expect(first).toEqual({
      batchItemFailures: [{ itemIdentifier: "m-1" }, { itemIdentifier: "m-2" }],
    });
    const failed = { batchItemFailures: [{ itemIdentifier: "m-2" }] };
    expect(await Promise.all([invoke(batch), invoke(batch)])).toEqual([failed, failed]);
    // The one that was refused, and the one that was drawn.
    expect(aws.model.calls).toHaveLength(2);
  });
});
