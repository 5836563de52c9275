import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createFfmpegVideoDecoder } from "../../../src/drivers/ffmpeg/ffmpeg-video-decoder.ts";
import { encodeCheckpoint, newCheckpoint } from "../../../src/frames/checkpoint.ts";
import { createFrameChooser } from "../../../src/frames/choose-frames.ts";
import { encodeEmbedding } from "../../../src/frames/embeddings-cache.ts";
import { DEMO_LIBRARY, frameId } from "../../../src/frames/video.ts";
import { videoIdOf } from "../../../src/frames/video-file.ts";
import { createEmbedder, DEMO_MODEL } from "../../clip-models.ts";
import { DEMO_EMBEDDINGS, demoVideosSchema } from "../../demo-library.ts";

/**
 * `node --import tsx infra/training/demo/write-frames.ts`, after the demo videos or the demo model
 * have changed: writes the frames of each beside it, as indexing would choose them, with their
 * embeddings, so that a new process finds moments without ffmpeg and without embedding; then `npx biome format --write infra/demo/videos`. Needs ffmpeg.
 */
const videos = new URL("../../demo/videos/", import.meta.url);
const decoder = createFfmpegVideoDecoder({ maxBytes: 100_000_000, maxHours: 1 });
const signal = new AbortController().signal;
const { embedder } = await createEmbedder({ CLIP_MODEL: DEMO_MODEL, DATA_DIR: "." });

for (const entry of await readdir(videos, { withFileTypes: true })) {
  if (entry.isDirectory()) await rm(new URL(`${entry.name}/`, videos), { recursive: true });
}
const list = demoVideosSchema.parse(
  JSON.parse(await readFile(new URL("videos.json", videos), "utf8")),
);
for (const { file } of list.videos) {
  const path = fileURLToPath(new URL(file, videos));
  const folder = new URL(`${await videoIdOf(DEMO_LIBRARY, path, signal)}/`, videos);
  await mkdir(folder);
  const checkpoint = newCheckpoint();
  checkpoint.durationMs = (await decoder.probe(path, { signal })).durationMs;
  const chooser = createFrameChooser({ after: null });
  const pictures: Uint8Array[] = [];
  for await (const candidate of decoder.frames(path, { signal })) {
    for (const { timeMs, shot, luma, jpeg } of chooser.offer(candidate)) {
      await writeFile(new URL(`${frameId(timeMs)}.jpg`, folder), jpeg);
      pictures.push(jpeg);
      checkpoint.frames.push({ timeMs, shot });
      checkpoint.lastLuma = luma;
    }
  }
  checkpoint.done = checkpoint.frames.length;
  checkpoint.isDecoded = true;
  const rows = await embedder.embedPictures(pictures, { signal });
  await writeFile(new URL(DEMO_EMBEDDINGS, folder), Buffer.concat(rows.map(encodeEmbedding)));
  checkpoint.space = embedder.model.space;
  checkpoint.embedded = rows.length;
  await writeFile(new URL("frames.json", folder), encodeCheckpoint(checkpoint));
  process.stdout.write(`${file}: ${checkpoint.done} frames\n`);
}
await embedder.close();
