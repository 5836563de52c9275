import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const COPY_CHUNK_BYTES = 1024 ** 2;

/**
 * Writes the bytes to a new file beside `path`, readable by this user only and flushed to the
 * disk, and returns its name. Renaming or linking it to `path` then shows all bytes or none.
 * The leading dot keeps what a crash leaves behind out of the keys (see blob-key.ts).
 */
export function writeBeside(path: string, bytes: Uint8Array): Promise<string> {
  return fillBeside(path, (handle) => handle.writeFile(bytes));
}

/** As `writeBeside`, with the bytes of a file, which are not held in memory. */
export function copyBeside(path: string, sourcePath: string): Promise<string> {
  return fillBeside(path, (handle) =>
    writeFile(handle, createReadStream(sourcePath, { highWaterMark: COPY_CHUNK_BYTES })),
  );
}

async function fillBeside(
  path: string,
  fill: (handle: FileHandle) => Promise<void>,
): Promise<string> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await fill(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
  return temporary;
}

/** Makes renames in a folder last through a power cut: their names are the folder's contents. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
