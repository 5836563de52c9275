import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goldenPictures } from "#core";
import { readClipModelFolder } from "../../src/drivers/onnx/clip-model-folder.ts";
import { createOnnxEmbedder } from "../../src/drivers/onnx/onnx-embedder.ts";
import { randomNumbers, writeTinyModel } from "../fixtures/tiny-model.ts";

describe("a model folder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-tiny-"));
    await writeTinyModel(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const change = async (file: string, changes: object) => {
    const path = join(folder, file);
    const before = await readFile(path, "utf8").catch(() => "{}");
    await writeFile(path, JSON.stringify({ ...JSON.parse(before), ...changes }));
  };

  it.each(["config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"])(
    "without %s is refused by that name",
    async (file) => {
      await rm(join(folder, file));
      await expect(readClipModelFolder(folder)).rejects.toMatchObject({
        kind: "misconfigured",
        message: expect.stringContaining(`${join(folder, file)} is missing`),
      });
    },
  );

  it("with one tower only is refused by the name of the other", async () => {
    await rm(join(folder, "onnx/vision_model.onnx"));
    await expect(readClipModelFolder(folder)).rejects.toThrow(/vision_model\.onnx is missing/u);
  });

  it("takes int8 weights where there are some, or what it is told to take", async () => {
    await writeTinyModel(folder, { suffix: "_quantized", seed: 2 });
    await writeTinyModel(folder, { suffix: "_int8", seed: 3 });
    const int8 = await readClipModelFolder(folder);
    const fp32 = await readClipModelFolder(folder, { precision: "fp32" });
    expect(int8.graphs.text).toMatch(/text_model_int8\.onnx$/u);
    expect(fp32.graphs.vision).toMatch(/vision_model\.onnx$/u);
    expect(int8.space).not.toBe(fp32.space);
  });

  it("has another space for other weights, other preprocessing and other words, and for nothing else", async () => {
    const spaces = new Set<string>();
    const space = async () => (await readClipModelFolder(folder)).space;
    spaces.add(await space());
    await change("atelier.json", { name: "tiny", title: "Tiny" });
    const named = await space();
    expect(named).toMatch(/^tiny-[0-9a-f]{8}-p1$/u);
    await change("atelier.json", { name: "tiny", title: "Another title" });
    expect(await space()).toBe(named);
    spaces.add(named);
    await change("preprocessor_config.json", { image_mean: [0.4, 0.4, 0.4] });
    spaces.add(await space());
    await change("tokenizer.json", { truncation: null });
    spaces.add(await space());
    await writeTinyModel(folder, { seed: 9 });
    spaces.add(await space());
    expect(spaces.size).toBe(5);
  });

  it.each([
    ["preprocessor_config.json", { crop_size: null }, "a shorter side needs a centre crop"],
    ["preprocessor_config.json", { crop_size: 64 }, "the crop is larger than the size"],
    ["preprocessor_config.json", { resample: 0 }, "is 2 (bilinear) or 3 (bicubic)"],
    ["config.json", { model_type: 7 }, "model_type"],
    ["atelier.json", { name: "Not A Name", title: "x" }, "is made of a-z, 0-9, . and -"],
  ])("with a %s of %j is refused with the reason", async (file, changes, reason) => {
    await change(file, changes);
    await expect(readClipModelFolder(folder)).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining(reason),
    });
  });

  it("whose weights are no ONNX graph is refused by the name of the file", async () => {
    await writeFile(join(folder, "onnx/text_model.onnx"), "not a graph");
    const broken = createOnnxEmbedder({ folder: await readClipModelFolder(folder) });
    await expect(broken).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringMatching(/text_model\.onnx cannot be loaded.*npm run model -- verify/u),
    });
  });

  it.each([
    ["short", "a car", [1, 4, 7, 2]],
    ["long", "a boat ".repeat(30), [1, 4, 8, 4, 8, 4, 8, 4, 8, 4, 8, 2]],
  ])("of SigLIP reads a %s text in lower case and at full length", async (_name, text, ids) => {
    await writeTinyModel(folder, { isSiglip: true });
    const embedder = await createOnnxEmbedder({ folder: await readClipModelFolder(folder) });
    const signal = AbortSignal.timeout(60_000);
    const [row] = await embedder.embedTexts([text.toUpperCase()], { signal });
    await embedder.close();
    const table = Float32Array.from({ length: 14 * 512 }, randomNumbers(1));
    const padded = [...ids, ...Array<number>(12 - ids.length).fill(0)];
    const sum = Array.from({ length: 512 }, (_, at) =>
      padded.reduce((total, id) => total + (table[id * 512 + at] ?? 0), 0),
    );
    const length = Math.hypot(...sum);
    const product = sum.reduce((total, each, at) => total + each * (row?.embedding[at] ?? 0), 0);
    expect(product / length).toBeCloseTo(1, 4);
  });

  it("with graphs of two models is refused at the first picture", async () => {
    const other = join(folder, "other");
    await writeTinyModel(other, { dim: 64 });
    await copyFile(join(other, "onnx/vision_model.onnx"), join(folder, "onnx/vision_model.onnx"));
    const embedder = await createOnnxEmbedder({ folder: await readClipModelFolder(folder) });
    const [picture] = goldenPictures();
    const signal = AbortSignal.timeout(60_000);
    const refused = embedder.embedPictures([picture?.png ?? new Uint8Array()], { signal });
    await expect(refused).rejects.toThrow(/sentences have 512 numbers, pictures 64/u);
    await embedder.close();
  });

  it("brings its vocabulary and suggestions", async () => {
    await change("atelier.json", {
      name: "tiny",
      title: "Tiny",
      knows: { things: ["car"] },
      contentWords: ["car", "cars"],
      stopWords: ["a"],
      suggestions: ["a car"],
    });
    const embedder = await createOnnxEmbedder({
      folder: await readClipModelFolder(folder),
      notice: "Tiny answers.",
    });
    await embedder.close();
    expect(embedder.model).toMatchObject({
      name: "tiny",
      dim: 512,
      vocabulary: { knows: { things: ["car"] }, contentWords: ["car", "cars"], stopWords: ["a"] },
      suggestions: ["a car"],
      calibration: null,
      notice: "Tiny answers.",
    });
  });
});
