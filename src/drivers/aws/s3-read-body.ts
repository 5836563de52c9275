import { Readable } from "node:stream";
import { AtelierError } from "../../errors.ts";

/** The length that the answer announced; what arrives is counted all the same. */
export interface BodyBounds {
  announcedBytes: number | undefined;
  maxBytes: number;
}

/** Reads an answer's body; rejects with `invalid_input` above `maxBytes`, before reading where it can. */
export async function readBody(body: unknown, bounds: BodyBounds): Promise<Uint8Array> {
  if (!(body instanceof Readable))
    throw new AtelierError("internal", "S3 answered without a body.");
  const { announcedBytes = 0, maxBytes } = bounds;
  if (announcedBytes > maxBytes) {
    body.destroy();
    throw tooLarge(`has ${announcedBytes} bytes`, maxBytes);
  }
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  // Leaving the loop early, by a throw too, destroys the body and its connection.
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array))
      throw new AtelierError("internal", "S3 answered with text.");
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge(`has more than ${maxBytes} bytes`, maxBytes);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function tooLarge(what: string, maxBytes: number): AtelierError {
  return new AtelierError(
    "invalid_input",
    `This file ${what}; at most ${maxBytes} can be read. Give a smaller one.`,
  );
}
