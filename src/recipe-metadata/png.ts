import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const KEYWORD = "parameters";

interface Chunk {
  type: string;
  /** From the length field to the end of the checksum. */
  whole: Buffer;
  data: Buffer;
}

/** The file with the text in an iTXt chunk before its pixels, or null when it is no sound PNG. */
export function embedInPng(bytes: Uint8Array, text: string): Uint8Array | null {
  const chunks = chunksOf(bytes);
  if (chunks === null) return null;
  const kept = chunks.filter((chunk) => recipeOf(chunk) === null);
  const firstPixels = kept.findIndex(({ type }) => type === "IDAT");
  if (firstPixels < 0) return null;
  // keyword, 0, not compressed, 0, no language, 0, no translated keyword, 0, UTF-8 (PNG, 11.3.3.4)
  const data = Buffer.concat([
    Buffer.from(`${KEYWORD}\0\0\0\0\0`, "latin1"),
    Buffer.from(text, "utf8"),
  ]);
  const before = kept.slice(0, firstPixels).map(({ whole }) => whole);
  const after = kept.slice(firstPixels).map(({ whole }) => whole);
  return Buffer.concat([SIGNATURE, ...before, chunkOf("iTXt", data), ...after]);
}

export function readFromPng(bytes: Uint8Array): string | null {
  for (const chunk of chunksOf(bytes) ?? []) {
    const text = recipeOf(chunk);
    if (text !== null) return text;
  }
  return null;
}

/** The text of a chunk that carries a recipe. Other tools write it as tEXt, in Latin-1. */
function recipeOf({ type, data }: Chunk): string | null {
  const name = `${KEYWORD}\0`;
  if (data.toString("latin1", 0, name.length) !== name) return null;
  if (type === "tEXt") return data.toString("latin1", name.length);
  if (type !== "iTXt" || data[name.length] !== 0) return null;
  const language = data.indexOf(0, name.length + 2);
  const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
  return translated < 0 ? null : data.toString("utf8", translated + 1);
}

function chunkOf(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** All chunks in order, or null where a length or a checksum is wrong or the end is missing. */
function chunksOf(bytes: Uint8Array): Chunk[] | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!file.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return null;
  const chunks: Chunk[] = [];
  let at = SIGNATURE.length;
  while (at + 12 <= file.length) {
    const length = file.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > file.length) return null;
    if (file.readUInt32BE(end - 4) !== crc32(file.subarray(at + 4, end - 4))) return null;
    const type = file.toString("latin1", at + 4, at + 8);
    chunks.push({ type, whole: file.subarray(at, end), data: file.subarray(at + 8, end - 4) });
    at = end;
    if (type === "IEND") return chunks;
  }
  return null;
}
