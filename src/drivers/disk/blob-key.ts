import { AtelierError } from "../../errors.ts";

/** As long as S3 allows, so that a key that works here works there. */
const BLOB_KEY_MAX = 1024;

/**
 * What may name a file: segments of lower-case letters, digits and `-_.` that do not begin with a
 * dot. That leaves no `..`, no absolute path, no backslash, no NUL and no percent sign, and keeps
 * names with a leading dot for this driver's own files. A segment's 200 characters leave room for
 * what those names add below the 255 bytes of common file systems.
 */
const BLOB_KEY = /^[a-z0-9_-][a-z0-9_.-]{0,199}(?:\/[a-z0-9_-][a-z0-9_.-]{0,199})*$/;

export function isBlobKey(key: string): boolean {
  return key.length <= BLOB_KEY_MAX && BLOB_KEY.test(key);
}

/** Rejects with `invalid_input` what can name no object. */
export function assertBlobKey(key: string): void {
  if (isBlobKey(key)) return;
  throw new AtelierError(
    "invalid_input",
    `${JSON.stringify(key.slice(0, 80))} cannot name a stored file. Use lower-case letters, digits and "/-_.".`,
  );
}
