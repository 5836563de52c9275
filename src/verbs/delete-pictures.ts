import { AtelierError } from "../errors.ts";
import type { JobRecord } from "../job/job.ts";
import type { Services } from "../services.ts";

/**
 * Deletes a job's pictures for the person who asked for it: the objects and their cache entries.
 * A picture that came from the cache belongs to whoever had it made, and only leaves this card.
 */
export async function deletePictures(
  record: JobRecord,
  user: string,
  { stores, cache }: Pick<Services, "stores" | "cache">,
): Promise<{ deleted: number }> {
  if (record.user !== user) {
    throw new AtelierError("not_allowed", "Only the person who asked for a picture can delete it.");
  }
  const own = record.pictures.filter((picture) => picture.madeBy === user);
  for (const picture of own) {
    // The entry first: what is no longer found can then go.
    for (const hash of picture.promptHashes) await cache.forget(hash, picture.blob.key);
    await stores[picture.blob.store].delete(picture.blob.key);
  }
  return { deleted: own.length };
}
