import { FLOAT16_BYTES, fromFloat16, toFloat16 } from "../ports/float16.ts";
import type { BlobStore } from "../ports/index.ts";
import { frameId } from "./video.ts";

const FLOAT32_BYTES = 4;
const NPY_MAGIC = Buffer.from("\x93NUMPY", "latin1");
/** Rounding to half precision leaves a norm of 1 well within this. */
const NORM_TOLERANCE = 0.02;

/** Where a frame's embedding is kept for a week: docs/contracts.md section 4. */
export function embeddingKey(videoId: string, timeMs: number, extension = "bin"): string {
  return `embeddings-cache/${videoId}/${frameId(timeMs)}.${extension}`;
}

/** As IEEE 754 half-precision numbers, little endian, without a header. */
export function encodeEmbedding(embedding: Float32Array): Uint8Array {
  const bytes = new Uint8Array(embedding.length * FLOAT16_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, bits] of toFloat16(embedding).entries()) {
    view.setUint16(index * FLOAT16_BYTES, bits, true);
  }
  return bytes;
}

/**
 * The embedding in the bytes of a `.bin` or a `.npy` file (`<f2` or `<f4`, one row); null when
 * they are no embedding of that length and of L2 norm 1.
 */
export function decodeEmbedding(bytes: Uint8Array, dim: number): Float32Array | null {
  const isNpy = Buffer.from(bytes.subarray(0, NPY_MAGIC.length)).equals(NPY_MAGIC);
  const embedding = isNpy ? decodeNpy(bytes, dim) : decodeNumbers(bytes, dim, "<f2");
  if (embedding === null) return null;
  const norm = Math.sqrt(embedding.reduce((sum, value) => sum + value * value, 0));
  return Math.abs(norm - 1) <= NORM_TOLERANCE ? embedding : null;
}

/** https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
function decodeNpy(bytes: Uint8Array, dim: number): Float32Array | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFirstVersion = buffer[NPY_MAGIC.length] === 1;
  const lengthAt = NPY_MAGIC.length + 2;
  const headerAt = lengthAt + (isFirstVersion ? 2 : 4);
  if (buffer.length < headerAt) return null;
  const headerLength = isFirstVersion
    ? buffer.readUInt16LE(lengthAt)
    : buffer.readUInt32LE(lengthAt);
  const header = buffer.toString("latin1", headerAt, headerAt + headerLength);
  const type = /'descr': *'(<f[24])'/u.exec(header)?.[1];
  const shape = /'shape': *\((?:1, *)?(\d+),?\)/u.exec(header)?.[1];
  if ((type !== "<f2" && type !== "<f4") || Number(shape) !== dim) return null;
  return decodeNumbers(bytes.subarray(headerAt + headerLength), dim, type);
}

function decodeNumbers(bytes: Uint8Array, dim: number, type: "<f2" | "<f4"): Float32Array | null {
  const width = type === "<f2" ? FLOAT16_BYTES : FLOAT32_BYTES;
  if (bytes.length !== dim * width) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === "<f4") {
    return Float32Array.from({ length: dim }, (_, index) => view.getFloat32(index * width, true));
  }
  return fromFloat16(
    Uint16Array.from({ length: dim }, (_, index) => view.getUint16(index * width, true)),
  );
}

/** The embedding that is kept for a frame, or null. In which space it is, only the checkpoint tells. */
export async function readEmbedding(
  media: BlobStore,
  { videoId, timeMs, dim }: { videoId: string; timeMs: number; dim: number },
): Promise<Float32Array | null> {
  for (const extension of ["bin", "npy"]) {
    const blob = await media.get(embeddingKey(videoId, timeMs, extension));
    const embedding = blob === null ? null : decodeEmbedding(blob.bytes, dim);
    if (embedding !== null) return embedding;
  }
  return null;
}
