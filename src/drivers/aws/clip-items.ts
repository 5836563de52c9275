import { tooLargeForClip } from "./clip-errors.ts";

/**
 * Below the 6 MB (6,291,456 bytes) of a Lambda's request, with room for what is around the items.
 * Source: AWS Lambda Developer Guide, "Lambda quotas". SageMaker takes as much or more.
 */
const CLIP_REQUEST_MAX_BYTES = 6_000_000;
/** Keeps the answer far below 6 MB too: a row of 768 numbers is about 9 kB of JSON. */
const ITEMS_PER_CALL = 256;
/** Base64 has 4 characters for 3 bytes. */
const PICTURE_MAX_BYTES = Math.floor((CLIP_REQUEST_MAX_BYTES * 3) / 4) - 1_024;
/** Still many times what a model looks at. */
const SHRUNK_SIDE_PX = 2_048;
const SHRUNK_QUALITY = 92;

/** The items in their order, in as few calls as fit. */
export function splitIntoCalls(items: readonly string[]): string[][] {
  const calls: string[][] = [];
  let sizeBytes = 0;
  for (const item of items) {
    const itemBytes = Buffer.byteLength(JSON.stringify(item)) + 1;
    const call = calls.at(-1);
    const fits =
      call !== undefined &&
      call.length < ITEMS_PER_CALL &&
      sizeBytes + itemBytes <= CLIP_REQUEST_MAX_BYTES;
    if (fits) call.push(item);
    else calls.push([item]);
    sizeBytes = fits ? sizeBytes + itemBytes : itemBytes;
  }
  return calls;
}

/** A picture as an item; one that no request could carry is scaled down first. */
export async function pictureItem(bytes: Uint8Array): Promise<string> {
  const fitting = bytes.length <= PICTURE_MAX_BYTES ? bytes : await shrink(bytes);
  return Buffer.from(fitting).toString("base64");
}

async function shrink(bytes: Uint8Array): Promise<Uint8Array> {
  const side = SHRUNK_SIDE_PX;
  // Loaded late: few pictures are so large, and a function that only searches has no other use for it.
  const { default: sharp } = await import("sharp");
  try {
    return await sharp(bytes)
      .keepExif()
      .resize(side, side, { fit: "inside", withoutEnlargement: true })
      .jpeg({ quality: SHRUNK_QUALITY })
      .toBuffer();
  } catch (cause) {
    throw tooLargeForClip(cause);
  }
}
