import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { type BlobStore, type Clock, DEMO_LIBRARY, frameKey, type VideoStore } from "#core";
import { checkpointKey, parseCheckpoint } from "../src/frames/checkpoint.ts";
import { embeddingKey } from "../src/frames/embeddings-cache.ts";
import { frameId, type Ingest, type Video } from "../src/frames/video.ts";
import { videoIdOf, videoTypes } from "../src/frames/video-file.ts";

/** Beside a demo video's frames: their embeddings, row by row as the cache has them one by one. */
export const DEMO_EMBEDDINGS = "embeddings.bin";

/** `videos.json`, beside the videos. */
export const demoVideosSchema = z.object({
  videos: z.array(z.object({ title: z.string(), file: z.string() })),
});

export interface DemoLibraryOptions {
  videos: VideoStore;
  media: BlobStore;
  ingest: Pick<Ingest, "run" | "remove">;
  clock: Clock;
  signal: AbortSignal;
  /** Holds `videos.json`, the videos, and for each a folder of its frames (see training/demo/write-frames.ts). */
  folder?: string;
}

/**
 * Puts the demo videos into the library that everyone has, and indexes them in the model's space:
 * from the frames that come with them, without ffmpeg, and in the demo model's own space from
 * the embeddings that come with them, without loading its larger half. What is there already is left alone;
 * demo videos of an earlier release are removed.
 */
export async function seedDemoLibrary(options: DemoLibraryOptions): Promise<void> {
  const { videos, ingest, signal } = options;
  const root =
    options.folder === undefined
      ? new URL("./demo/videos/", import.meta.url)
      : pathToFileURL(`${options.folder}/`);
  const list = demoVideosSchema.parse(
    JSON.parse(await readFile(new URL("videos.json", root), "utf8")),
  );
  const ids: string[] = [];
  for (const { title, file } of list.videos) {
    const path = fileURLToPath(new URL(file, root));
    const id = await videoIdOf(DEMO_LIBRARY, path, signal);
    ids.push(id);
    if ((await videos.find(id)) === null) {
      const video = demoVideo({ id, title, file, addedAtMs: options.clock.nowMs() });
      await store(video, { path, frames: new URL(`${id}/`, root), media: options.media });
      await videos.add(video);
    }
  }
  // Beside each other: the line decides how many at once.
  await Promise.all(ids.map((id) => ingest.run(id, { signal, progress: () => {} })));
  for (const { id } of await videos.list(DEMO_LIBRARY)) {
    if (!ids.includes(id)) await ingest.remove(id);
  }
}

function demoVideo(given: Pick<Video, "id" | "title" | "addedAtMs"> & { file: string }): Video {
  const { file, ...video } = given;
  const extension = extname(file);
  const [, mediaType = "video/mp4"] =
    Object.entries(videoTypes).find(([name]) => `.${name}` === extension) ?? [];
  return {
    ...video,
    library: DEMO_LIBRARY,
    sourceKey: `videos/${video.id}${extension}`,
    mediaType,
    durationMs: 0,
    frameCount: 0,
    status: "uploaded",
    failure: null,
    space: "",
    addedBy: "",
    indexedAtMs: null,
  };
}

/** The checkpoint last: it says that all frames are there, so that none has to be decoded. */
async function store(
  video: Video,
  { path, frames, media }: { path: string; frames: URL; media: BlobStore },
): Promise<void> {
  const bytes = await readFile(new URL("frames.json", frames));
  const checkpoint = parseCheckpoint(bytes);
  if (checkpoint === null) throw new Error(`The frames of ${path} are not as they were written.`);
  await media.putFile(video.sourceKey, path, video.mediaType);
  const rows = await readFile(new URL(DEMO_EMBEDDINGS, frames));
  const rowBytes = rows.length / checkpoint.embedded;
  await Promise.all(
    checkpoint.frames.map(async ({ timeMs }, index) => {
      await media.put(embeddingKey(video.id, timeMs), {
        bytes: rows.subarray(index * rowBytes, (index + 1) * rowBytes),
        mediaType: "application/octet-stream",
      });
      const jpeg = await readFile(new URL(`${frameId(timeMs)}.jpg`, frames));
      await media.put(frameKey(video.id, timeMs), { bytes: jpeg, mediaType: "image/jpeg" });
    }),
  );
  await media.put(checkpointKey(video.id), { bytes, mediaType: "application/json" });
}
