/** Bytes of one IEEE 754 half-precision number. */
export const FLOAT16_BYTES = 2;

/** The number behind each of the 65,536 bit patterns. */
const valueOfBits = Float32Array.from({ length: 65_536 }, (_, bits) => {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
});

/** The number that half-precision bits stand for; exact. */
export function float16Value(bits: number): number {
  return valueOfBits[bits] ?? Number.NaN;
}

/**
 * The nearest half-precision numbers as bits, ties to even; what is beyond ±65,504 by half a step
 * becomes infinite. Node 20 has no Float16Array.
 */
export function toFloat16(numbers: Float32Array): Uint16Array {
  const source = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const bits = new Uint16Array(numbers.length);
  for (let index = 0; index < source.length; index++) bits[index] = halfOf(source[index] ?? 0);
  return bits;
}

/** The numbers that half-precision bits stand for; exact. */
export function fromFloat16(bits: Uint16Array): Float32Array {
  const numbers = new Float32Array(bits.length);
  for (let index = 0; index < bits.length; index++) {
    numbers[index] = valueOfBits[bits[index] ?? 0] ?? 0;
  }
  return numbers;
}

/** From the bits of a single-precision number to those of the nearest half-precision one. */
function halfOf(single: number): number {
  const sign = (single >>> 16) & 0x8000;
  const magnitude = single & 0x7fffffff;
  // Infinity and NaN; a NaN stays one.
  if (magnitude >= 0x7f800000) return sign | 0x7c00 | (magnitude > 0x7f800000 ? 0x200 : 0);
  // From 65,520 on, half a step above the largest.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // Normal from 2^-14 on: the exponent's bias changes by 112; adding just under half a step, and
  // the last kept bit, rounds to nearest even, and carries into the exponent where it must.
  if (magnitude >= 0x38800000) {
    const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
    return sign | ((rounded - 0x38000000) >>> 13);
  }
  // At most half of 2^-24, the smallest: a tie goes to zero, which is even.
  if (magnitude <= 0x33000000) return sign;
  // Subnormal: the fraction with its leading one, shifted to steps of 2^-24.
  const shift = 126 - (magnitude >>> 23);
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const half = 1 << (shift - 1);
  const isOdd = (fraction >>> shift) & 1;
  return sign | ((fraction + half - 1 + isOdd) >>> shift);
}
