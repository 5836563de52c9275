import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bedrockModelIds } from "../../src/drivers/aws/bedrock-bodies.ts";
import { createBedrockClient } from "../../src/drivers/aws/bedrock-client.ts";
import { createBedrockImageModel } from "../../src/drivers/aws/bedrock-image-model.ts";
import { AtelierError } from "../../src/errors.ts";
import type { DrawRequest, ImageModel } from "../../src/ports/index.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { imageModelContract, picture, request } from "./image-model-contract.ts";

const SD35 = "stability.sd3-5-large-v1:0";
const CORE = "stability.stable-image-core-v1:1";
const ULTRA = "stability.stable-image-ultra-v1:1";

let server: ModelServer;
let client: BedrockRuntimeClient;

beforeAll(async () => {
  server = await startModelServer();
  process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME = server.endpoint;
  process.env.AWS_ACCESS_KEY_ID = "test";
  process.env.AWS_SECRET_ACCESS_KEY = "test";
  client = createBedrockClient({ region: "us-west-2" });
});
beforeEach(() => server.reset());
afterAll(async () => {
  client.destroy();
  await server.close();
});

const makeModel = (modelId: string): ImageModel => createBedrockImageModel({ client, modelId });
const live = () => ({ signal: AbortSignal.timeout(20_000) });

for (const modelId of bedrockModelIds) {
  imageModelContract(`the Bedrock driver with ${modelId}`, () => makeModel(modelId), {
    exactRatio: true,
    upstreamCalls: () => server.calls.length,
    underWay: async () => {
      server.next({ delayMs: 300 });
      await server.nextCall();
    },
  });
}

describe("what the Bedrock driver sends", () => {
  const base: DrawRequest = { prompt: "a fox", aspectRatio: "16:9", seed: 7, outputFormat: "png" };
  const full: DrawRequest = { ...base, negativePrompt: "snow" };
  let init: { bytes: Uint8Array; mediaType: "image/png"; strength: number };
  let image: string;
  beforeAll(async () => {
    init = { ...(await picture(64, 96, "png")), strength: 0.6 };
    image = Buffer.from(init.bytes).toString("base64");
  });

  async function sent(modelId: string, wanted: DrawRequest): Promise<unknown> {
    await makeModel(modelId).draw(wanted, live());
    return server.calls[0]?.body;
  }

  it("is mode and aspect_ratio for text with Stable Diffusion 3.5", async () => {
    expect(await sent(SD35, full)).toEqual({
      mode: "text-to-image",
      prompt: "a fox",
      negative_prompt: "snow",
      aspect_ratio: "16:9",
      seed: 7,
      output_format: "png",
    });
  });

  it("is mode, image and strength, and no aspect_ratio, for a picture with Stable Diffusion 3.5", async () => {
    expect(await sent(SD35, { ...base, init })).toEqual({
      mode: "image-to-image",
      prompt: "a fox",
      image,
      strength: 0.6,
      seed: 7,
      output_format: "png",
    });
  });

  it("is text only with Stable Image Core", async () => {
    expect(await sent(CORE, base)).toEqual({
      prompt: "a fox",
      aspect_ratio: "16:9",
      seed: 7,
      output_format: "png",
    });
  });

  it("is without a mode with Stable Image Ultra, from text and from a picture", async () => {
    expect(await sent(ULTRA, full)).toEqual({
      prompt: "a fox",
      negative_prompt: "snow",
      aspect_ratio: "16:9",
      seed: 7,
      output_format: "png",
    });
    server.reset();
    expect(await sent(ULTRA, { ...base, init })).toEqual({
      prompt: "a fox",
      image,
      strength: 0.6,
      seed: 7,
      output_format: "png",
    });
  });

  it("is PNG where the model cannot write the format asked for, and the drawing says so", async () => {
    const drawing = await makeModel(CORE).draw({ ...base, outputFormat: "webp" }, live());
    expect(drawing.mediaType).toBe("image/png");
  });

  it("is one attempt over HTTP/1.1", async () => {
    await makeModel(SD35).draw(base, live());
    expect(server.calls.map(({ httpVersion, attempt }) => ({ httpVersion, attempt }))).toEqual([
      { httpVersion: "1.1", attempt: "attempt=1; max=1" },
    ]);
  });

  it("never is a body above 25,000,000 bytes", async () => {
    const bytes = new Uint8Array(18_750_001);
    const tooLarge = { ...base, init: { ...init, bytes } };
    await expect(makeModel(SD35).draw(tooLarge, live())).rejects.toMatchObject({
      kind: "invalid_input",
      code: "InvalidImage",
    });
    expect(server.calls).toHaveLength(0);
  });
});

describe("what the Bedrock driver makes of an answer", () => {
  const draw = (signal = AbortSignal.timeout(20_000)) => {
    const model = makeModel(SD35);
    return model.draw(request(model), { signal });
  };

  async function failure(signal?: AbortSignal): Promise<AtelierError> {
    const thrown: unknown = await draw(signal).catch((error: unknown) => error);
    if (!(thrown instanceof AtelierError)) throw new Error(`Not an AtelierError: ${thrown}`);
    expect(server.calls).toHaveLength(1);
    expect(server.calls[0]?.attempt).toBe("attempt=1; max=1");
    return thrown;
  }

  it.each([
    ["ThrottlingException", 429, { kind: "rate_limited", retryAfterMs: undefined }],
    ["ModelNotReadyException", 429, { kind: "rate_limited" }],
    ["InternalServerException", 500, { kind: "unavailable", retryAtMostOnce: false }],
    ["ServiceUnavailableException", 503, { kind: "unavailable", retryAtMostOnce: false }],
    ["BadGateway", 502, { kind: "unavailable", retryAtMostOnce: false }],
    ["GatewayTimeout", 504, { kind: "unavailable", retryAtMostOnce: true }],
    ["ModelTimeoutException", 408, { kind: "unavailable", code: "Timeout", retryAtMostOnce: true }],
    ["ModelErrorException", 424, { kind: "unavailable", retryAtMostOnce: true }],
    ["AccessDeniedException", 403, { kind: "misconfigured", code: "AccessDenied" }],
    ["ResourceNotFoundException", 404, { kind: "misconfigured", code: "ModelNotFound" }],
    ["ValidationException", 400, { kind: "invalid_input" }],
    ["ServiceQuotaExceededException", 400, { kind: "misconfigured" }],
    ["ExpiredTokenException", 403, { kind: "misconfigured", code: undefined }],
    ["UnrecognizedClientException", 403, { kind: "misconfigured", code: undefined }],
    ["SomethingNew", 418, { kind: "internal" }],
  ])("%s (%i) has its kind, its cause, and costs one call", async (error, status, expected) => {
    server.next({ error, status });
    const thrown = await failure();
    expect(thrown).toMatchObject(expected);
    expect(thrown.message).toMatch(/^[A-Z].*\.$/);
    expect(thrown.cause).toMatchObject({ name: error });
  });

  it("waits as long as a Retry-After header says", async () => {
    server.next({ error: "ThrottlingException", status: 429, headers: { "retry-after": "7" } });
    expect(await failure()).toMatchObject({ kind: "rate_limited", retryAfterMs: 7_000 });
  });

  it("tells the operator which permission and which model a denial is about", async () => {
    server.next({ error: "AccessDeniedException", status: 403 });
    const { message } = await failure();
    expect(message).toContain("bedrock:InvokeModel");
    expect(message).toContain("Model catalog");
    expect(message).toContain(SD35);
  });

  it("knows an unknown model in a ValidationException", async () => {
    const fields = { message: "The provided model identifier is invalid." };
    server.next({ error: "ValidationException", fields });
    expect(await failure()).toMatchObject({ kind: "misconfigured", code: "ModelNotFound" });
  });

  it("repeats nothing of the request or of the upstream's message to the person", async () => {
    server.next({ error: "ValidationException", fields: { message: "prompt 'a red fox' is bad" } });
    expect((await failure()).message).not.toMatch(/fox|prompt '/);
  });

  it.each([
    ["Filter reason: prompt", /prompt/],
    ["Filter reason: input image", /picture that was given/],
    ["Filter reason: output image", /what it drew/],
  ])("%s is refused, with a sentence that names what was declined", async (reason, sentence) => {
    server.next({ finishReasons: [reason] });
    const thrown = await failure();
    expect(thrown.kind).toBe("refused");
    expect(thrown.message).toMatch(sentence);
    expect(thrown.message).not.toMatch(/filter/i);
  });

  it("looks at the reasons before the pictures", async () => {
    server.next({ reply: { finish_reasons: ["Filter reason: output image"] } });
    expect(await failure()).toMatchObject({ kind: "refused" });
  });

  it.each([
    ["an inference error", { finishReasons: ["Inference error"] }],
    ["no picture", { reply: { images: [] } }],
    ["neither reasons nor pictures", { malformed: "{}" }],
    ["what is not JSON", { malformed: "<html>" }],
    ["fields of another type", { reply: { images: "none" } }],
    ["a picture that is none", { reply: { images: ["aGVsbG8="] } }],
    ["a reply above the bound", { malformed: " ".repeat(25_000_001) }],
  ])("%s is unavailable, with one more try", async (_name, answer) => {
    server.next(answer);
    expect(await failure()).toMatchObject({ kind: "unavailable", retryAtMostOnce: true });
  });

  it.each([
    [{ seeds: ["2130420379"] }, 2_130_420_379],
    [{ seeds: [2_130_420_379] }, 2_130_420_379],
    [{ seeds: [] }, 7],
    [{ seeds: ["soon"] }, 7],
  ])("reads the seed of %j, and falls back to the one it sent", async (reply, seed) => {
    server.next({ reply });
    expect((await draw()).seed).toBe(seed);
  });

  it("a connection cut in mid-call is unavailable, with one more try", async () => {
    server.next({ dropConnection: true });
    expect(await failure()).toMatchObject({ kind: "unavailable", retryAtMostOnce: true });
  });

  it("a server that is not there is unavailable, with as many tries as anyone likes", async () => {
    const nowhere = new BedrockRuntimeClient({
      region: "us-west-2",
      endpoint: "http://127.0.0.1:9",
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler({ connectionTimeout: 1_000 }),
    });
    const model = createBedrockImageModel({ client: nowhere, modelId: SD35 });
    await expect(model.draw(request(model), live())).rejects.toMatchObject({
      kind: "unavailable",
      retryAtMostOnce: false,
    });
  });

  it("missing credentials are the operator's", async () => {
    const anonymous = new BedrockRuntimeClient({
      region: "us-west-2",
      maxAttempts: 1,
      credentials: async () => {
        throw Object.assign(new Error("None found."), { name: "CredentialsProviderError" });
      },
    });
    const model = createBedrockImageModel({ client: anonymous, modelId: SD35 });
    await expect(model.draw(request(model), live())).rejects.toMatchObject({
      kind: "misconfigured",
    });
  });

  it("a deadline in mid-call is unavailable with the code Timeout, after one attempt", async () => {
    server.next({ delayMs: 500 });
    const thrown = await failure(AbortSignal.timeout(100));
    expect(thrown).toMatchObject({ kind: "unavailable", code: "Timeout", retryAtMostOnce: true });
  });

  it("an abort rejects with the caller's own reason", async () => {
    for (const reason of [new Error("stopped"), new AtelierError("not_allowed", "No.")]) {
      server.next({ delayMs: 300 });
      const controller = new AbortController();
      const thrown = draw(controller.signal).catch((error: unknown) => error);
      await server.nextCall();
      controller.abort(reason);
      expect(await thrown).toBe(reason);
    }
  });
});

it("a model that is not supported is the operator's, and the sentence lists those that are", () => {
  expect(() => makeModel("amazon.titan-image-generator-v2:0")).toThrow(SD35);
});
