import sharp, { type Metadata, type Sharp } from "sharp";
import { AtelierError } from "../../errors.ts";
import { resample } from "./resample.ts";

/** What a model folder says about pictures. */
export interface PicturePreprocessing {
  /** To this shorter side, or squashed to a width and a height. */
  resize: { shortestEdgePx: number } | { widthPx: number; heightPx: number };
  /** Cut from the middle afterwards. */
  crop: { widthPx: number; heightPx: number } | null;
  kernel: "linear" | "cubic";
  /** Of each channel's byte `v`: `(v × scale − mean) ÷ std`. */
  scale: number;
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** Red, green and blue in turn, row by row. */
export interface RgbPixels {
  pixels: Uint8Array;
  widthPx: number;
  heightPx: number;
}

/** Larger pictures are refused by their header: an 8K frame has 33 million pixels. */
const INPUT_PIXELS_MAX = 100_000_000;

/**
 * The pixels that the model sees. Shrinking is sharp's, whose kernels widen with the factor like
 * Pillow's (a mean of 0.07/255 apart on photographs); enlarging is ours, because sharp's
 * enlarging is up to 1.6/255 apart. Upright by EXIF; transparency becomes white.
 * Rejects with `invalid_input` (code `InvalidImage`) when the picture cannot be read.
 */
export async function preparePixels(
  picture: Uint8Array,
  { resize, crop, kernel }: Pick<PicturePreprocessing, "resize" | "crop" | "kernel">,
): Promise<RgbPixels> {
  try {
    const open = () =>
      sharp(picture, { failOn: "truncated", limitInputPixels: INPUT_PIXELS_MAX, pages: 1 });
    const header = await open().metadata();
    const [fromWidth, fromHeight] = uprightSize(header);
    const whole = resizedSize(fromWidth, fromHeight, resize);
    const window = crop === null ? { left: 0, top: 0, ...whole } : middleOf(whole, crop);
    const upright = flat(open().autoOrient(), header);
    if (whole.widthPx > fromWidth || whole.heightPx > fromHeight) {
      const source = await rgb(upright);
      return resample(source, { to: whole, window, kernel });
    }
    const { left, top, widthPx: width, heightPx: height } = window;
    const sized = upright.resize(whole.widthPx, whole.heightPx, {
      fit: "fill",
      kernel,
      // libjpeg's own halving is a box filter: 0.34/255 apart on 720p instead of 0.14.
      fastShrinkOnLoad: false,
    });
    const isCut = width !== whole.widthPx || height !== whole.heightPx;
    return await rgb(isCut ? sized.extract({ left, top, width, height }) : sized);
  } catch (cause) {
    throw new AtelierError(
      "invalid_input",
      "That picture cannot be read: it is damaged, too large or of another kind. Send a JPEG, PNG or WebP.",
      { code: "InvalidImage", cause },
    );
  }
}

/** From pixels to the model's input: one plane for each channel, rescaled and normalised. */
export function normalisePixels(
  { pixels }: RgbPixels,
  { scale, mean, std }: Pick<PicturePreprocessing, "scale" | "mean" | "std">,
): Float32Array {
  const plane = pixels.length / 3;
  const values = new Float32Array(pixels.length);
  for (const channel of [0, 1, 2] as const) {
    const table = new Float32Array(256);
    for (let byte = 0; byte < 256; byte++) {
      table[byte] = (byte * scale - mean[channel]) / std[channel];
    }
    const start = plane * channel;
    for (let at = 0, from = channel; at < plane; at++, from += 3) {
      values[start + at] = table[pixels[from] ?? 0] ?? 0;
    }
  }
  return values;
}

/** Three bytes for each pixel, without transparency, whatever the file has. */
function flat(image: Sharp, header: Metadata): Sharp {
  const opaque = header.hasAlpha ? image.flatten({ background: "#ffffff" }) : image;
  return opaque.toColourspace("srgb").removeAlpha();
}

async function rgb(image: Sharp): Promise<RgbPixels> {
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  return { pixels: data, widthPx: info.width, heightPx: info.height };
}

/** EXIF orientations 5 to 8 lie on their side. */
function uprightSize({ width, height, orientation = 1 }: Metadata): readonly [number, number] {
  return orientation >= 5 ? [height, width] : [width, height];
}

function resizedSize(
  width: number,
  height: number,
  resize: PicturePreprocessing["resize"],
): { widthPx: number; heightPx: number } {
  if ("widthPx" in resize) return resize;
  const { shortestEdgePx: short } = resize;
  // The reference cuts the longer side's fraction off.
  return width <= height
    ? { widthPx: short, heightPx: Math.floor((short * height) / width) }
    : { widthPx: Math.floor((short * width) / height), heightPx: short };
}

function middleOf(
  whole: { widthPx: number; heightPx: number },
  crop: { widthPx: number; heightPx: number },
): { left: number; top: number; widthPx: number; heightPx: number } {
  const widthPx = Math.min(crop.widthPx, whole.widthPx);
  const heightPx = Math.min(crop.heightPx, whole.heightPx);
  return {
    left: Math.floor((whole.widthPx - widthPx) / 2),
    top: Math.floor((whole.heightPx - heightPx) / 2),
    widthPx,
    heightPx,
  };
}
