import { createHash } from "node:crypto";
import { AtelierError } from "../errors.ts";
import type { BlobRef, PreparedPicture } from "../ports/index.ts";
import type { Services } from "../services.ts";

/** Of a stored picture, whoever put it there: as much as people may attach. */
export const PICTURE_MAX_BYTES = 25_000_000;
const formats = ["png", "jpeg", "webp"] as const;

/** A picture of the input store. */
export interface StoredInput extends Omit<PreparedPicture, "bytes"> {
  sha256: string;
  key: string;
}

/**
 * Makes a given picture safe and keeps it in the input store under its SHA-256, once however
 * often it is given. Rejects with `invalid_input` (code `InvalidImage`).
 */
export async function storeInput(
  bytes: Uint8Array,
  { pictures, stores }: Pick<Services, "pictures" | "stores">,
): Promise<StoredInput> {
  const prepared = await pictures.prepare(bytes);
  const { bytes: safeBytes, ...info } = prepared;
  const sha256 = createHash("sha256").update(safeBytes).digest("hex");
  const key = `inputs/${sha256}.${info.mediaType.slice("image/".length)}`;
  if (!(await stores.inputs.has(key))) {
    await stores.inputs.put(key, { bytes: safeBytes, mediaType: info.mediaType });
  }
  return { ...info, sha256, key };
}

/** A picture of the input store by its SHA-256; rejects with `not_found` when it is gone. */
export async function getInput(
  sha256: string,
  { pictures, stores }: Pick<Services, "pictures" | "stores">,
): Promise<StoredInput> {
  for (const format of formats) {
    const key = `inputs/${sha256}.${format}`;
    const blob = await stores.inputs.get(key, { maxBytes: PICTURE_MAX_BYTES });
    if (blob !== null) return { ...(await pictures.inspect(blob.bytes)), sha256, key };
  }
  throw new AtelierError("not_found", "That picture is not kept any more. Attach it again.");
}

/** Copies a picture that was made or found here into the input store. */
export async function storeBlobAsInput(
  { store, key }: BlobRef,
  services: Pick<Services, "pictures" | "stores">,
): Promise<StoredInput> {
  const blob = await services.stores[store].get(key, { maxBytes: PICTURE_MAX_BYTES });
  if (blob === null) {
    throw new AtelierError("not_found", "That picture was deleted. Choose another one.");
  }
  return storeInput(blob.bytes, services);
}
