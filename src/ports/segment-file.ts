import { createHash } from "node:crypto";
import { AtelierError } from "../errors.ts";
import { FLOAT16_BYTES, fromFloat16, toFloat16 } from "./float16.ts";
import type { FrameSegment } from "./frame-index.ts";

/**
 * The packed, immutable file of one video's indexed frames. All numbers are little endian:
 *
 * | at | bytes | what |
 * |---|---|---|
 * | 0 | 8 | `ATELSEG` and the format's version, 1 |
 * | 8 | 4 × 4 | dim, number of frames, bytes of the video's id, bytes of the space |
 * | 24 | 32 | SHA-256 of bytes 8 to 24 and of all that follows these 32 |
 * | 56 | | video's id, space (UTF-8), zeros up to a multiple of 8 |
 * | | 4 n | presentation times in milliseconds |
 * | | 4 n | shots |
 * | | 2 n dim | embeddings, half precision |
 *
 * At 512 dimensions a frame takes 1,032 bytes.
 */
export const SEGMENT_MEDIA_TYPE = "application/vnd.atelier.segment";

const MAGIC = Buffer.from("ATELSEG");
const VERSION = 1;
const CHECKSUM_AT = 24;
const CHECKSUM_BYTES = 32;
const HEADER_BYTES = CHECKSUM_AT + CHECKSUM_BYTES;
const TIME_MAX = 0xffffffff;

/** Where the segment of a video in a space is in the media store. */
export function segmentKey(videoId: string, space: string): string {
  return `index/${space}/${videoId}.seg`;
}

/** A segment file taken apart, its embeddings still packed. */
export interface PackedSegment {
  videoId: string;
  space: string;
  dim: number;
  /** Ascending. */
  timesMs: Uint32Array;
  shots: Uint32Array;
  /** Bits of half-precision numbers, `dim` for each frame. */
  rows: Uint16Array;
  /** Where the rows begin in the file. */
  rowsAt: number;
  /** SHA-256 in hex: what tells two files of one video apart. */
  checksum: string;
}

/** The file's bytes. Rejects with `internal` a segment that breaks its port's promises. */
export function encodeSegment(segment: FrameSegment): Uint8Array {
  assertSound(segment);
  const { frames, dim } = segment;
  const names = [Buffer.from(segment.videoId), Buffer.from(segment.space)] as const;
  const head = Buffer.alloc(CHECKSUM_AT);
  MAGIC.copy(head);
  head.writeUInt8(VERSION, MAGIC.length);
  [dim, frames.length, names[0].length, names[1].length].forEach((value, index) => {
    head.writeUInt32LE(value, 8 + 4 * index);
  });
  const padding = Buffer.alloc(paddingAfter(names[0].length + names[1].length));
  // Typed arrays are little endian wherever Node runs.
  const times = Uint32Array.from(frames, ({ timeMs }) => timeMs);
  const shots = Uint32Array.from(frames, ({ shot }) => shot);
  const body = [...names, padding, bytesOf(times), bytesOf(shots)];
  body.push(bytesOf(toFloat16(segment.embeddings)));
  return Buffer.concat([head, checksumOf([head.subarray(8), ...body]), ...body]);
}

/**
 * Takes a file apart without unpacking its embeddings. `name` is what the error calls the file;
 * rejects with `internal` what is damaged, cut short, or no segment at all.
 */
export function readSegment(file: Uint8Array, name: string): PackedSegment {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw refused(name, "is no segment of this index");
  }
  const version = bytes.readUInt8(MAGIC.length);
  if (version !== VERSION) throw refused(name, `has version ${version}, not ${VERSION}`);
  const [dim, count, idBytes, spaceBytes] = [8, 12, 16, 20].map((at) => bytes.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  const timesAt = HEADER_BYTES + idBytes + spaceBytes + paddingAfter(idBytes + spaceBytes);
  const rowsAt = timesAt + 8 * count;
  const expected = rowsAt + count * dim * FLOAT16_BYTES;
  if (bytes.length !== expected) {
    throw refused(name, `has ${bytes.length} bytes in the place of ${expected}`);
  }
  const found = segmentChecksum(bytes);
  const computed = checksumOf([bytes.subarray(8, CHECKSUM_AT), bytes.subarray(HEADER_BYTES)]);
  if (found !== computed.toString("hex"))
    throw refused(name, "is damaged: its checksum is another");
  const spaceAt = HEADER_BYTES + idBytes;
  return {
    videoId: bytes.toString("utf8", HEADER_BYTES, spaceAt),
    space: bytes.toString("utf8", spaceAt, spaceAt + spaceBytes),
    dim,
    timesMs: new Uint32Array(alignedCopy(bytes.subarray(timesAt, timesAt + 4 * count))),
    shots: new Uint32Array(alignedCopy(bytes.subarray(timesAt + 4 * count, rowsAt))),
    rows: halves(bytes.subarray(rowsAt)),
    rowsAt,
    checksum: found,
  };
}

/** The segment that a file holds; rejects as `readSegment`. */
export function decodeSegment(file: Uint8Array, name: string): FrameSegment {
  const { videoId, space, dim, timesMs, shots, rows } = readSegment(file, name);
  const frames = Array.from(timesMs, (timeMs, index) => ({ timeMs, shot: shots[index] ?? 0 }));
  return { videoId, space, dim, frames, embeddings: fromFloat16(rows) };
}

/** How many bytes of a file tell which one it is. */
export const SEGMENT_CHECKSUM_END = HEADER_BYTES;

/** The checksum that the first `SEGMENT_CHECKSUM_END` bytes of a file name. */
export function segmentChecksum(head: Uint8Array): string {
  return Buffer.from(head.subarray(CHECKSUM_AT, HEADER_BYTES)).toString("hex");
}

function assertSound({ videoId, space, dim, frames, embeddings }: FrameSegment): void {
  const isOrdered = frames.every(({ timeMs, shot }, index) => {
    const isWhole = Number.isInteger(timeMs) && Number.isInteger(shot) && shot >= 0;
    return isWhole && timeMs > (frames[index - 1]?.timeMs ?? -1) && timeMs <= TIME_MAX;
  });
  if (!isOrdered) {
    throw refused(segmentKey(videoId, space), "would have times that are not whole and ascending");
  }
  if (!Number.isInteger(dim) || dim < 1 || embeddings.length !== frames.length * dim) {
    const what = `would have ${embeddings.length} numbers for ${frames.length} frames of ${dim}`;
    throw refused(segmentKey(videoId, space), what);
  }
  if (!embeddings.every(Number.isFinite)) {
    throw refused(segmentKey(videoId, space), "would have embeddings that are no numbers");
  }
}

function refused(name: string, what: string): AtelierError {
  return new AtelierError("internal", `${name} ${what}. Index this video again.`);
}

function paddingAfter(length: number): number {
  return (8 - (length % 8)) % 8;
}

function checksumOf(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function bytesOf(array: Uint32Array | Uint16Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

function alignedCopy(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

/** The bytes as halves, in place where their address allows it. */
function halves(bytes: Uint8Array): Uint16Array {
  return bytes.byteOffset % FLOAT16_BYTES === 0
    ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / FLOAT16_BYTES)
    : new Uint16Array(alignedCopy(bytes));
}
