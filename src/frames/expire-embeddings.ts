import type { BlobStore } from "../ports/index.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { embeddingKey } from "./embeddings-cache.ts";
import { deleteAll } from "./remove-video.ts";
import type { Video } from "./video.ts";

/** How long embeddings stay beside the index; in a bucket its rule `embeddings-cache-7d` sees to it. */
const EMBEDDINGS_KEPT_MS = 7 * 24 * 3_600_000;

/** Removes the embeddings of videos that were indexed a week ago; the index has them in itself. */
export async function expireEmbeddings(
  videos: readonly Video[],
  { media, nowMs }: { media: BlobStore; nowMs: number },
): Promise<void> {
  for (const { id, status, indexedAtMs } of videos) {
    if (status !== "ready" || nowMs - (indexedAtMs ?? nowMs) < EMBEDDINGS_KEPT_MS) continue;
    const checkpoint = await readCheckpoint(media, id);
    if (checkpoint === null || checkpoint.embedded === 0) continue;
    const keys = checkpoint.frames.map(({ timeMs }) => embeddingKey(id, timeMs));
    await deleteAll(media, keys);
    await writeCheckpoint(media, id, { ...checkpoint, embedded: 0 });
  }
}
