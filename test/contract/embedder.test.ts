import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEmbedder } from "../../infra/clip-models.ts";
import { type TinyModelOptions, writeTinyModel } from "../fixtures/tiny-model.ts";
import { embedderContract } from "./embedder-contract.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "atelier-embedder-"));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function openTiny(name: string, options: TinyModelOptions) {
  const folder = join(root, name);
  await writeTinyModel(folder, options);
  const settings = { CLIP_MODEL: "demo", CLIP_MODEL_DIR: folder, DATA_DIR: root };
  return (await createEmbedder(settings, { sessions: 2 })).embedder;
}

embedderContract("onnxruntime with two graphs", () => openTiny("split", {}));
embedderContract("onnxruntime with one graph", () => openTiny("combined", { isCombined: true }));
embedderContract("onnxruntime with SigLIP", () => openTiny("siglip", { isSiglip: true, dim: 768 }));
embedderContract("onnxruntime with the built-in demo model", async () => {
  const settings = { CLIP_MODEL: "demo", DATA_DIR: root };
  return (await createEmbedder(settings, { sessions: 2 })).embedder;
});

describe("an ingest of many pictures", () => {
  it("keeps neither a sentence nor a single picture waiting", async () => {
    const embedder = await openTiny("busy", {});
    const { signal } = new AbortController();
    const background = { r: 40, g: 90, b: 160 };
    const jpeg = await sharp({ create: { width: 1280, height: 720, channels: 3, background } })
      .jpeg()
      .toBuffer();
    const done: string[] = [];
    const note = (what: string) => () => void done.push(what);
    try {
      await embedder.embedPictures([jpeg], { signal });
      await Promise.all([
        embedder.embedPictures(Array<Uint8Array>(300).fill(jpeg), { signal }).then(note("ingest")),
        embedder.embedTexts(["a red car"], { signal }).then(note("sentence")),
        embedder.embedPictures([jpeg], { signal }).then(note("picture")),
      ]);
      expect(done.at(-1)).toBe("ingest");
    } finally {
      await embedder.close();
    }
  });
});
