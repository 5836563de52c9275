import { open, rm, writeFile } from "node:fs/promises";
import type { ReadableStream } from "node:stream/web";

/** Writes a stream to a file that is not there yet, readable by this user only; no half a file stays. */
export async function writeNewFile(path: string, bytes: ReadableStream<Uint8Array>): Promise<void> {
  const handle = await open(path, "wx", 0o600).catch(async (thrown) => {
    await bytes.cancel();
    throw thrown;
  });
  try {
    await writeFile(handle, bytes);
  } catch (thrown) {
    await rm(path, { force: true });
    throw thrown;
  } finally {
    await handle.close();
  }
}
