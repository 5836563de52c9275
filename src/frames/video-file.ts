import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { AtelierError } from "../errors.ts";

/** The containers that are taken, by the extension of the stored file. */
export const videoTypes = {
  mp4: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
  mkv: "video/x-matroska",
} as const;
export type VideoExtension = keyof typeof videoTypes;

/** EBML, the frame around Matroska and WebM (RFC 8794). */
const EBML = Buffer.from([0x1a, 0x45, 0xdf, 0xa3]);
const HEAD_BYTES = 4_096;

/** The container that the file begins with; rejects with `invalid_input` (code `InvalidVideo`). */
export async function videoExtensionOf(path: string): Promise<VideoExtension> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    const found = extensionIn(head.subarray(0, bytesRead));
    if (found !== null) return found;
  } finally {
    await file.close();
  }
  throw new AtelierError(
    "invalid_input",
    "That file is not a video that I can read. Send MP4, MOV, WebM or MKV.",
    { code: "InvalidVideo" },
  );
}

function extensionIn(head: Buffer): VideoExtension | null {
  if (head.subarray(0, 4).equals(EBML)) return head.includes("webm") ? "webm" : "mkv";
  const box = head.toString("latin1", 4, 8);
  if (box === "ftyp") return head.toString("latin1", 8, 12) === "qt  " ? "mov" : "mp4";
  // QuickTime files of before there was a box that names the type.
  return ["moov", "mdat", "wide", "free", "skip", "pnot"].includes(box) ? "mov" : null;
}

/** 16 hex digits of the SHA-256 of the library's name, a zero byte and the file's bytes. */
export async function videoIdOf(
  library: string,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash("sha256").update(`${library}\0`);
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk);
  return hash.digest("hex").slice(0, 16);
}
