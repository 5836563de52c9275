import { toFloat16 } from "../ports/float16.ts";
import type { BlobStore, Embedder } from "../ports/index.ts";
import { type Checkpoint, newCheckpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { embeddingKey, encodeEmbedding } from "./embeddings-cache.ts";
import type { IngestProgress, Video } from "./video.ts";

/** Frames that are stored and embedded together, and how many such batches at once. */
export const BATCH_FRAMES = 16;
export const BATCHES_AT_ONCE = 2;

export interface IndexVideoOptions {
  signal: AbortSignal;
  report: (progress: Omit<IngestProgress, "secondsLeft">) => void;
}

/** What the steps of indexing one video share. */
export interface IndexRun extends IndexVideoOptions {
  videoId: string;
  dim: number;
  checkpoint: Checkpoint;
  /** Embeddings of the checkpoint's frames, in half precision as they are stored: a resumed video has the same ones. */
  rows: Uint16Array[];
  save(): Promise<void>;
  /** Embeds the pictures of these times and stores their embeddings. */
  embed(pictures: readonly Uint8Array[], timesMs: readonly number[]): Promise<Uint16Array[]>;
  /** Forgets what there was. */
  restart(): void;
}

/** Takes up the video where its checkpoint says, in the embedder's space. */
export async function openIndexRun(
  { id: videoId, sourceEtag }: Pick<Video, "id" | "sourceEtag">,
  { media, embedder }: { media: BlobStore; embedder: Embedder },
  options: IndexVideoOptions,
): Promise<IndexRun> {
  const { space, dim } = embedder.model;
  let lastWrite: Promise<void> = Promise.resolve();
  const run: IndexRun = {
    ...options,
    videoId,
    dim,
    checkpoint: (await readCheckpoint(media, videoId)) ?? { ...newCheckpoint(), sourceEtag },
    rows: [],
    save() {
      lastWrite = lastWrite.then(() => writeCheckpoint(media, videoId, run.checkpoint));
      return lastWrite;
    },
    async embed(pictures, timesMs) {
      const embeddings = await embedder.embedPictures(pictures, { signal: options.signal });
      await Promise.all(
        embeddings.map((embedding, index) =>
          media.put(embeddingKey(videoId, timesMs[index] ?? 0), {
            bytes: encodeEmbedding(embedding),
            mediaType: "application/octet-stream",
          }),
        ),
      );
      return embeddings.map(toFloat16);
    },
    restart() {
      run.checkpoint = { ...newCheckpoint(), sourceEtag, space };
      run.rows = [];
    },
  };
  run.checkpoint.frames.length = run.checkpoint.done;
  if (run.checkpoint.space !== space) {
    run.checkpoint = { ...run.checkpoint, space, embedded: 0 };
    // Before the first embedding of this space takes the place of one of another.
    if (run.checkpoint.done > 0) await run.save();
  }
  return run;
}
