import { Buffer } from "node:buffer";
import { recipeInXmp, xmpPacket } from "./xmp.ts";

/** Flags in the first byte of VP8X (WebP container specification, "Extended File Format"). */
const HAS_ALPHA = 0x10;
const HAS_XMP = 0x04;

interface Chunk {
  type: string;
  data: Buffer;
}

/** The file with the text in an XMP chunk, made an extended file where it was a simple one. */
export function embedInWebp(bytes: Uint8Array, text: string): Uint8Array | null {
  const chunks = chunksOf(bytes);
  if (chunks === null) return null;
  const header = extendedHeader(chunks);
  if (header === null) return null;
  // A file has one XMP chunk: whatever description was there gives way.
  const kept = chunks.filter(({ type }) => type !== "VP8X" && type !== "XMP ");
  const all = [
    { type: "VP8X", data: header },
    ...kept,
    { type: "XMP ", data: Buffer.from(xmpPacket(text), "utf8") },
  ];
  const body = Buffer.concat([Buffer.from("WEBP", "latin1"), ...all.map(framed)]);
  return Buffer.concat([sized("RIFF", body.length), body]);
}

export function readFromWebp(bytes: Uint8Array): string | null {
  const xmp = chunksOf(bytes)?.find(({ type }) => type === "XMP ");
  return xmp === undefined ? null : recipeInXmp(xmp.data.toString("utf8"));
}

/** The file's VP8X with the XMP flag set, or a new one with the size of its only frame. */
function extendedHeader(chunks: readonly Chunk[]): Buffer | null {
  const [first] = chunks;
  if (first === undefined) return null;
  if (first.type === "VP8X") {
    if (first.data.length < 10) return null;
    const header = Buffer.from(first.data);
    header.writeUInt8(header.readUInt8(0) | HAS_XMP, 0);
    return header;
  }
  const frame = frameOf(first);
  if (frame === null) return null;
  const header = Buffer.alloc(10);
  header.writeUInt8(HAS_XMP | (frame.hasAlpha ? HAS_ALPHA : 0), 0);
  header.writeUIntLE(frame.widthPx - 1, 4, 3);
  header.writeUIntLE(frame.heightPx - 1, 7, 3);
  return header;
}

/** The size in a lossy frame's key-frame header (RFC 6386, 9.1) or a lossless one's (bit-packed). */
function frameOf({
  type,
  data,
}: Chunk): { widthPx: number; heightPx: number; hasAlpha: boolean } | null {
  if (type === "VP8 " && data.length >= 10 && data.readUIntBE(3, 3) === 0x9d012a) {
    const widthPx = data.readUInt16LE(6) & 0x3fff;
    const heightPx = data.readUInt16LE(8) & 0x3fff;
    return widthPx > 0 && heightPx > 0 ? { widthPx, heightPx, hasAlpha: false } : null;
  }
  if (type === "VP8L" && data.length >= 5 && data[0] === 0x2f) {
    const bits = data.readUInt32LE(1);
    return {
      widthPx: (bits & 0x3fff) + 1,
      heightPx: ((bits >>> 14) & 0x3fff) + 1,
      hasAlpha: ((bits >>> 28) & 1) === 1,
    };
  }
  return null;
}

/** Chunks are padded to an even length; the padding is not counted. */
function framed({ type, data }: Chunk): Buffer {
  return Buffer.concat([sized(type, data.length), data, Buffer.alloc(data.length % 2)]);
}

function sized(type: string, length: number): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 0, "latin1");
  head.writeUInt32LE(length, 4);
  return head;
}

function chunksOf(bytes: Uint8Array): Chunk[] | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    file.length < 20 ||
    file.toString("latin1", 0, 4) !== "RIFF" ||
    file.toString("latin1", 8, 12) !== "WEBP"
  )
    return null;
  const end = 8 + file.readUInt32LE(4);
  if (end > file.length) return null;
  const chunks: Chunk[] = [];
  let at = 12;
  while (at + 8 <= end) {
    const length = file.readUInt32LE(at + 4);
    if (at + 8 + length > end) return null;
    chunks.push({
      type: file.toString("latin1", at, at + 4),
      data: file.subarray(at + 8, at + 8 + length),
    });
    at += 8 + length + (length % 2);
  }
  return chunks;
}
