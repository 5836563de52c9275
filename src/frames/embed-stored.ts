import { toFloat16 } from "../ports/float16.ts";
import type { BlobStore } from "../ports/index.ts";
import { readEmbedding } from "./embeddings-cache.ts";
import { BATCH_FRAMES, BATCHES_AT_ONCE, type IndexRun } from "./index-run.ts";
import { createOverlapped } from "./overlapped.ts";
import { frameKey } from "./video.ts";

/**
 * The embeddings of the frames that have their thumbnail: kept ones where they are of this space,
 * else made from the thumbnail. False when a thumbnail is gone.
 */
export async function embedStored(run: IndexRun, media: BlobStore): Promise<boolean> {
  const { checkpoint, rows, videoId, dim } = run;

  async function embeddingsFrom(start: number): Promise<Uint16Array[]> {
    const times = checkpoint.frames.slice(start, start + BATCH_FRAMES).map(({ timeMs }) => timeMs);
    const kept = await Promise.all(
      times.map((timeMs, index) =>
        start + index < checkpoint.embedded ? readEmbedding(media, { videoId, timeMs, dim }) : null,
      ),
    );
    const missing = times.filter((_, index) => kept[index] === null);
    const pictures = await Promise.all(
      missing.map(async (timeMs) => {
        const blob = await media.get(frameKey(videoId, timeMs));
        if (blob === null) throw new ThumbnailGone();
        return blob.bytes;
      }),
    );
    const made = missing.length === 0 ? [] : await run.embed(pictures, missing);
    return kept.map((embedding) => {
      const row = embedding === null ? made.shift() : toFloat16(embedding);
      if (row === undefined) throw new Error("The embedder left a picture out.");
      return row;
    });
  }

  const batches = createOverlapped({
    atOnce: BATCHES_AT_ONCE,
    work: embeddingsFrom,
    finish: async (start, found) => {
      rows.push(...found);
      const share = rows.length / checkpoint.done;
      run.report({ phase: "embedding", share, frames: rows.length });
      if (start + found.length <= checkpoint.embedded) return;
      checkpoint.embedded = start + found.length;
      await run.save();
    },
  });
  try {
    for (let start = 0; start < checkpoint.done; start += BATCH_FRAMES) {
      run.signal.throwIfAborted();
      await batches.add(start);
    }
    await batches.drain();
    return true;
  } catch (thrown) {
    if (thrown instanceof ThumbnailGone) return false;
    throw thrown;
  } finally {
    await batches.settle();
  }
}

class ThumbnailGone extends Error {}
