import { AtelierError, type BlobStore } from "#core";

/** As much as people may attach. */
const PICTURE_MAX_BYTES = 25_000_000;
const BASE64_MAX_CHARACTERS = Math.ceil(PICTURE_MAX_BYTES / 3) * 4;
const S3_URI = /^s3:\/\/([^/\s]{1,255})\/(.{1,1024})$/su;
const DATA_PREFIX = /^data:[\w.+/;=-]{0,200},/u;

/** The stores whose objects may be named; opened only when an item names one. */
export type OpenStores = () => Promise<readonly BlobStore[]>;

/**
 * The bytes of an item: `s3://bucket/key` in one of our own buckets, or base64 with or without
 * `data:`. Rejects with `invalid_input` or `not_found` where there are none to be had; never
 * fetches from elsewhere, and never reads more than 25 MB.
 */
export async function readPicture(item: string, openStores: OpenStores): Promise<Uint8Array> {
  return item.startsWith("s3://") ? readObject(item, openStores) : readBase64(item);
}

/** Where an object is; rejects with `invalid_input` what is no such name or in a foreign bucket. */
export async function findObject(
  uri: string,
  openStores: OpenStores,
): Promise<{ store: BlobStore; key: string }> {
  const [, bucket, key] = S3_URI.exec(uri) ?? [];
  if (bucket === undefined || key === undefined) {
    throw new AtelierError("invalid_input", `Write s3://bucket/key; ${clip(uri)} is not that.`);
  }
  const stores = await openStores();
  const store = stores.find((each) => each.bucket === bucket);
  if (store === undefined) {
    const names = [...new Set(stores.map((each) => each.bucket))];
    const where =
      names.length === 0
        ? "This service has no bucket to read from: send the picture as base64"
        : `This service reads from ${names.join(", ")} only, not from ${clip(bucket)}`;
    throw new AtelierError("invalid_input", `${where}.`);
  }
  return { store, key };
}

async function readObject(uri: string, openStores: OpenStores): Promise<Uint8Array> {
  const { store, key } = await findObject(uri, openStores);
  const blob = await store.get(key, { maxBytes: PICTURE_MAX_BYTES });
  if (blob !== null) return blob.bytes;
  throw new AtelierError("not_found", `There is no object ${clip(uri)}. Upload it first.`, {
    code: "NoSuchKey",
  });
}

function readBase64(item: string): Uint8Array {
  const prefix = DATA_PREFIX.exec(item)?.[0] ?? "";
  if (item.length - prefix.length > BASE64_MAX_CHARACTERS) {
    throw unreadable(`A picture may have at most ${PICTURE_MAX_BYTES / 1_000_000} MB.`);
  }
  // Encoders that break their lines are common, and some write the alphabet for URLs.
  const base64 = item.slice(prefix.length).replace(/\s+/gu, "");
  if (base64 === "" || !/^[\w+/-]+={0,2}$/u.test(base64)) {
    throw unreadable("A picture is s3://bucket/key or base64; this is neither.");
  }
  return Buffer.from(base64, "base64");
}

function unreadable(message: string): AtelierError {
  return new AtelierError("invalid_input", message, { code: "InvalidImage" });
}

/** Enough to recognise what was sent. */
function clip(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`;
}
