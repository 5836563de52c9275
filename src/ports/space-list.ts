import { z } from "zod";
import type { BlobStore } from "./blob-store.ts";

const SPACES_KEY = "index/spaces.json";
const schema = z.object({ spaces: z.array(z.string()) });

/**
 * The spaces that segments were ever put into, so that a video can be removed from all of them:
 * a BlobStore cannot be asked for its keys.
 */
export function createSpaceList(store: BlobStore) {
  const remembered = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();

  async function read(): Promise<string[]> {
    const blob = await store.get(SPACES_KEY);
    if (blob === null) return [];
    try {
      return schema.parse(JSON.parse(Buffer.from(blob.bytes).toString())).spaces;
    } catch {
      // Damaged: it is written anew with the next space; nothing is searched by it.
      return [];
    }
  }

  return {
    all: async () => [...new Set([...(await read()), ...remembered])],

    /** Writes the space down when it is a new one, before anything is put into it. */
    async remember(space: string): Promise<void> {
      if (remembered.has(space)) return;
      const write = async () => {
        const known = await read();
        if (!known.includes(space)) {
          const bytes = Buffer.from(JSON.stringify({ spaces: [...known, space] }));
          await store.put(SPACES_KEY, { bytes, mediaType: "application/json" });
        }
        remembered.add(space);
      };
      // One after the other: each writes the whole list.
      const mine = turn.then(write);
      turn = mine.catch(() => {});
      await mine;
    },
  };
}
