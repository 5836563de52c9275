import type { RgbPixels } from "./clip-preprocessing.ts";

interface ResampleOptions {
  /** The size of the whole picture afterwards. */
  to: { widthPx: number; heightPx: number };
  /** The part of it that is computed. */
  window: { left: number; top: number; widthPx: number; heightPx: number };
  kernel: "linear" | "cubic";
}

/**
 * Resizes as Pillow's `resize` does: a separable kernel that widens when shrinking, rows before
 * columns, rounded to bytes in between. Meant for small pictures; large ones are sharp's.
 */
export function resample(source: RgbPixels, { to, window, kernel }: ResampleOptions): RgbPixels {
  const across = weigh(source.widthPx, to.widthPx, window.left, window.widthPx, kernel);
  const down = weigh(source.heightPx, to.heightPx, window.top, window.heightPx, kernel);
  const rows = new Uint8ClampedArray(window.widthPx * source.heightPx * 3);
  for (let y = 0; y < source.heightPx; y++) {
    for (let x = 0; x < window.widthPx; x++) {
      sum(source.pixels, y * source.widthPx * 3, 3, across[x], rows, (y * window.widthPx + x) * 3);
    }
  }
  const pixels = new Uint8ClampedArray(window.widthPx * window.heightPx * 3);
  const stride = window.widthPx * 3;
  for (let y = 0; y < window.heightPx; y++) {
    for (let x = 0; x < window.widthPx; x++) {
      sum(rows, x * 3, stride, down[y], pixels, (y * window.widthPx + x) * 3);
    }
  }
  return {
    pixels: new Uint8Array(pixels.buffer),
    widthPx: window.widthPx,
    heightPx: window.heightPx,
  };
}

/** Which source pixels make one of the result, and how much each counts. */
interface Share {
  first: number;
  weights: Float64Array;
}

function weigh(
  from: number,
  to: number,
  start: number,
  count: number,
  kernel: ResampleOptions["kernel"],
): Share[] {
  const factor = from / to;
  const widening = Math.max(factor, 1);
  const reach = (kernel === "cubic" ? 2 : 1) * widening;
  return Array.from({ length: count }, (_, index) => {
    const centre = (start + index + 0.5) * factor;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(from, Math.floor(centre + reach + 0.5));
    const weights = new Float64Array(end - first);
    let total = 0;
    for (let at = 0; at < weights.length; at++) {
      const weight = curve((first + at + 0.5 - centre) / widening, kernel);
      weights[at] = weight;
      total += weight;
    }
    return { first, weights: weights.map((weight) => weight / total) };
  });
}

/** Pillow's triangle, and its bicubic with a = −0.5. */
function curve(distance: number, kernel: ResampleOptions["kernel"]): number {
  const x = Math.abs(distance);
  if (kernel === "linear") return Math.max(0, 1 - x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function sum(
  from: ArrayLike<number>,
  start: number,
  stride: number,
  share: Share | undefined,
  into: Uint8ClampedArray,
  at: number,
): void {
  if (share === undefined) return;
  let red = 0;
  let green = 0;
  let blue = 0;
  let place = start + share.first * stride;
  for (const weight of share.weights) {
    red += weight * (from[place] ?? 0);
    green += weight * (from[place + 1] ?? 0);
    blue += weight * (from[place + 2] ?? 0);
    place += stride;
  }
  into[at] = red;
  into[at + 1] = green;
  into[at + 2] = blue;
}
