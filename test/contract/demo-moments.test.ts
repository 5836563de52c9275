import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createFfmpegVideoDecoder } from "../../src/drivers/ffmpeg/ffmpeg-video-decoder.ts";
import { readClipModelFolder } from "../../src/drivers/onnx/clip-model-folder.ts";
import { createOnnxEmbedder } from "../../src/drivers/onnx/onnx-embedder.ts";
import { findMoments, type MomentSearch } from "../../src/frames/find-moments.ts";
import type { Embedder } from "../../src/ports/index.ts";
import { createMomentLibrary } from "../fixtures/moment-library.ts";

const demo = join(import.meta.dirname, "../../infra/demo");
const listSchema = z.object({
  videos: z.array(
    z.object({
      title: z.string(),
      file: z.string(),
      shots: z.array(z.object({ fromMs: z.number(), toMs: z.number(), caption: z.string() })),
    }),
  ),
});
const signal = new AbortController().signal;

describe("finding moments in the demo videos with the demo model", () => {
  let embedder: Embedder;
  let library: Awaited<ReturnType<typeof createMomentLibrary>>;
  let videos: MomentSearch["videos"];
  let list: z.infer<typeof listSchema>["videos"];

  beforeAll(async () => {
    embedder = await createOnnxEmbedder({
      folder: await readClipModelFolder(join(demo, "model")),
      sessions: 1,
    });
    library = await createMomentLibrary(embedder);
    list = listSchema.parse(
      JSON.parse(await readFile(join(demo, "videos/videos.json"), "utf8")),
    ).videos;
    videos = await Promise.all(
      list.map(({ file }) => index(file.replace(/\.mp4$/u, ""), join(demo, "videos", file))),
    );
  });
  afterAll(async () => {
    await library?.close();
    await embedder?.close();
  });

  /** Every candidate frame, as far as the index is concerned. */
  async function index(id: string, path: string) {
    const decoder = createFfmpegVideoDecoder({ maxBytes: 1e9, maxHours: 1 });
    const frames: { timeMs: number; shot: number; jpeg: Uint8Array }[] = [];
    for await (const frame of decoder.frames(path, { signal })) frames.push(frame);
    const rows = await embedder.embedPictures(
      frames.map(({ jpeg }) => jpeg),
      { signal },
    );
    const { dim, space } = embedder.model;
    const embeddings = new Float32Array(rows.length * dim);
    rows.forEach((row, at) => {
      embeddings.set(row, at * dim);
    });
    const places = frames.map(({ timeMs, shot }) => ({ timeMs, shot }));
    await library.services.index.put({ videoId: id, space, dim, frames: places, embeddings });
    return { id, space };
  }

  const find = (text: string, not?: string) =>
    findMoments(
      { query: { text }, videos, count: 4, ...(not !== undefined && { not }) },
      library.services,
      { page: 0, signal },
    );

  it("finds the shot of every caption among the first four, nearly always as the first", async () => {
    const ranks: number[] = [];
    for (const { file, shots } of list) {
      for (const { caption, fromMs, toMs } of shots) {
        const { moments } = await find(caption);
        const id = file.replace(/\.mp4$/u, "");
        ranks.push(
          moments.findIndex((m) => m.videoId === id && m.timeMs >= fromMs && m.timeMs < toMs),
        );
      }
    }
    expect(ranks.filter((rank) => rank === -1)).toEqual([]);
    expect(ranks.filter((rank) => rank === 0).length / ranks.length).toBeGreaterThanOrEqual(0.9);
  });

  it("is sure of every sentence that it proposes", async () => {
    for (const text of embedder.model.suggestions) {
      expect((await find(text)).isClear, text).toBe(true);
    }
  });

  it("says that nothing fits where nothing does", async () => {
    for (const text of ["a guitar in the city", "a snake in the desert at night", "a helicopter"]) {
      expect((await find(text)).isClear, text).toBe(false);
    }
  });

  it.each([
    ["a rabbit", "rabbit"],
    ["the park", "rabbit"],
    ["a lighthouse", "lighthouse"],
    ["the beach", "lighthouse"],
    ["a rocket", "rocket"],
    ["snow", "rocket"],
  ])("leaves out what is to be avoided: night, but not %s", async (not, thing) => {
    const captions = async (avoided?: string) =>
      (await find("night", avoided)).moments.map((each) => captionAt(each.videoId, each.timeMs));
    const all = await captions();
    expect(all.filter((caption) => caption.includes(thing))).toHaveLength(1);
    const others = all.filter((caption) => !caption.includes(thing));
    expect((await captions(not)).toSorted()).toEqual(others.toSorted());
  });

  it("refuses a word that it does not know", async () => {
    const knows = /^The demo model knows .* it does not know “giraffe”/u;
    await expect(find("a giraffe at night")).rejects.toThrow(knows);
  });

  function captionAt(videoId: string, timeMs: number): string {
    const video = list.find(({ file }) => file === `${videoId}.mp4`);
    return video?.shots.find(({ toMs }) => timeMs < toMs)?.caption ?? "";
  }
});
