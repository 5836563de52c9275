import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  compareWithGolden,
  type Embedder,
  type Golden,
  goldenPictures,
  goldenTexts,
  recordGolden,
  requireGolden,
} from "#core";
import { clipModelPath, createEmbedder } from "../../infra/clip-models.ts";
import { writeTinyModel } from "../fixtures/tiny-model.ts";

describe("golden embeddings", () => {
  let root: string;
  let one: Embedder;
  let golden: Golden;
  const live = () => ({ signal: AbortSignal.timeout(60_000) });

  async function open(name: string, options: { seed: number; dim?: number }): Promise<Embedder> {
    const CLIP_MODEL_DIR = join(root, name);
    await writeTinyModel(CLIP_MODEL_DIR, options);
    const settings = { CLIP_MODEL: "demo", CLIP_MODEL_DIR, DATA_DIR: root };
    return (await createEmbedder(settings, { sessions: 1 })).embedder;
  }

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "atelier-golden-"));
    one = await open("one", { seed: 1 });
    const pictures = goldenPictures().map(({ png }) => png);
    golden = await recordGolden(one, { texts: goldenTexts, pictures }, live());
  });
  afterAll(async () => {
    await one.close();
    await rm(root, { recursive: true, force: true });
  });

  it("are those of the model that they were recorded from", async () => {
    expect(await compareWithGolden(one, golden, live())).toBeGreaterThan(0.9999);
    await requireGolden(one, golden, { path: "this process", ...live() });
  });

  it("keep another model, or one of another length, from being mixed in", async () => {
    for (const options of [{ seed: 2 }, { seed: 1, dim: 64 }]) {
      const other = await open("other", options);
      const refused = requireGolden(other, golden, { path: "the Lambda function clip", ...live() });
      await expect(refused).rejects.toMatchObject({
        kind: "misconfigured",
        message: expect.stringMatching(/of the Lambda function clip .* It refuses to mix them/u),
      });
      await other.close();
    }
  });

  it("keep a path out that is wrong for pictures alone", async () => {
    const mirrored: Embedder = {
      ...one,
      embedPictures: async (pictures, options) =>
        one.embedPictures(
          await Promise.all(pictures.map((each) => sharp(each).negate().png().toBuffer())),
          options,
        ),
    };
    await expect(requireGolden(mirrored, golden, { path: "it", ...live() })).rejects.toMatchObject({
      kind: "misconfigured",
    });
  });

  it("are of pictures that any reader of PNG opens", async () => {
    for (const { png } of goldenPictures()) {
      const { width, height, channels } = await sharp(png).metadata();
      expect([width, height, channels]).toEqual([320, 240, 3]);
      await sharp(png, { failOn: "warning" }).raw().toBuffer();
    }
  });
});

describe("the model that the settings name", () => {
  it("is the built-in one, a pulled one, or a folder", () => {
    const DATA_DIR = "/data";
    expect(clipModelPath({ CLIP_MODEL: "demo", DATA_DIR })).toMatch(/infra[/\\]demo[/\\]model$/u);
    expect(clipModelPath({ CLIP_MODEL: "tinyclip", DATA_DIR })).toBe(
      join("/data", "models", "tinyclip"),
    );
    const CLIP_MODEL_DIR = "/opt/ml/model";
    expect(clipModelPath({ CLIP_MODEL: "demo", CLIP_MODEL_DIR, DATA_DIR })).toBe(CLIP_MODEL_DIR);
  });

  it("is asked for in a sentence when it has not been pulled", async () => {
    const missing = createEmbedder({ CLIP_MODEL: "tinyclip", DATA_DIR: "/nowhere" });
    await expect(missing).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("npm run model -- pull tinyclip"),
    });
  });

  it("tells on cards that the demo answers, and what to do for real videos", async () => {
    const { embedder, golden } = await createEmbedder({ CLIP_MODEL: "demo", DATA_DIR: "/nowhere" });
    try {
      expect(embedder.model.notice).toMatch(/built-in demo model.*npm run model -- pull clip-vit/u);
      expect(embedder.model.vocabulary?.contentWords.length).toBeGreaterThan(50);
      if (golden === null) throw new Error("The demo model has no golden embeddings.");
      const signal = AbortSignal.timeout(60_000);
      await requireGolden(embedder, golden, { path: "this process", signal });
    } finally {
      await embedder.close();
    }
  });
});
