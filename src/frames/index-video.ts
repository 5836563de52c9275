import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { AtelierError } from "../errors.ts";
import { fromFloat16 } from "../ports/float16.ts";
import type { BlobStore, Embedder, FrameSegment, VideoDecoder } from "../ports/index.ts";
import { decodeRest } from "./decode-rest.ts";
import { embedStored } from "./embed-stored.ts";
import { type IndexVideoOptions, openIndexRun } from "./index-run.ts";
import type { Video } from "./video.ts";

export interface IndexVideoServices {
  media: BlobStore;
  embedder: Embedder;
  decoder: VideoDecoder;
  /** Where the video's file lies while it is decoded. */
  workFolder: string;
}

export interface IndexedFrames {
  segment: FrameSegment;
  durationMs: number;
}

/**
 * All frames of a video with their embeddings. Thumbnails and embeddings are stored as they come,
 * and a checkpoint names them: what an earlier try left is not decoded, or embedded, again.
 */
export async function indexVideo(
  video: Pick<Video, "id" | "sourceKey" | "sourceEtag">,
  services: IndexVideoServices,
  options: IndexVideoOptions,
): Promise<IndexedFrames> {
  const run = await openIndexRun(video, services, options);
  // Someone tidied the store: from the beginning.
  if (!(await embedStored(run, services.media))) run.restart();
  if (!run.checkpoint.isDecoded) {
    await withFile(video, services, (path) => decodeRest(run, path, services));
  }
  const { rows, dim, checkpoint } = run;
  options.report({ phase: "finishing", share: 1, frames: rows.length });
  options.signal.throwIfAborted();
  const embeddings = new Float32Array(rows.length * dim);
  for (const [index, row] of rows.entries()) embeddings.set(fromFloat16(row), index * dim);
  const { frames, durationMs, space } = checkpoint;
  return { segment: { videoId: video.id, space, dim, frames, embeddings }, durationMs };
}

async function withFile(
  { id, sourceKey }: Pick<Video, "id" | "sourceKey">,
  { media, workFolder }: Pick<IndexVideoServices, "media" | "workFolder">,
  work: (path: string) => Promise<void>,
): Promise<void> {
  await mkdir(workFolder, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(workFolder, `${id}-`));
  try {
    const path = join(folder, `video${extname(sourceKey)}`);
    if (!(await media.getFile(sourceKey, path))) {
      throw new AtelierError("not_found", "The video's file is gone. Add the video again.");
    }
    await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
