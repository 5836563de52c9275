import sharp, { type Sharp } from "sharp";
import type { OutputFormat } from "../../ports/index.ts";
import type { Random } from "./random.ts";

/** Opaque pixels in memory: three bytes each, row by row. */
export interface Raster {
  data: Uint8Array;
  widthPx: number;
  heightPx: number;
}

/** Decodes a picture or an SVG to opaque sRGB, upright. */
export async function readRaster(bytes: Uint8Array): Promise<Raster> {
  const { data, info } = await sharp(bytes)
    .rotate()
    .toColourspace("srgb")
    .flatten({ background: "#ffffff" })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, widthPx: info.width, heightPx: info.height };
}

export async function writeRaster(raster: Raster, format: OutputFormat): Promise<Uint8Array> {
  const image = pipeline(raster);
  switch (format) {
    case "jpeg":
      return image.jpeg({ quality: 92, chromaSubsampling: "4:4:4" }).toBuffer();
    case "png":
      return image.png({ compressionLevel: 6 }).toBuffer();
    case "webp":
      return image.webp({ quality: 92, effort: 2 }).toBuffer();
  }
}

/** The same raster through one of sharp's operations. */
export async function through(raster: Raster, operation: (image: Sharp) => Sharp): Promise<Raster> {
  const { data, info } = await operation(pipeline(raster))
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, widthPx: info.width, heightPx: info.height };
}

function pipeline({ data, widthPx, heightPx }: Raster): Sharp {
  return sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 } });
}

/** Every pixel by a function of its colour and place; writes red, green, blue into `out`. */
export function mapPixels(
  raster: Raster,
  map: (
    red: number,
    green: number,
    blue: number,
    x: number,
    y: number,
    out: Uint8ClampedArray,
    at: number,
  ) => void,
): Raster {
  const { data, widthPx, heightPx } = raster;
  const out = new Uint8ClampedArray(data.length);
  let at = 0;
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++, at += 3) {
      map(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0, x, y, out, at);
    }
  }
  return { data: new Uint8Array(out.buffer), widthPx, heightPx };
}

/** `amount` 0 is `from`, 1 is `to`; both of the same size. */
export function blend(from: Raster, to: Raster, amount: number): Raster {
  const data = new Uint8Array(from.data.length);
  for (let i = 0; i < data.length; i++) {
    const start = from.data[i] ?? 0;
    data[i] = Math.round(start + ((to.data[i] ?? 0) - start) * amount);
  }
  return { ...from, data };
}

/** How light each pixel is, 0–255. */
export function lightness(raster: Raster): Uint8Array {
  const { data } = raster;
  const out = new Uint8Array(data.length / 3);
  for (let i = 0, at = 0; i < out.length; i++, at += 3) {
    out[i] = 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
  }
  return out;
}

/** How strong the edge is at each pixel, 0–255 (Sobel). */
export function edges(raster: Raster): Uint8Array {
  const { widthPx: w, heightPx: h } = raster;
  const light = lightness(raster);
  const out = new Uint8Array(light.length);
  for (let y = 1; y < h - 1; y++) {
    for (let x = 1; x < w - 1; x++) {
      const i = y * w + x;
      const [a, b, c] = [light[i - w - 1] ?? 0, light[i - w] ?? 0, light[i - w + 1] ?? 0];
      const [d, e] = [light[i - 1] ?? 0, light[i + 1] ?? 0];
      const [f, g, k] = [light[i + w - 1] ?? 0, light[i + w] ?? 0, light[i + w + 1] ?? 0];
      const across = c + 2 * e + k - a - 2 * d - f;
      const down = f + 2 * g + k - a - 2 * b - c;
      out[i] = Math.min(255, Math.sqrt(across * across + down * down));
    }
  }
  return out;
}

/** A tile of noise, -1 to 1, to be read by coordinates. */
export function noiseTile(random: Random, side: 64 | 128 | 256): (x: number, y: number) => number {
  const tile = new Float32Array(side * side);
  for (let i = 0; i < tile.length; i++) tile[i] = random.next() + random.next() - 1;
  return (x, y) => tile[(y & (side - 1)) * side + (x & (side - 1))] ?? 0;
}

/** Slow, cloudy noise, about -1 to 1: for paper, washes and mist. */
export function cloudNoise(random: Random, cellPx: number): (x: number, y: number) => number {
  const grid = noiseTile(random, 64);
  return (x, y) => {
    const [gx, gy] = [x / cellPx, y / cellPx];
    const [ix, iy] = [Math.floor(gx), Math.floor(gy)];
    const [fx, fy] = [smooth(gx - ix), smooth(gy - iy)];
    const top = grid(ix, iy) + (grid(ix + 1, iy) - grid(ix, iy)) * fx;
    const low = grid(ix, iy + 1) + (grid(ix + 1, iy + 1) - grid(ix, iy + 1)) * fx;
    return top + (low - top) * fy;
  };
}

const smooth = (t: number) => t * t * (3 - 2 * t);
