import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createBedrockClient,
  createGuardrailClient,
} from "../../src/drivers/aws/bedrock-client.ts";
import { createBedrockGuardrail } from "../../src/drivers/aws/bedrock-guardrail.ts";
import { createBedrockImageModel } from "../../src/drivers/aws/bedrock-image-model.ts";
import { createModeratedImageModel } from "../../src/limits/moderated-image-model.ts";
import type { ImageModel, Moderator } from "../../src/ports/index.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { request } from "./image-model-contract.ts";

let server: ModelServer;
let client: BedrockRuntimeClient;
let drawing: BedrockRuntimeClient;
let guardrail: Moderator;
let model: ImageModel;

beforeAll(async () => {
  server = await startModelServer();
  process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME = server.endpoint;
  process.env.AWS_ACCESS_KEY_ID = "test";
  process.env.AWS_SECRET_ACCESS_KEY = "test";
  client = createGuardrailClient({ region: "us-west-2" });
  drawing = createBedrockClient({ region: "us-west-2" });
  guardrail = createBedrockGuardrail({ client, guardrailId: "gr1abc", version: "3" });
  model = createModeratedImageModel({
    model: createBedrockImageModel({ client: drawing, modelId: "stability.sd3-5-large-v1:0" }),
    moderator: guardrail,
  });
});
beforeEach(() => server.reset());
afterAll(async () => {
  client.destroy();
  drawing.destroy();
  await server.close();
});

const live = () => ({ signal: AbortSignal.timeout(20_000) });
const services = () => server.calls.map(({ service }) => service);

async function noise(sidePx: number): Promise<Uint8Array> {
  const create = {
    ...{ width: sidePx, height: sidePx, channels: 3 as const, background: "gray" },
    noise: { type: "gaussian" as const, mean: 128, sigma: 60 },
  };
  return sharp({ create }).webp({ quality: 100 }).toBuffer();
}

describe("a guardrail of Bedrock", () => {
  it("is asked by its id and version, with the text as input", async () => {
    await guardrail.check({ text: "a red fox" }, live());
    expect(server.calls[0]).toMatchObject({
      service: "guardrail",
      model: "gr1abc",
      body: { source: "INPUT", content: [{ text: { text: "a red fox" } }] },
    });
  });

  it("sees the picture to start from as a JPEG within its limit, which takes no WebP", async () => {
    const bytes = await noise(1_600);
    expect(bytes.byteLength).toBeGreaterThan(1_000_000);
    await guardrail.check({ text: "as ink", picture: { bytes, mediaType: "image/webp" } }, live());
    const content = server.calls[0]?.body.content;
    expect(content).toMatchObject([{}, { image: { format: "jpeg" } }]);
    const sent = JSON.stringify(content).match(/"bytes":"([^"]+)"/u)?.[1] ?? "";
    const image = Buffer.from(sent, "base64");
    expect(image.byteLength).toBeLessThan(4_000_000);
    expect((await sharp(image).metadata()).format).toBe("jpeg");
  });

  it.each([
    ["AccessDeniedException", 403, "misconfigured"],
    ["ResourceNotFoundException", 404, "misconfigured"],
    ["ValidationException", 400, "misconfigured"],
    ["ServiceQuotaExceededException", 400, "misconfigured"],
  ])("%s is %s for the operator, not for whoever asked", async (error, status, kind) => {
    server.next({ error, status });
    await expect(guardrail.check({ text: "a fox" }, live())).rejects.toMatchObject({ kind });
  });

  it("is asked again when it is busy, as that costs no picture", async () => {
    server.next({ error: "ThrottlingException", status: 429, times: 2 });
    await guardrail.check({ text: "a fox" }, live());
    expect(services()).toEqual(["guardrail", "guardrail", "guardrail"]);
  });
});

describe("a model behind it", () => {
  it("draws what it lets through", async () => {
    expect((await model.draw(request(model), live())).bytes.byteLength).toBeGreaterThan(0);
    expect(services()).toEqual(["guardrail", "bedrock"]);
  });

  it("is never called for what it declines, and says no more than that", async () => {
    server.next({ reply: { action: "GUARDRAIL_INTERVENED", outputs: [{ text: "Blocked: X." }] } });
    const refused = model.draw(request(model), live());
    await expect(refused).rejects.toMatchObject({ kind: "refused" });
    await expect(refused).rejects.not.toThrow(/Blocked/u);
    expect(services()).toEqual(["guardrail"]);
  });

  it("draws nothing while it cannot be judged", async () => {
    server.next({ error: "ValidationException", status: 400 });
    await expect(model.draw(request(model), live())).rejects.toMatchObject({
      kind: "misconfigured",
    });
    expect(services()).toEqual(["guardrail"]);
  });

  it("lets a job go at once that is stopped while it is judged, and draws nothing then", async () => {
    server.next({ delayMs: 3_000 });
    const stopped = new AbortController();
    const drawn = model.draw(request(model), { signal: stopped.signal });
    const startMs = performance.now();
    stopped.abort(new Error("stopped"));
    await expect(drawn).rejects.toThrow("stopped");
    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(services()).not.toContain("bedrock");
  });

  it("has one judgement for the four pictures of a request", async () => {
    const seeds = [1, 2, 3, 4];
    await Promise.all(seeds.map((seed) => model.draw({ ...request(model), seed }, live())));
    expect(services().filter((service) => service === "guardrail")).toHaveLength(1);
    expect(services().filter((service) => service === "bedrock")).toHaveLength(4);
  });
});
