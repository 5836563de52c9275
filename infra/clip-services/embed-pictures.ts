import { type AtelierError, asAtelierError, type Embedder } from "#core";
import { type OpenStores, readPicture } from "./picture-item.ts";
import { type ItemFailure, isItemsOwn } from "./service-answer.ts";

/** How many pictures are held at once; they may have 25 MB each. */
const AT_ONCE = 16;

export interface EmbedPicturesOptions {
  embedder: Embedder;
  openStores: OpenStores;
  signal: AbortSignal;
  /** Ends at the first group of items with a bad one, when nobody would use the rest. */
  stopAtFailure: boolean;
}

export interface EmbeddedPictures {
  /** By the item's place in the list; nothing where it failed, or was not come to. */
  rows: ReadonlyMap<number, Float32Array>;
  /** In the order of the list. */
  failures: readonly ItemFailure[];
}

/** Embeds every item that can be read. Rejects where nothing works; never for an item's own fault. */
export async function embedPictureItems(
  items: readonly string[],
  { embedder, openStores, signal, stopAtFailure }: EmbedPicturesOptions,
): Promise<EmbeddedPictures> {
  const rows = new Map<number, Float32Array>();
  const failures: ItemFailure[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    signal.throwIfAborted();
    const group = items.slice(from, from + AT_ONCE);
    const outcomes = await Promise.all(
      group.map((item) => readPicture(item, openStores).catch(itemFailure)),
    );
    const read: { index: number; picture: Uint8Array }[] = [];
    outcomes.forEach((outcome, at) => {
      const index = from + at;
      if (outcome instanceof Uint8Array) read.push({ index, picture: outcome });
      else failures.push({ index, error: outcome });
    });
    if (failures.length > 0 && stopAtFailure) break;
    const embedded = await embedEach(
      read.map(({ picture }) => picture),
      { embedder, signal },
    );
    read.forEach(({ index }, at) => {
      const row = embedded[at];
      if (row instanceof Float32Array) rows.set(index, row);
      else if (row !== undefined) failures.push({ index, error: row });
    });
    if (failures.length > 0 && stopAtFailure) break;
  }
  return { rows, failures: failures.sort((a, b) => a.index - b.index) };
}

/** One call for all; where that fails because of a picture, one for each, to find out which. */
async function embedEach(
  pictures: readonly Uint8Array[],
  options: { embedder: Embedder; signal: AbortSignal },
): Promise<readonly (Float32Array | AtelierError)[]> {
  if (pictures.length === 0) return [];
  const { embedder, signal } = options;
  try {
    return await embedder.embedPictures(pictures, { signal });
  } catch (thrown) {
    const failure = itemFailure(thrown);
    if (pictures.length === 1) return [failure];
  }
  const each = await Promise.all(pictures.map((picture) => embedEach([picture], options)));
  return each.flat();
}

/** What was thrown, if it is the item's own fault; anything else goes on. */
function itemFailure(thrown: unknown): AtelierError {
  const error = asAtelierError(thrown);
  if (!isItemsOwn(error)) throw error;
  return error;
}
