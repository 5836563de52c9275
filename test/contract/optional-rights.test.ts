import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGuardrailClient } from "../../src/drivers/aws/bedrock-client.ts";
import { createBedrockGuardrail } from "../../src/drivers/aws/bedrock-guardrail.ts";
import { createS3VectorsClient } from "../../src/drivers/aws/s3-vectors-client.ts";
import { createS3VectorsFrameIndex } from "../../src/drivers/aws/s3-vectors-frame-index.ts";
import { createSagemakerClient } from "../../src/drivers/aws/sagemaker-client.ts";
import {
  createSagemakerEmbedder,
  createSagemakerEmbedderClient,
} from "../../src/drivers/aws/sagemaker-embedder.ts";
import { createSagemakerImageModel } from "../../src/drivers/aws/sagemaker-image-model.ts";
import { embeddingOf, segmentOf } from "../fixtures/frame-segments.ts";
import { createSegmentFolder } from "../fixtures/segment-folder.ts";
import {
  SYNTHESIS_MS,
  type SynthesisedStack,
  synthesiseStack,
} from "../fixtures/synthesised-stack.ts";
import { createAwsRecorder } from "../servers/aws-recorder.ts";
import { allowedFor, covers } from "../servers/iam-policies.ts";
import { recordOf } from "../servers/json-record.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { type S3VectorsServer, startS3VectorsServer } from "../servers/s3-vectors-server.ts";
import { TEST_REGION } from "../servers/stack-template.ts";
import { request } from "./image-model-contract.ts";

/**
 * The rights that only an option brings, against the calls of the drivers that it turns on. All
 * others are compared in the end-to-end run of the deployed artefacts.
 */
const BUCKET = "team-frames";
const OPTIONAL = /^(s3vectors|sagemaker):|^bedrock:ApplyGuardrail$/u;
const signal = () => AbortSignal.timeout(30_000);

let stack: SynthesisedStack;
let models: ModelServer;
let vectors: S3VectorsServer;
let folder: Awaited<ReturnType<typeof createSegmentFolder>>;
/** Embeds whatever it is sent as the same. */
const container = createServer(async (incoming, outgoing) => {
  const { items } = JSON.parse(await text(incoming));
  const body = JSON.stringify({ embeddings: items.map(() => [1, 0]), dim: 2 });
  outgoing.end(JSON.stringify({ statusCode: 200, body }));
});
let draws: ReturnType<typeof createAwsRecorder>;
let embeds: ReturnType<typeof createAwsRecorder>;

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = "test";
  process.env.AWS_SECRET_ACCESS_KEY = "test";
  [stack, models, vectors, folder] = await Promise.all([
    synthesiseStack({
      ...{ vectorBucket: BUCKET, guardrailId: "abc123", clipSagemaker: true },
      ...{ imageModel: "sagemaker", sagemakerEndpoint: "team-sdxl" },
    }),
    startModelServer(),
    startS3VectorsServer({ buckets: [BUCKET] }),
    createSegmentFolder(),
  ]);
  container.listen(0, "127.0.0.1");
  await once(container, "listening");
  const address = container.address();
  const port = typeof address === "object" ? address?.port : 0;
  draws = createAwsRecorder({
    upstreams: {
      s3vectors: vectors.endpoint,
      bedrock: models.endpoint,
      sagemaker: models.endpoint,
    },
  });
  embeds = createAwsRecorder({ upstreams: { sagemaker: `http://127.0.0.1:${port}` } });
}, SYNTHESIS_MS);
afterAll(async () => {
  container.close();
  await Promise.all([draws?.close(), embeds?.close(), models?.close(), vectors?.close()]);
  await Promise.all([folder?.close(), stack?.remove()]);
});

async function drawJudged(name: string): Promise<void> {
  process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME = await draws.open(name);
  process.env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME = process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME;
  const client = createGuardrailClient({ region: "us-west-2" });
  const guardrail = createBedrockGuardrail({ client, guardrailId: "abc123", version: "3" });
  await guardrail.check({ text: "a red fox" }, { signal: signal() });
  const endpoint = createSagemakerClient({ region: TEST_REGION });
  const model = createSagemakerImageModel({ client: endpoint, endpoint: "team-sdxl" });
  await model.draw(request(model), { signal: signal() });
  client.destroy();
  endpoint.destroy();
}

async function embedSentence(name: string): Promise<void> {
  process.env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME = await embeds.open(name);
  const embedder = await createSagemakerEmbedder({
    client: createSagemakerEmbedderClient({ region: TEST_REGION }),
    endpoint: "atelier-clip",
    configured: {
      ...{ name: "team", title: "Team model", space: "team-remote" },
      ...{ vocabulary: null, calibration: null, suggestions: [] },
    },
    signal: signal(),
  });
  await embedder.embedTexts(["a red car"], { signal: signal() });
  await embedder.close();
}

async function openIndex(name: string) {
  const client = createS3VectorsClient({ endpoint: await draws.open(name), region: TEST_REGION });
  return createS3VectorsFrameIndex({ client, vectorBucket: BUCKET, segments: folder.store });
}

async function keepFrames(name: string): Promise<void> {
  const index = await openIndex(name);
  await index.put(segmentOf(name, "team-1", [1, 2]));
  await index.delete(name);
  await index.close();
}

async function findFrames(name: string): Promise<void> {
  const index = await openIndex(name);
  const segment = segmentOf(`${name}-film`, "team-1", [1, 2]);
  await index.put(segment);
  const { space, dim, videoId } = segment;
  await index.search(embeddingOf(1, dim), {
    ...{ space, topK: 3, signal: signal() },
    filter: { videoIds: [videoId], fromMs: 0 },
  });
  await index.close();
}

describe("the rights that options bring", () => {
  it.each([
    ["atelier-worker", [drawJudged, embedSentence, keepFrames, findFrames]],
    ["aws_gen_pic", [drawJudged]],
    ["clip-batch", [keepFrames]],
    ["frame-search", [embedSentence, findFrames]],
  ] as const)("of %s are those of the calls that are made, and no more", async (name, works) => {
    for (const work of works) await work(name);
    const keepsOwn = works.some((work) => work === keepFrames);
    const calls = [...draws.callsOf(name), ...embeds.callsOf(name)].filter(
      // What was put there only to be found was not this function's doing.
      ({ action }) => keepsOwn || !/(?:ListIndexes|CreateIndex|PutVectors)$/u.test(action),
    );
    const { resolved } = stack;
    const found = resolved
      .ofType("AWS::Lambda::Function")
      .find((each) => resolved.nameOf(each) === name);
    const role = recordOf(found?.properties.Role)["Fn::GetAtt"];
    const roleId = Array.isArray(role) ? String(role[0]) : "";
    const allowed = allowedFor(resolved, roleId).filter(({ action }) => OPTIONAL.test(action));
    expect(allowed.length).toBeGreaterThan(0);
    expect(calls.filter((call) => !allowed.some((one) => covers(one, call)))).toEqual([]);
    expect(allowed.filter((one) => !calls.some((call) => covers(one, call)))).toEqual([]);
    expect([...draws.unknown, ...embeds.unknown]).toEqual([]);
  });
});
