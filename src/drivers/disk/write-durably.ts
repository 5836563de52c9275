import { randomUUID } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Writes the bytes to a new file beside `path`, readable by this user only and flushed to the
 * disk, and returns its name. Renaming or linking it to `path` then shows all bytes or none.
 * The leading dot keeps what a crash leaves behind out of the keys (see blob-key.ts).
 */
export async function writeBeside(path: string, bytes: Uint8Array): Promise<string> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(bytes);
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
