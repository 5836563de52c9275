import { Buffer } from "node:buffer";
import { recipeInXmp, xmpPacket } from "./xmp.ts";

const START = 0xd8;
const APP0 = 0xe0;
const APP1 = 0xe1;
const SCAN = 0xda;
/** Marks an APP1 segment as XMP (XMP part 3, section 1.1.3). */
const XMP_NAME = Buffer.from("http://ns.adobe.com/xap/1.0/\0", "latin1");
/** A segment's length field has 16 bits and counts itself. */
const JPEG_SEGMENT_MAX = 65_535;

interface Segment {
  marker: number;
  whole: Buffer;
  data: Buffer;
}

/** The file with the text in an XMP segment, or null when it is no sound JPEG or does not fit. */
export function embedInJpeg(bytes: Uint8Array, text: string): Uint8Array | null {
  const file = headOf(bytes);
  if (file === null) return null;
  const payload = Buffer.concat([XMP_NAME, Buffer.from(xmpPacket(text), "utf8")]);
  if (payload.length + 2 > JPEG_SEGMENT_MAX) return null;
  const segment = Buffer.alloc(payload.length + 4);
  segment.writeUInt16BE((0xff << 8) | APP1, 0);
  segment.writeUInt16BE(payload.length + 2, 2);
  payload.copy(segment, 4);

  const kept = file.segments.filter((one) => recipeOf(one) === null);
  // JFIF wants its APP0 first and EXIF wants to follow it; XMP comes after both.
  const isLeading = ({ marker, data }: Segment) =>
    marker === APP0 || (marker === APP1 && data.toString("latin1", 0, 4) === "Exif");
  const firstOther = kept.findIndex((one) => !isLeading(one));
  const at = firstOther < 0 ? kept.length : firstOther;
  const wholes = kept.map(({ whole }) => whole);
  return Buffer.concat([
    Buffer.from([0xff, START]),
    ...wholes.slice(0, at),
    segment,
    ...wholes.slice(at),
    file.rest,
  ]);
}

export function readFromJpeg(bytes: Uint8Array): string | null {
  for (const segment of headOf(bytes)?.segments ?? []) {
    const text = recipeOf(segment);
    if (text !== null) return text;
  }
  return null;
}

function recipeOf({ marker, data }: Segment): string | null {
  if (marker !== APP1 || !data.subarray(0, XMP_NAME.length).equals(XMP_NAME)) return null;
  return recipeInXmp(data.toString("utf8", XMP_NAME.length));
}

/** The segments before the pixels, and the rest as it is; null where the structure does not hold. */
function headOf(bytes: Uint8Array): { segments: Segment[]; rest: Buffer } | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file[0] !== 0xff || file[1] !== START) return null;
  const segments: Segment[] = [];
  let at = 2;
  while (at + 4 <= file.length) {
    const marker = file[at + 1] ?? 0;
    // Between segments there is nothing but 0xFF and a marker that carries a length.
    if (file[at] !== 0xff || marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd9)) return null;
    if (marker === SCAN) return { segments, rest: file.subarray(at) };
    const end = at + 2 + file.readUInt16BE(at + 2);
    if (end < at + 4 || end > file.length) return null;
    segments.push({ marker, whole: file.subarray(at, end), data: file.subarray(at + 4, end) });
    at = end;
  }
  return null;
}
