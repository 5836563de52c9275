import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEmbedder } from "../../infra/clip-models.ts";
import { composeClipServices } from "../../infra/clip-services/compose.ts";
import { handler } from "../../infra/lambda/clip-inference.lambda.ts";
import { openEmbedder } from "../../infra/open-embedder.ts";
import { readSettings } from "../../infra/settings.ts";
import { type ProvenModel, writeProvenModel } from "../fixtures/proven-model.ts";
import { type LambdaServer, startLambdaServer } from "../servers/lambda-server.ts";

const FUNCTION = "team-clip-inference";
let model: ProvenModel;
let lambda: LambdaServer;
let picture: Uint8Array;
/** The space of the model that the function runs. */
let ofFunction = "";

const signal = () => AbortSignal.timeout(30_000);

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
  const create = { width: 64, height: 48, channels: 3 as const, background: "#2040c0" };
  picture = await sharp({ create }).png().toBuffer();
  const { embedder } = await createEmbedder({
    CLIP_MODEL: "tiny",
    CLIP_MODEL_DIR: model.folder,
    DATA_DIR: model.folder,
  });
  ofFunction = embedder.model.space;
  await embedder.close();
}, 60_000);
beforeEach(() => lambda.reset());
afterAll(() => Promise.all([lambda.close(), model.remove()]));

describe("with CLIP=lambda", { timeout: 90_000 }, () => {
  const settings = (more: Record<string, string>) =>
    readSettings({ CLIP: "lambda", CLIP_FUNCTION: FUNCTION, CLIP_MODEL: "tiny", ...more }).settings;

  it("a function whose rows are the golden ones of the model here shares its space", async () => {
    const folder = { CLIP_MODEL_DIR: model.folder };
    const remote = await openEmbedder(settings(folder), { signal: signal() });
    const local = await openEmbedder(readSettings(folder).settings, { signal: signal() });
    expect(remote.model.space).toBe(local.model.space);
    const ask = { signal: signal() };
    const [[far], [near]] = await Promise.all([
      remote.embedPictures([picture], ask),
      local.embedPictures([picture], ask),
    ]);
    const cosine = far?.reduce((sum, value, at) => sum + value * (near?.[at] ?? 0), 0);
    expect(cosine).toBeGreaterThan(0.9999);
    await Promise.all([remote.close(), local.close()]);
  });

  it("a function that runs another model is kept apart by its space", async () => {
    const other = await writeProvenModel({ seed: 3 });
    const opened = await openEmbedder(settings({ CLIP_MODEL_DIR: other.folder }), {
      signal: signal(),
    });
    expect(opened.model.space).toBe(ofFunction);
    expect(opened.model.dim).toBe(512);
    await Promise.all([opened.close(), other.remove()]);
  });

  it("a function that says it is the model here, but gives other rows, is refused", async () => {
    const impostor = await writeProvenModel({ seed: 3 });
    // What it answers to everything: rows that are no one's, under the name of the model here.
    const said = (rows: number) => {
      const embeddings = Array.from({ length: rows }, () =>
        Array.from({ length: 512 }, () => 512 ** -0.5),
      );
      return { result: { statusCode: 200, body: JSON.stringify({ embeddings, dim: 512 }) } };
    };
    lambda.next(said(0), said(1), said(3), said(3));
    const opened = openEmbedder(settings({ CLIP_MODEL_DIR: impostor.folder }), {
      signal: signal(),
    });
    await expect(opened).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringMatching(/the Lambda function team-clip-inference.*CLIP_MODEL/su),
    });
    await impostor.remove();
  });

  it("a process whose own model does not give its golden embeddings does not start", async () => {
    const broken = await writeProvenModel({ seed: 5, goldenOf: model.folder });
    const opened = openEmbedder(readSettings({ CLIP_MODEL_DIR: broken.folder }).settings, {
      signal: signal(),
    });
    await expect(opened).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("this process"),
    });
    await broken.remove();
  });

  it("a process that proves its pictures late embeds none that are not golden", async () => {
    const broken = await writeProvenModel();
    const file = join(broken.folder, "atelier.json");
    const manifest = JSON.parse(await readFile(file, "utf8"));
    for (const each of manifest.golden.pictures) each.embedding.reverse();
    await writeFile(file, JSON.stringify(manifest));
    const { settings: here } = readSettings({ CLIP_MODEL_DIR: broken.folder });
    await expect(openEmbedder(here, { signal: signal() })).rejects.toThrow("golden");
    const opened = await openEmbedder(here, { signal: signal(), provesLate: true });
    expect(await opened.embedTexts(["a boat"], { signal: signal() })).toHaveLength(1);
    const refused = opened.embedPictures([picture], { signal: signal() });
    await expect(refused).rejects.toMatchObject({ kind: "misconfigured" });
    await Promise.all([opened.close(), broken.remove()]);
  });

  it("a process whose model has a file that its libraries cannot read says which model", async () => {
    const broken = await writeProvenModel();
    await writeFile(join(broken.folder, "tokenizer.json"), "{}");
    const { settings: here } = readSettings({ CLIP_MODEL_DIR: broken.folder });
    await expect(openEmbedder(here, { signal: signal() })).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining(broken.folder),
    });
    await broken.remove();
  });

  it("neither clip-batch nor frame-search begins with embeddings that are not golden", async () => {
    const broken = await writeProvenModel({ seed: 5, goldenOf: model.folder });
    const dataDir = await mkdtemp(join(tmpdir(), "atelier-golden-"));
    const services = composeClipServices(() =>
      readSettings({ CLIP_MODEL_DIR: broken.folder, DATA_DIR: dataDir, LOG_LEVEL: "silent" }),
    );
    const refusal = {
      kind: "misconfigured",
      message: expect.stringContaining("cosine similarity"),
    };
    const clipBatch = await services.clipBatch();
    const batch = { video_id: "team", frames: ["s3://local/frames/team/0000000000.jpg"] };
    await expect(clipBatch(batch, signal())).rejects.toMatchObject(refusal);
    const frameSearch = await services.frameSearch();
    await expect(frameSearch({ query: "a red car" }, signal())).rejects.toMatchObject(refusal);
    await expect(services.clipInference()).rejects.toMatchObject(refusal);
    await services.close();
    await Promise.all([broken.remove(), rm(dataDir, { recursive: true })]);
  });

  it("a model that is not on this machine is taken as configured, in a space of its own", async () => {
    const answer = (embeddings: number[][]) => ({
      result: { statusCode: 200, body: JSON.stringify({ embeddings, dim: 2 }) },
    });
    lambda.next(answer([]), answer([[1, 0]]));
    const opened = await openEmbedder(settings({ DATA_DIR: "/nonexistent" }), { signal: signal() });
    expect(opened.model).toMatchObject({ name: "tiny", space: "tiny-remote", dim: 2 });
    await opened.close();
  });
});
