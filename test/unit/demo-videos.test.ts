import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readClipModelFolder } from "../../src/drivers/onnx/clip-model-folder.ts";
import { createOnnxEmbedder } from "../../src/drivers/onnx/onnx-embedder.ts";
import { parseCheckpoint } from "../../src/frames/checkpoint.ts";
import { decodeEmbedding } from "../../src/frames/embeddings-cache.ts";
import { frameId } from "../../src/frames/video.ts";
import type { Embedder } from "../../src/ports/index.ts";
import { cosine } from "../fixtures/held-out-collection.ts";

interface VideoList {
  videos: {
    title: string;
    file: string;
    durationMs: number;
    shots: { fromMs: number; toMs: number; caption: string }[];
  }[];
}

const demo = join(import.meta.dirname, "../../infra/demo");
const list: VideoList = JSON.parse(readFileSync(join(demo, "videos/videos.json"), "utf8"));
const signal = new AbortController().signal;

function frameAt(file: string, ms: number): Buffer {
  const input = ["-v", "error", "-ss", String(ms / 1000), "-i", join(demo, "videos", file)];
  const output = ["-frames:v", "1", "-q:v", "3", "-f", "image2pipe", "-c:v", "mjpeg", "-"];
  return execFileSync("ffmpeg", [...input, ...output]);
}

describe("the demo videos", () => {
  let embedder: Embedder;
  let frames: readonly Float32Array[];
  const shots = list.videos.flatMap(({ file, shots: of }) => of.map((shot) => ({ file, ...shot })));
  beforeAll(async () => {
    embedder = await createOnnxEmbedder({
      folder: await readClipModelFolder(join(demo, "model")),
      sessions: 1,
    });
    const pictures = shots.map(({ file, fromMs, toMs }) => frameAt(file, (fromMs + toMs) / 2));
    frames = await embedder.embedPictures(pictures, { signal });
  });
  afterAll(() => embedder.close());

  async function bestShot(text: string): Promise<{ caption: string; score: number }> {
    const [query] = await embedder.embedTexts([text], { signal });
    if (query === undefined) throw new Error("No embedding came back.");
    const scored = frames.map((frame, at) => ({
      caption: shots[at]?.caption ?? "",
      score: cosine(query.embedding, frame),
    }));
    return scored.reduce((best, each) => (each.score > best.score ? each : best));
  }

  it("bring embeddings that are this model's", async () => {
    const folders = readdirSync(join(demo, "videos"), { withFileTypes: true });
    const ids = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(ids).toHaveLength(list.videos.length);
    for (const id of ids) {
      const folder = join(demo, "videos", id);
      const checkpoint = parseCheckpoint(readFileSync(join(folder, "frames.json")));
      if (checkpoint === null) throw new Error(`${id} has no frames.`);
      expect(checkpoint.space).toBe(embedder.model.space);
      const pictures = checkpoint.frames.map(({ timeMs }) =>
        readFileSync(join(folder, `${frameId(timeMs)}.jpg`)),
      );
      const rows = await embedder.embedPictures(pictures, { signal });
      const kept = readFileSync(join(folder, "embeddings.bin"));
      expect([rows.length, kept.length]).toEqual([checkpoint.embedded, rows.length * 1_024]);
      for (const [index, row] of rows.entries()) {
        const bytes = kept.subarray(index * 1_024, (index + 1) * 1_024);
        const embedding = decodeEmbedding(bytes, embedder.model.dim);
        expect(cosine(embedding ?? new Float32Array(row.length), row)).toBeGreaterThan(0.999);
      }
    }
  });

  it.each([
    ["a red car at night", "a red car in the city at night"],
    ["a white boat at sunset", "a white boat by the sea at sunset"],
    ["a brown dog in the park in the morning", "a brown dog in the park in the morning"],
    ["a brown castle in the snow", "a brown castle in the snow by day"],
    ["a green turtle on the beach", "a green turtle on the beach by day"],
    ["a blue rocket in the snow at night", "a blue rocket in the snow at night"],
  ])("answer the suggestion “%s” with the right shot, clearly enough", async (text, caption) => {
    const best = await bestShot(text);
    expect(embedder.model.suggestions).toContain(text);
    expect(best.caption).toBe(caption);
    expect(best.score).toBeGreaterThan(embedder.model.calibration?.maybe.floors["3"]?.["100"] ?? 1);
  });

  it("are small, and as long as their list says", () => {
    for (const { file, durationMs, shots: of } of list.videos) {
      const path = join(demo, "videos", file);
      expect(statSync(path).size).toBeLessThan(600_000);
      expect(of.at(-1)?.toMs).toBe(durationMs);
      const args = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path];
      const seconds = Number(execFileSync("ffprobe", args, { encoding: "utf8" }));
      expect(Math.abs(seconds * 1000 - durationMs)).toBeLessThan(100);
    }
  });
});
