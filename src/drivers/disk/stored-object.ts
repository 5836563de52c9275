import { constants, type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { ByteRange } from "./byte-range.ts";

/**
 * An object opened for reading. It shows the bytes of the moment it was opened, whatever replaces
 * or deletes it meanwhile. End it with exactly one of `bytes`, `stream` and `close`.
 */
export interface StoredObject {
  readonly sizeBytes: number;
  readonly mediaType: string;
  /** Strong, quoted (RFC 9110 section 8.8.3); another one after every put. */
  readonly etag: string;
  bytes(): Promise<Uint8Array>;
  stream(range?: ByteRange): ReadableStream<Uint8Array>;
  close(): Promise<void>;
}

/** Opens the file, or null where a folder has that name; rejects with the system's error. */
export async function openObject(
  path: string,
  readType: () => Promise<string>,
): Promise<StoredObject | null> {
  // Without O_NONBLOCK, opening a pipe that someone put there would wait for its writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) {
      await handle.close();
      return null;
    }
    // A put makes a new inode, and one that is used again has a later time.
    const etag = `"${stats.ino.toString(36)}-${stats.mtimeNs.toString(36)}-${stats.size.toString(36)}"`;
    return openedObject(handle, Number(stats.size), await readType(), etag);
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

function openedObject(
  handle: FileHandle,
  sizeBytes: number,
  mediaType: string,
  etag: string,
): StoredObject {
  return {
    sizeBytes,
    mediaType,
    etag,
    async bytes() {
      try {
        return new Uint8Array(await handle.readFile());
      } finally {
        await handle.close();
      }
    },
    stream(range) {
      // The stream closes the file at its end, at an error and when the reader goes away.
      return Readable.toWeb(handle.createReadStream({ ...range, autoClose: true }));
    },
    close: () => handle.close(),
  };
}
