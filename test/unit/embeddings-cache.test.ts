import { describe, expect, it } from "vitest";
import { decodeEmbedding, encodeEmbedding } from "../../src/frames/embeddings-cache.ts";

const DIM = 512;

function unitVector(seed: number): Float32Array {
  const values = Float32Array.from({ length: DIM }, (_, at) => Math.sin(seed + at * 1.7));
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}

/** A file as numpy.save writes it. */
function npy(type: "<f2" | "<f4" | "<f8", shape: string, content: Uint8Array): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }`;
  const padded = `${header.padEnd(117)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  return Buffer.concat([
    Buffer.from("\x93NUMPY\x01\x00", "latin1"),
    length,
    Buffer.from(padded),
    content,
  ]);
}

const float32 = (values: Float32Array) => new Uint8Array(values.buffer.slice(0));
const isNear = (a: Float32Array | null, b: Float32Array) =>
  a?.every((value, at) => Math.abs(value - (b[at] ?? 9)) < 1e-3);

describe("an embedding's file", () => {
  it("is 1,024 bytes: half-precision numbers, little endian, without a header", () => {
    const values = new Float32Array(DIM);
    values[0] = 1;
    values[1] = -0.5;
    const bytes = encodeEmbedding(values);
    expect(bytes).toHaveLength(1_024);
    // 1 is 0x3c00, -0.5 is 0xb800.
    expect([...bytes.subarray(0, 4)]).toEqual([0x00, 0x3c, 0x00, 0xb8]);
  });

  it("gives back what was put in, to half precision", () => {
    expect(isNear(decodeEmbedding(encodeEmbedding(unitVector(1)), DIM), unitVector(1))).toBe(true);
  });

  it.each([
    ["<f2", "(512,)", encodeEmbedding(unitVector(2))],
    ["<f4", "(512,)", float32(unitVector(2))],
    ["<f4", "(1, 512)", float32(unitVector(2))],
  ] as const)("is read from a .npy of %s and shape %s too", (type, shape, content) => {
    expect(isNear(decodeEmbedding(npy(type, shape, content), DIM), unitVector(2))).toBe(true);
  });

  it("from an offset in a larger buffer reads its own bytes", () => {
    const larger = Buffer.concat([Buffer.alloc(3), encodeEmbedding(unitVector(3))]);
    expect(isNear(decodeEmbedding(larger.subarray(3), DIM), unitVector(3))).toBe(true);
  });

  it.each([
    ["another length", encodeEmbedding(unitVector(4)).subarray(0, 1_000)],
    ["another number type", npy("<f8", "(512,)", new Uint8Array(DIM * 8))],
    ["another shape", npy("<f4", "(256,)", float32(unitVector(4)))],
    ["a header that is cut off", Buffer.from("\x93NUMPY\x01", "latin1")],
    ["only zeros", new Uint8Array(1_024)],
    ["no numbers", encodeEmbedding(new Float32Array(DIM).fill(Number.NaN))],
  ])("with %s is none", (_, bytes) => {
    expect(decodeEmbedding(bytes, DIM)).toBeNull();
  });
});
