import { randomBytes } from "node:crypto";
import { LambdaClient } from "@aws-sdk/client-lambda";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { handler } from "../../infra/lambda/clip-inference.lambda.ts";
import { createLambdaClient } from "../../src/drivers/aws/lambda-client.ts";
import { createLambdaEmbedder } from "../../src/drivers/aws/lambda-embedder.ts";
import type { Embedder } from "../../src/ports/index.ts";
import { type ProvenModel, writeProvenModel } from "../fixtures/proven-model.ts";
import {
  type LambdaServer,
  type ScriptedInvocation,
  startLambdaServer,
} from "../servers/lambda-server.ts";
import { embedderContract } from "./embedder-contract.ts";

const FUNCTION = "team-clip-inference";
const configured = {
  name: "team",
  title: "Team model",
  space: "team-remote",
  vocabulary: null,
  calibration: null,
  suggestions: [],
};

let model: ProvenModel;
let lambda: LambdaServer;
let embedder: Embedder;
let picture: Uint8Array;

const signal = () => AbortSignal.timeout(30_000);
const open = (functionName = FUNCTION) =>
  createLambdaEmbedder({
    client: createLambdaClient({ region: "us-west-2" }),
    functionName,
    configured,
    signal: signal(),
  });

beforeAll(async () => {
  model = await writeProvenModel();
  lambda = await startLambdaServer({ [FUNCTION]: handler });
  Object.assign(process.env, {
    CLIP_MODEL_DIR: model.folder,
    LOG_LEVEL: "silent",
    AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
  embedder = await open();
  const create = { width: 64, height: 48, channels: 3 as const, background: "#2040c0" };
  picture = await sharp({ create }).png().toBuffer();
}, 60_000);
beforeEach(() => lambda.reset());
afterAll(async () => {
  await embedder.close();
  await Promise.all([lambda.close(), model.remove()]);
});

embedderContract("the Lambda driver", () => open());

describe("the model behind a Lambda function", () => {
  it("is described by a clip-inference of ours", () => {
    expect(embedder.model).toMatchObject({
      name: "tiny",
      title: "Tiny random model",
      space: expect.stringMatching(/^tiny-\w{8}-p\d$/u),
      dim: 512,
    });
  });

  it("is what is configured, where the service gives the contract's fields only", async () => {
    const row = [0.6, 0.8];
    const answer = (embeddings: number[][]) => ({
      result: { statusCode: 200, body: JSON.stringify({ embeddings, dim: 2 }) },
    });
    lambda.next(answer([]), answer([row]), answer([row, row]));
    const plain = await open();
    expect(plain.model).toEqual({ ...configured, dim: 2 });
    const rows = await plain.embedTexts(["a", "b"], { signal: signal() });
    expect(rows.map(({ embedding }) => [...embedding])).toEqual(
      [row, row].map((each) => [...Float32Array.from(each)]),
    );
    await plain.close();
  });
});

describe("what the Lambda driver sends", () => {
  it("is the contract's event, synchronously", async () => {
    await embedder.embedTexts(["a red car"], { signal: signal() });
    await embedder.embedPictures([picture], { signal: signal() });
    expect(lambda.invocations).toMatchObject([
      { type: "RequestResponse", event: { mode: "text", items: ["a red car"] } },
      { event: { mode: "image", items: [Buffer.from(picture).toString("base64")] } },
    ]);
  });

  it("stays below 6 MB a call, however many and large the pictures are", async () => {
    const noise = await sharp(randomBytes(900 * 900 * 3), {
      raw: { width: 900, height: 900, channels: 3 },
    })
      .png()
      .toBuffer();
    expect(noise.length).toBeGreaterThan(2_000_000);
    const rows = await embedder.embedPictures([noise, picture, noise, noise, picture], {
      signal: signal(),
    });
    expect(rows).toHaveLength(5);
    expect(lambda.invocations.length).toBeGreaterThan(1);
    for (const { payloadBytes } of lambda.invocations) expect(payloadBytes).toBeLessThan(6_291_456);
    const [alone] = await embedder.embedPictures([picture], { signal: signal() });
    expect(rows[1]).toEqual(alone);
    expect(rows[4]).toEqual(alone);
    expect(rows[3]).toEqual(rows[0]);
  });

  it("is a smaller version of a picture that no call could carry", async () => {
    const huge = await sharp(randomBytes(2_600 * 1_300 * 3), {
      raw: { width: 2_600, height: 1_300, channels: 3 },
    })
      .png()
      .toBuffer();
    expect(huge.length).toBeGreaterThan(6_291_456);
    const [row] = await embedder.embedPictures([huge], { signal: signal() });
    expect(Math.hypot(...(row ?? []))).toBeCloseTo(1, 4);
    expect(lambda.invocations).toHaveLength(1);
  });

  it("is many texts in calls of some hundred", async () => {
    const texts = Array.from({ length: 600 }, (_, index) => (index % 2 === 0 ? "a car" : "a boat"));
    const rows = await embedder.embedTexts(texts, { signal: signal() });
    expect(rows).toHaveLength(600);
    expect(rows[598]).toEqual(rows[0]);
    expect(rows[599]).toEqual(rows[1]);
    expect(lambda.invocations).toHaveLength(3);
  });
});

describe("what the Lambda driver makes of an answer", () => {
  const body = (content: object) => ({ statusCode: 200, body: JSON.stringify(content) });
  const row = (value: number) => Array.from({ length: 512 }, (_, at) => (at === 0 ? value : 0));
  const failure = (scripted: ScriptedInvocation) => {
    lambda.next(scripted);
    return embedder.embedTexts(["a car"], { signal: signal() }).catch((thrown: unknown) => thrown);
  };

  it.each([
    ["rows are missing", { result: body({ embeddings: [], dim: 512 }) }],
    ["a row is too short", { result: body({ embeddings: [[1]], dim: 512 }) }],
    ["dim changed", { result: body({ embeddings: [[0.6, 0.8]], dim: 2 }) }],
    ["a row has another norm", { result: body({ embeddings: [row(0.9)], dim: 512 }) }],
    ["a row is zero", { result: body({ embeddings: [row(0)], dim: 512 }) }],
    ["a number is null", { result: body({ embeddings: [[...row(1).slice(1), null]], dim: 512 }) }],
    ["the space changed", { result: body({ embeddings: [row(1)], dim: 512, space: "other-p1" }) }],
    ["the result has no statusCode", { result: { embeddings: [] } }],
    ["the body is no JSON", { result: { statusCode: 200, body: "<html>" } }],
    ["the payload is no JSON", { payload: "oops" }],
    ["it refuses the request", { result: { statusCode: 400, body: '{"message":"No."}' } }],
  ] as [string, ScriptedInvocation][])("is misconfigured when %s", async (_what, scripted) => {
    expect(await failure(scripted)).toMatchObject({
      kind: "misconfigured",
      message: expect.stringMatching(/^The Lambda function team-clip-inference .*\.$/u),
    });
  });

  it.each([
    ["throws", { errorType: "Error", errorMessage: "boom" }, undefined],
    ["runs out of memory", { errorType: "Runtime.ExitError", errorMessage: "killed" }, undefined],
    [
      "times out",
      { errorType: "Sandbox.Timedout", errorMessage: "Task timed out after 3.00 seconds" },
      "Timeout",
    ],
  ])("is unavailable when the function %s", async (_what, functionError, code) => {
    const thrown = await failure({ functionError });
    expect(thrown).toMatchObject({ kind: "unavailable", code });
    expect(thrown).toHaveProperty("cause.message", expect.stringContaining(FUNCTION));
  });

  it.each([
    ["TooManyRequestsException", 429, "rate_limited"],
    ["ServiceException", 500, "unavailable"],
    ["EC2ThrottledException", 502, "unavailable"],
    ["ResourceConflictException", 409, "unavailable"],
    ["ResourceNotFoundException", 404, "misconfigured"],
    ["AccessDeniedException", 403, "misconfigured"],
    ["ExpiredTokenException", 403, "misconfigured"],
    ["RequestTooLargeException", 413, "invalid_input"],
  ])("%s (%i) is %s and keeps its cause", async (error, status, kind) => {
    const thrown = await failure({ error, status, times: 5 });
    expect(thrown).toMatchObject({ kind, message: expect.stringMatching(/^[A-Z].*\.$/u) });
    expect(thrown).toMatchObject({ cause: { name: error } });
  });

  it("waits as long as Retry-After says only after the SDK's own tries", async () => {
    const headers = { "retry-after": "1" };
    const error = "TooManyRequestsException";
    const thrown = await failure({ error, status: 429, headers, times: 5 });
    expect(thrown).toMatchObject({ kind: "rate_limited", retryAfterMs: 1_000 });
    expect(lambda.invocations).toHaveLength(5);
  });

  it("a connection that is cut is tried again", async () => {
    lambda.next({ dropConnection: true });
    const rows = await embedder.embedTexts(["a car"], { signal: signal() });
    expect(rows).toHaveLength(1);
    expect(lambda.invocations).toHaveLength(2);
  });

  it("a picture that cannot be read is told as the service tells it", async () => {
    const bad = embedder.embedPictures([picture, Uint8Array.of(1, 2)], { signal: signal() });
    await expect(bad).rejects.toMatchObject({ kind: "invalid_input", code: "InvalidImage" });
  });

  it("a deadline in mid-call is unavailable with the code Timeout", async () => {
    lambda.next({ delayMs: 600 });
    const late = embedder.embedTexts(["a car"], { signal: AbortSignal.timeout(100) });
    await expect(late).rejects.toMatchObject({ kind: "unavailable", code: "Timeout" });
  });

  it("a function that is not there, and one without credentials, name what to set", async () => {
    await expect(open("nobody-made-this")).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("CLIP_FUNCTION"),
    });
    const client = new LambdaClient({
      region: "us-west-2",
      credentials: async () => {
        throw Object.assign(new Error("nothing found"), { name: "CredentialsProviderError" });
      },
    });
    const opened = createLambdaEmbedder({
      client,
      functionName: FUNCTION,
      configured,
      signal: signal(),
    });
    await expect(opened).rejects.toMatchObject({ kind: "misconfigured" });
  });
});
