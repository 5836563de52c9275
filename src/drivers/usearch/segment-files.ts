import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AtelierError } from "../../errors.ts";
import { type BlobStore, SEGMENT_MEDIA_TYPE, segmentKey } from "../../ports/index.ts";

/** A segment's id: its video and its space. */
export interface SegmentName {
  videoId: string;
  space: string;
}

export interface SegmentFilesOptions {
  segments: BlobStore;
  /** The file that the store keeps an object of this key in, where it is a folder on this machine. */
  localPath: ((key: string) => string) | null;
  /** Else, where copies of the segments are kept for this process alone; emptied when it starts. */
  cacheDir: string;
}

/** Segments in the store, and as files on this machine, where the scan reads them. */
export function createSegmentFiles({ segments, localPath, cacheDir }: SegmentFilesOptions) {
  let emptied: Promise<void> | null = null;

  function pathOf({ videoId, space }: SegmentName): string {
    // Names become paths here.
    for (const name of [videoId, space]) {
      if (!/^[a-z0-9_-][a-z0-9_.-]{0,199}$/u.test(name)) {
        throw new AtelierError("internal", `${JSON.stringify(name)} can name no segment.`);
      }
    }
    const key = segmentKey(videoId, space);
    return localPath === null ? join(cacheDir, key) : localPath(key);
  }

  /** A file appears under its name whole or not at all, also while the scan reads an earlier one. */
  async function writeCopy(path: string, write: (to: string) => Promise<unknown>): Promise<void> {
    emptied ??= rm(cacheDir, { recursive: true, force: true });
    await emptied;
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await write(temporary);
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  return {
    pathOf,

    put: (name: SegmentName, bytes: Uint8Array): Promise<void> =>
      segments.put(segmentKey(name.videoId, name.space), {
        bytes,
        mediaType: SEGMENT_MEDIA_TYPE,
      }),

    async get(name: SegmentName): Promise<Uint8Array | null> {
      const blob = await segments.get(segmentKey(name.videoId, name.space));
      return blob?.bytes ?? null;
    },

    /** The path of the segment's file as the store has it now; null when it has none. */
    async fetch(name: SegmentName): Promise<string | null> {
      const path = pathOf(name);
      if (localPath !== null) return (await exists(path)) ? path : null;
      const key = segmentKey(name.videoId, name.space);
      let isThere = false;
      await writeCopy(path, async (to) => {
        isThere = await segments.getFile(key, to);
        if (!isThere) throw new AtelierError("not_found", `There is no ${key}.`);
      }).catch((thrown) => {
        if (isThere || !(thrown instanceof AtelierError) || thrown.kind !== "not_found")
          throw thrown;
      });
      return isThere ? path : null;
    },

    async delete(name: SegmentName): Promise<void> {
      await segments.delete(segmentKey(name.videoId, name.space));
      if (localPath === null) await rm(pathOf(name), { force: true });
    },

    async close(): Promise<void> {
      if (localPath === null) await rm(cacheDir, { recursive: true, force: true });
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}
