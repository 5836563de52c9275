import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createSagemakerEmbedder,
  createSagemakerEmbedderClient,
} from "../../src/drivers/aws/sagemaker-embedder.ts";
import type { Embedder } from "../../src/ports/index.ts";
import { type ProvenModel, writeProvenModel } from "../fixtures/proven-model.ts";
import {
  type SagemakerEndpointServer,
  type ScriptedEndpointAnswer,
  startSagemakerEndpointServer,
} from "../servers/sagemaker-endpoint-server.ts";
import {
  SERVE_START_TIMEOUT_MS,
  type ServeProcess,
  startServeProcess,
} from "../servers/serve-process.ts";
import { embedderContract } from "./embedder-contract.ts";

const ENDPOINT = "team-clip";
const DEAD_ENDPOINT = "team-dead";
let model: ProvenModel;
let container: ServeProcess;
let sagemaker: SagemakerEndpointServer;
let embedder: Embedder;
let picture: Uint8Array;

const signal = () => AbortSignal.timeout(30_000);
const open = (endpoint = ENDPOINT) =>
  createSagemakerEmbedder({
    client: createSagemakerEmbedderClient({ region: "us-west-2" }),
    endpoint,
    configured: {
      name: "team",
      title: "Team model",
      space: "team-remote",
      vocabulary: null,
      calibration: null,
      suggestions: [],
    },
    signal: signal(),
  });

beforeAll(async () => {
  model = await writeProvenModel();
  container = await startServeProcess({ CLIP_MODEL_DIR: model.folder });
  sagemaker = await startSagemakerEndpointServer({
    [ENDPOINT]: container.url,
    [DEAD_ENDPOINT]: "http://127.0.0.1:9",
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: sagemaker.endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
  embedder = await open();
  const create = { width: 64, height: 48, channels: 3 as const, background: "#2040c0" };
  picture = await sharp({ create }).png().toBuffer();
}, SERVE_START_TIMEOUT_MS);
beforeEach(() => sagemaker.reset());
afterAll(async () => {
  await embedder.close();
  await Promise.all([sagemaker.close(), container.stop(), model.remove()]);
});

embedderContract("the SageMaker driver in front of npm run serve", () => open());

describe("the SageMaker driver", () => {
  it("learns the model from the container", () => {
    expect(embedder.model).toMatchObject({ name: "tiny", title: "Tiny random model", dim: 512 });
  });

  it("sends JSON below 6 MB a call", async () => {
    const pictures = Array<Uint8Array>(300).fill(picture);
    expect(await embedder.embedPictures(pictures, { signal: signal() })).toHaveLength(300);
    expect(sagemaker.calls.length).toBeGreaterThan(1);
    for (const { contentType, bodyBytes } of sagemaker.calls) {
      expect(contentType).toBe("application/json");
      expect(bodyBytes).toBeLessThan(6_291_456);
    }
  });

  it("reads an answer that is wrapped as the Lambda function's is", async () => {
    const row = Array.from({ length: 512 }, (_, at) => (at === 1 ? 1 : 0));
    const body = JSON.stringify({ embeddings: [row], dim: 512 });
    sagemaker.next({ body: JSON.stringify({ statusCode: 200, body }) });
    const [text] = await embedder.embedTexts(["a car"], { signal: signal() });
    expect([...(text?.embedding ?? [])]).toEqual(row);
  });

  it("tells a picture that the container cannot read as the container tells it", async () => {
    const bad = embedder.embedPictures([picture, Uint8Array.of(1, 2, 3)], { signal: signal() });
    await expect(bad).rejects.toMatchObject({ kind: "invalid_input", code: "InvalidImage" });
  });

  it.each([
    [{ error: "ModelNotReadyException", status: 429, times: 5 }, "rate_limited"],
    [{ error: "ThrottlingException", status: 400, times: 5 }, "rate_limited"],
    [{ error: "InternalFailure", status: 500, times: 5 }, "unavailable"],
    [{ error: "ServiceUnavailable", status: 503, times: 5 }, "unavailable"],
    [{ error: "ValidationError", status: 400 }, "misconfigured"],
    [{ error: "AccessDeniedException", status: 403 }, "misconfigured"],
    [{ body: "<html>" }, "misconfigured"],
    [{ body: '{"embeddings":[[1,2]],"dim":2}' }, "misconfigured"],
  ] as [ScriptedEndpointAnswer, string][])("makes of %j %s", async (scripted, kind) => {
    sagemaker.next(scripted);
    const asked = embedder.embedTexts(["a car"], { signal: signal() });
    await expect(asked).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(/^[A-Z].*\.$/u),
    });
  });

  it("tries again when a connection is cut", async () => {
    sagemaker.next({ dropConnection: true });
    expect(await embedder.embedTexts(["a car"], { signal: signal() })).toHaveLength(1);
    expect(sagemaker.calls).toHaveLength(2);
  });

  it("names what to set when the endpoint is not there", async () => {
    await expect(open("nobody-made-this")).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("CLIP_ENDPOINT"),
    });
  });

  it("is unavailable when no container answers", async () => {
    await expect(open(DEAD_ENDPOINT)).rejects.toMatchObject({ kind: "unavailable" });
    expect(sagemaker.calls).toHaveLength(5);
  });
});
