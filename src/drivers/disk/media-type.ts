import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { AtelierError } from "../../errors.ts";
import { saysAbsent } from "./disk-errors.ts";

const typeByExtension: Readonly<Record<string, string>> = {
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".png": "image/png",
  ".webp": "image/webp",
  ".mp4": "video/mp4",
  ".mov": "video/quicktime",
  ".webm": "video/webm",
  ".mkv": "video/x-matroska",
};

/** RFC 9110 section 8.3.1, without quoted parameters. */
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,60}\/[\w!#$&^.+-]{1,100}(?:; ?[\w-]{1,40}=[\w.+-]{1,60})?$/;

/** Rejects with `invalid_input` what could not stand in a Content-Type header. */
export function assertMediaType(mediaType: string): void {
  if (MEDIA_TYPE.test(mediaType)) return;
  throw new AtelierError(
    "invalid_input",
    `${JSON.stringify(mediaType.slice(0, 80))} is no media type.`,
  );
}

/** What the extension alone says. */
export function typeOfName(path: string): string {
  return typeByExtension[extname(path)] ?? "application/octet-stream";
}

/** Where the type of a file is kept when its extension says something else. */
export function typeFileOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.type`);
}

export async function readMediaType(path: string): Promise<string> {
  try {
    return await readFile(typeFileOf(path), "utf8");
  } catch (thrown) {
    if (saysAbsent(thrown)) return typeOfName(path);
    throw thrown;
  }
}
