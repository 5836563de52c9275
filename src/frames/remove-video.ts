import type { BlobStore, FrameIndex } from "../ports/index.ts";
import { checkpointKey, readCheckpoint } from "./checkpoint.ts";
import { embeddingKey } from "./embeddings-cache.ts";
import { frameKey, type Video } from "./video.ts";

const AT_ONCE = 32;

/** Removes a video from the index, and its frames and embeddings from the store; again and again without harm. */
export async function removeFrames(
  video: Pick<Video, "id" | "space">,
  { media, index }: { media: BlobStore; index: FrameIndex },
): Promise<void> {
  const checkpoint = await readCheckpoint(media, video.id);
  const isIndexed = checkpoint === null && video.space !== "";
  const segment = isIndexed ? await index.get(video.id, video.space) : null;
  await index.delete(video.id);
  const frames = checkpoint?.frames ?? segment?.frames ?? [];
  const keys = frames.flatMap(({ timeMs }) => [
    frameKey(video.id, timeMs),
    embeddingKey(video.id, timeMs),
  ]);
  await deleteAll(media, keys);
  // Last: it is what names the others.
  await media.delete(checkpointKey(video.id));
}

export async function deleteAll(media: BlobStore, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    await Promise.all(keys.slice(start, start + AT_ONCE).map((key) => media.delete(key)));
  }
}
