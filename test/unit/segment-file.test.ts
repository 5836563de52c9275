import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeSegment,
  encodeSegment,
  float16Value,
  fromFloat16,
  readSegment,
  toFloat16,
} from "../../src/ports/index.ts";
import { segmentOf } from "../fixtures/frame-segments.ts";

const halfOf = (number: number) => toFloat16(Float32Array.of(number))[0] ?? 0;

describe("half-precision numbers", () => {
  it("come back as the same bits, all 65,536 of them", () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = float16Value(bits);
      if (Number.isNaN(value)) expect(Number.isNaN(float16Value(halfOf(value)))).toBe(true);
      else expect(halfOf(value)).toBe(bits);
    }
  });

  it("are the nearest there is, a tie being even, for any single-precision number", () => {
    const single = fc.float({ noNaN: true, min: -70_000, max: 70_000 });
    const small = fc.float({ noNaN: true, min: Math.fround(-1e-4), max: Math.fround(1e-4) });
    fc.assert(
      fc.property(fc.oneof(single, small), (number) => {
        const bits = halfOf(number);
        const value = float16Value(bits);
        if (!Number.isFinite(value)) {
          expect(Math.abs(number)).toBeGreaterThanOrEqual(65_520);
          return;
        }
        for (const neighbour of [bits - 1, bits + 1]) {
          const other = float16Value(neighbour & 0xffff);
          if (!Number.isFinite(other)) continue;
          const [own, its] = [Math.abs(number - value), Math.abs(number - other)];
          expect(own).toBeLessThanOrEqual(its);
          if (own === its && value !== other) expect(bits % 2).toBe(0);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_519, 0x7bff],
    [65_520, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -24, 0x0002],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [Number.POSITIVE_INFINITY, 0x7c00],
  ])("of %d have the bits IEEE 754 gives them", (number, bits) => {
    expect(halfOf(number)).toBe(bits);
  });
});

describe("a segment file", () => {
  const segment = segmentOf("a1b2c3", "demo-3f2a91c0-p1", [1, 2, 3, 4, 5, 6, 7], 512);

  it("gives back video, space, times, shots and the embeddings to half precision", () => {
    const decoded = decodeSegment(encodeSegment(segment), "a.seg");
    expect({ ...decoded, embeddings: null }).toEqual({ ...segment, embeddings: null });
    expect(decoded.embeddings).toEqual(fromFloat16(toFloat16(segment.embeddings)));
  });

  it("does so for any names, times and shots, from any address in memory", () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
    const times = fc.uniqueArray(fc.nat(4_294_967_295), { maxLength: 40 });
    fc.assert(
      fc.property(name, name, times, fc.nat(7), fc.integer({ min: 1, max: 9 }), (...any) => {
        const [videoId, space, timesMs, shift, dim] = any;
        const base = segmentOf(videoId, space, timesMs, dim);
        const frames = timesMs
          .toSorted((a, b) => a - b)
          .map((timeMs, shot) => ({ timeMs, shot: 3 * shot }));
        const file = encodeSegment({ ...base, frames });
        const moved = new Uint8Array(file.length + shift);
        moved.set(file, shift);
        const decoded = decodeSegment(moved.subarray(shift), "any.seg");
        expect(decoded).toMatchObject({ videoId, space, dim, frames });
        expect(decoded.embeddings).toEqual(fromFloat16(toFloat16(base.embeddings)));
      }),
    );
  });

  it("takes at most 1.6 KB a frame at 512 dimensions", () => {
    const seeds = Array.from({ length: 200 }, (_, seed) => seed);
    const bytes = encodeSegment(segmentOf("long", "space", seeds, 512));
    expect(bytes.length / 200).toBeLessThan(1_040);
  });

  it("is refused by its name when any one byte of it is another, or it is cut short", () => {
    const file = encodeSegment(segmentOf("a", "b", [1, 2], 8));
    for (let at = 0; at < file.length; at++) {
      const damaged = file.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(() => readSegment(damaged, "index/b/a.seg"), `byte ${at}`).toThrow("index/b/a.seg");
    }
    for (let length = 0; length < file.length; length++) {
      expect(() => readSegment(file.subarray(0, length), "index/b/a.seg")).toThrow("Index this");
    }
  });

  it("is refused when it is something else, or of another version", () => {
    const foreign = Buffer.from("not a segment at all, but long enough to have the head of one");
    expect(() => readSegment(foreign, "x.seg")).toThrow("x.seg is no segment of this index");
    const later = encodeSegment(segment);
    later[7] = 2;
    expect(() => readSegment(later, "x.seg")).toThrow("x.seg has version 2, not 1");
  });

  it.each([
    ["times out of order", { frames: segment.frames.toReversed() }],
    ["a time twice", { frames: segment.frames.map((frame) => ({ ...frame, timeMs: 5 })) }],
    ["a time that is not whole", { frames: segment.frames.map((f) => ({ ...f, timeMs: 0.5 })) }],
    ["too few numbers", { embeddings: segment.embeddings.subarray(512) }],
    ["numbers that are none", { embeddings: segment.embeddings.map(() => Number.NaN) }],
  ])("is not made with %s", (_what, change) => {
    expect(() => encodeSegment({ ...segment, ...change })).toThrow("index/demo-3f2a91c0-p1/a1b2c3");
  });
});
