import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSagemakerClient } from "../../src/drivers/aws/sagemaker-client.ts";
import { createSagemakerImageModel } from "../../src/drivers/aws/sagemaker-image-model.ts";
import { AtelierError } from "../../src/errors.ts";
import { aspectRatios, type Drawing } from "../../src/ports/index.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { imageModelContract, picture, request } from "./image-model-contract.ts";

let server: ModelServer;
let client: SageMakerRuntimeClient;

beforeAll(async () => {
  server = await startModelServer();
  process.env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME = server.endpoint;
  process.env.AWS_ACCESS_KEY_ID = "test";
  process.env.AWS_SECRET_ACCESS_KEY = "test";
  client = createSagemakerClient({ region: "us-west-2" });
});
beforeEach(() => server.reset());
afterAll(async () => {
  client.destroy();
  await server.close();
});

const makeModel = () => createSagemakerImageModel({ client, endpoint: "team-diffusion" });

imageModelContract("the SageMaker driver", makeModel, {
  exactRatio: true,
  upstreamCalls: () => server.calls.length,
  underWay: async () => {
    server.next({ delayMs: 300 });
    await server.nextCall();
  },
});

function draw(signal = AbortSignal.timeout(20_000)): Promise<Drawing> {
  const model = makeModel();
  return model.draw(request(model), { signal });
}

async function failure(signal?: AbortSignal): Promise<AtelierError> {
  const thrown: unknown = await draw(signal).catch((error: unknown) => error);
  if (!(thrown instanceof AtelierError)) throw new Error(`Not an AtelierError: ${thrown}`);
  expect(server.calls).toHaveLength(1);
  expect(server.calls[0]?.attempt).toBe("attempt=1; max=1");
  return thrown;
}

describe("what the SageMaker driver sends", () => {
  it("is the documented body, to the endpoint, accepting base64 JPEGs", async () => {
    const model = makeModel();
    expect(model.id).toBe("sagemaker:team-diffusion");
    const wanted = { aspectRatio: "21:9", negativePrompt: "snow", seed: 9 } as const;
    await model.draw(request(model, wanted), { signal: AbortSignal.timeout(20_000) });
    expect(server.calls).toMatchObject([
      {
        service: "sagemaker",
        model: "team-diffusion",
        accept: "application/json;jpeg",
        attempt: "attempt=1; max=1",
      },
    ]);
    expect(server.calls[0]?.body).toEqual({
      prompt: "a red fox in the snow at sunset",
      negative_prompt: "snow",
      width: 1568,
      height: 672,
      seed: 9,
      num_images_per_prompt: 1,
    });
  });

  it.each(aspectRatios)(
    "is a size of about one megapixel in multiples of 16 px for %s",
    async (aspectRatio) => {
      const model = makeModel();
      await model.draw(request(model, { aspectRatio }), { signal: AbortSignal.timeout(20_000) });
      const width = Number(server.calls[0]?.body.width);
      const height = Number(server.calls[0]?.body.height);
      expect([width % 16, height % 16]).toEqual([0, 0]);
      expect((width * height) / 1_000_000).toBeGreaterThan(0.92);
      expect((width * height) / 1_000_000).toBeLessThan(1.06);
    },
  );
});

describe("what the SageMaker driver makes of an answer", () => {
  it("reads a list of base64 pictures and says their true media type", async () => {
    const { bytes } = await picture(64, 64, "png");
    server.next({ reply: { generated_images: [Buffer.from(bytes).toString("base64")] } });
    const drawing = await draw();
    expect(drawing).toMatchObject({ mediaType: "image/png", seed: 7 });
    expect(Buffer.from(drawing.bytes).equals(bytes)).toBe(true);
  });

  it("reads rows of pixels of three numbers, in the right order", async () => {
    const [red, blue] = [
      [250, 10, 10],
      [10, 10, 250],
    ];
    const wide = (pixel: unknown) => Array.from({ length: 32 }, () => pixel);
    const rows = [
      ...Array.from({ length: 16 }, () => wide(red)),
      ...Array.from({ length: 16 }, () => wide(blue)),
    ];
    server.next({ malformed: JSON.stringify({ generated_images: [rows], prompt: "a fox" }) });
    const drawing = await draw();
    expect(drawing).toMatchObject({ mediaType: "image/jpeg", seed: 7 });
    const { data, info } = await sharp(drawing.bytes).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 32, height: 32, channels: 3 });
    expect(data[0]).toBeGreaterThan(200);
    expect(data[2]).toBeLessThan(60);
    expect(data.at(-3)).toBeLessThan(60);
    expect(data.at(-1)).toBeGreaterThan(200);
  });

  it("reads artifacts, with their own seed", async () => {
    const { bytes } = await picture(64, 64, "png");
    const base64 = Buffer.from(bytes).toString("base64");
    const artifacts = [{ base64, seed: 4242, finishReason: "SUCCESS" }];
    server.next({ malformed: JSON.stringify({ result: "success", artifacts }) });
    expect(await draw()).toMatchObject({ mediaType: "image/png", seed: 4242 });
  });

  it("content that was filtered is refused", async () => {
    const artifacts = [{ base64: "aGk=", seed: 1, finishReason: "CONTENT_FILTERED" }];
    server.next({ malformed: JSON.stringify({ artifacts }) });
    expect(await failure()).toMatchObject({ kind: "refused" });
  });

  it.each([
    ["an artifact that is an error", { artifacts: [{ base64: "aGk=", finishReason: "ERROR" }] }],
    ["no artifact", { artifacts: [] }],
    ["no picture", { generated_images: [] }],
    ["a picture that is none", { generated_images: ["aGVsbG8="] }],
    ["rows of different lengths", { generated_images: [[[[1, 2, 3]], []]] }],
    ["pixels that are not RGB", { generated_images: [[[[1, 2, 3, 4]]]] }],
    ["pixels that are text", { generated_images: [[[["1", "2", "3"]]]] }],
    ["a shape that nobody documents", { images: ["aGk="] }],
  ])("%s is unavailable, with one more try", async (_name, body) => {
    server.next({ malformed: JSON.stringify(body) });
    expect(await failure()).toMatchObject({ kind: "unavailable", retryAtMostOnce: true });
  });

  it("what is not JSON is unavailable, with one more try", async () => {
    server.next({ malformed: "<html>" });
    expect(await failure()).toMatchObject({ kind: "unavailable", retryAtMostOnce: true });
  });

  it.each([
    ["ModelError", 424, { OriginalStatusCode: 400 }, { kind: "invalid_input" }],
    ["ModelError", 424, { OriginalStatusCode: 429 }, { kind: "rate_limited" }],
    [
      "ModelError",
      424,
      { OriginalStatusCode: 500 },
      { kind: "unavailable", retryAtMostOnce: true },
    ],
    ["ModelError", 424, {}, { kind: "unavailable", retryAtMostOnce: true }],
    ["ValidationError", 400, {}, { kind: "misconfigured", code: "ModelNotFound" }],
    ["AccessDeniedException", 403, {}, { kind: "misconfigured", code: "AccessDenied" }],
    ["ExpiredTokenException", 403, {}, { kind: "misconfigured", code: undefined }],
    ["ThrottlingException", 400, {}, { kind: "rate_limited" }],
    ["ModelNotReadyException", 429, {}, { kind: "rate_limited" }],
    ["InternalFailure", 500, {}, { kind: "unavailable", retryAtMostOnce: false }],
    ["InternalDependencyException", 530, {}, { kind: "unavailable", retryAtMostOnce: false }],
    ["ServiceUnavailable", 503, {}, { kind: "unavailable", retryAtMostOnce: false }],
    ["BadGateway", 502, {}, { kind: "unavailable", retryAtMostOnce: false }],
  ])(
    "%s (%i) %j has its kind, its cause, and costs one call",
    async (error, status, fields, expected) => {
      server.next({ error, status, fields });
      const thrown = await failure();
      expect(thrown).toMatchObject(expected);
      expect(thrown.message).toMatch(/^[A-Z].*\.$/);
      expect(thrown.cause).toMatchObject({ name: error });
    },
  );

  it("waits as long as a Retry-After header says", async () => {
    server.next({ error: "ThrottlingException", status: 429, headers: { "retry-after": "3" } });
    expect(await failure()).toMatchObject({ kind: "rate_limited", retryAfterMs: 3_000 });
  });

  it("a connection cut in mid-call is unavailable, with one more try", async () => {
    server.next({ dropConnection: true });
    expect(await failure()).toMatchObject({ kind: "unavailable", retryAtMostOnce: true });
  });

  it("an endpoint that is not there is unavailable, with as many tries as anyone likes", async () => {
    const nowhere = new SageMakerRuntimeClient({
      region: "us-west-2",
      endpoint: "http://127.0.0.1:9",
      maxAttempts: 1,
    });
    const model = createSagemakerImageModel({ client: nowhere, endpoint: "gone" });
    const drawn = model.draw(request(model), { signal: AbortSignal.timeout(20_000) });
    await expect(drawn).rejects.toMatchObject({ kind: "unavailable", retryAtMostOnce: false });
  });

  it("a deadline in mid-call is unavailable with the code Timeout, after one attempt", async () => {
    server.next({ delayMs: 500 });
    const thrown = await failure(AbortSignal.timeout(100));
    expect(thrown).toMatchObject({ kind: "unavailable", code: "Timeout", retryAtMostOnce: true });
  });

  it("an abort rejects with the caller's own reason", async () => {
    server.next({ delayMs: 300 });
    const controller = new AbortController();
    const thrown = draw(controller.signal).catch((error: unknown) => error);
    await server.nextCall();
    const reason = new Error("stopped");
    controller.abort(reason);
    expect(await thrown).toBe(reason);
  });
});
