import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { deflateRawSync } from "node:zlib";

/** PKWARE's APPNOTE, 4.3.7 and 4.3.12: what a zip adds for each file, its name twice, and once at the end. */
const HEADERS_BYTES = 30 + 46;
const END_BYTES = 22;

/** How large a zip of the folder is: each file compressed by itself. */
export async function zippedSizeBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let sizeBytes = END_BYTES;
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const compressed = deflateRawSync(await readFile(path), { level: 9 });
    const nameBytes = Buffer.byteLength(relative(folder, path));
    sizeBytes += compressed.byteLength + HEADERS_BYTES + 2 * nameBytes;
  }
  return sizeBytes;
}
