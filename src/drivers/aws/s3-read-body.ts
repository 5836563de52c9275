import { open, rm, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { AtelierError } from "../../errors.ts";

/** The length that the answer announced; what arrives is counted all the same. */
export interface BodyBounds {
  announcedBytes: number | undefined;
  maxBytes: number;
}

/** Reads an answer's body; rejects with `invalid_input` above `maxBytes`, before reading where it can. */
export async function readBody(body: unknown, bounds: BodyBounds): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(body, bounds)) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** As `readBody`, into a file that is not there yet; no half a file stays. */
export async function saveBody(body: unknown, path: string, bounds: BodyBounds): Promise<void> {
  const chunks = chunksOf(body, bounds);
  const file = await open(path, "wx", 0o600).catch((thrown) => {
    if (body instanceof Readable) body.destroy();
    throw thrown;
  });
  try {
    await writeFile(file, chunks);
  } catch (thrown) {
    await rm(path, { force: true });
    throw thrown;
  } finally {
    await file.close();
  }
}

async function* chunksOf(body: unknown, bounds: BodyBounds): AsyncGenerator<Uint8Array> {
  if (!(body instanceof Readable))
    throw new AtelierError("internal", "S3 answered without a body.");
  const { announcedBytes = 0, maxBytes } = bounds;
  if (announcedBytes > maxBytes) {
    body.destroy();
    throw tooLarge(`has ${announcedBytes} bytes`, maxBytes);
  }
  let sizeBytes = 0;
  // Leaving the loop early, by a throw too, destroys the body and its connection.
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array))
      throw new AtelierError("internal", "S3 answered with text.");
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge(`has more than ${maxBytes} bytes`, maxBytes);
    yield chunk;
  }
}

function tooLarge(what: string, maxBytes: number): AtelierError {
  return new AtelierError(
    "invalid_input",
    `This file ${what}; at most ${maxBytes} can be read. Give a smaller one.`,
  );
}
