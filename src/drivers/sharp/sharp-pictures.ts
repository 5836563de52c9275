import sharp, { type Metadata, type Sharp } from "sharp";
import { AtelierError } from "../../errors.ts";
import type { OutputFormat, PictureInfo, Pictures, PreparedPicture } from "../../ports/index.ts";
import { fewAtOnce } from "./few-at-once.ts";
import { looksLikeHeic, sniffPicture } from "./picture-signature.ts";

export interface SharpPicturesOptions {
  /** Larger files are refused unread. Default 25 MB. */
  maxBytes?: number;
  /** Larger pictures are refused by their header, before decoding. Default 50 megapixels. */
  maxInputPixels?: number;
  /** Prepared pictures are scaled down to this. Default 4 megapixels. */
  maxPixels?: number;
}

const MEGAPIXEL = 1_000_000;
/** A decoded picture has up to 200 MB; many jobs at once must not add up to all memory. */
const DECODED_AT_ONCE = 2;
/** Opaque PNGs up to this size stay PNG: screenshots and drawings keep their sharp edges. */
const SMALL_PNG_PIXELS = MEGAPIXEL;
const UNREADABLE = "That file is not a picture I can read. Send a JPEG, PNG, WebP, GIF or AVIF.";

/**
 * Pictures with sharp. Output is sRGB, upright and without metadata; the same bytes give the
 * same bytes in one build. What has transparency becomes PNG; what has none becomes JPEG,
 * except a small PNG, which stays one. HEIC from phones (HEVC) is refused by name: the libvips
 * that sharp ships reads AVIF only.
 */
export function createSharpPictures({
  maxBytes = 25 * MEGAPIXEL,
  maxInputPixels = 50 * MEGAPIXEL,
  maxPixels = 4 * MEGAPIXEL,
}: SharpPicturesOptions = {}): Pictures {
  const inTurn = fewAtOnce(DECODED_AT_ONCE);
  const open = (bytes: Uint8Array) =>
    sharp(bytes, { failOn: "truncated", limitInputPixels: maxInputPixels, pages: 1 });

  /** The header, or the sentence that says why this picture cannot be taken. */
  const examine = async (bytes: Uint8Array): Promise<Metadata> => {
    if (bytes.length > maxBytes) {
      throw invalid(
        `That file is ${megabytes(bytes.length)} MB; send one of at most ${megabytes(maxBytes)} MB.`,
      );
    }
    if (sniffPicture(bytes) === null) throw invalid(looksLikeHeic(bytes) ? HEIC : UNREADABLE);
    // Only the header is read here, so the limit can wait until its numbers are known.
    const header = await sharp(bytes, { limitInputPixels: false, pages: 1 })
      .metadata()
      .catch((cause: unknown) => {
        throw invalid(UNREADABLE, cause);
      });
    if (header.width * header.height > maxInputPixels) {
      const size = `${grouped(header.width)} × ${grouped(header.height)}`;
      throw invalid(
        `That picture is ${size} pixels; send one of at most ${maxInputPixels / MEGAPIXEL} megapixels.`,
      );
    }
    return header;
  };

  /** Upright, within `pixels`, as the kind of file that suits it. */
  const render = async (image: Sharp, header: Metadata): Promise<PreparedPicture> => {
    const isClear = header.hasAlpha && !(await isOpaque(image.clone()));
    const keepsPng =
      isClear || (header.format === "png" && header.width * header.height <= SMALL_PNG_PIXELS);
    // keepMetadata is never called: sharp then writes none, and converts to sRGB.
    const encoded = keepsPng
      ? (isClear ? image : image.removeAlpha()).png({ compressionLevel: 9 })
      : image.flatten({ background: "#ffffff" }).jpeg({ quality: 92, chromaSubsampling: "4:4:4" });
    const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
    return {
      bytes: data,
      mediaType: keepsPng ? "image/png" : "image/jpeg",
      widthPx: info.width,
      heightPx: info.height,
    };
  };

  return {
    async prepare(bytes) {
      const header = await examine(bytes);
      const [width, height] = uprightSize(header);
      const [toWidth, toHeight] = scaledDown(width, height, maxPixels);
      const image = open(bytes).autoOrient().toColourspace("srgb");
      const sized = toWidth < width ? image.resize(toWidth, toHeight, { fit: "fill" }) : image;
      return inTurn(() => render(sized, header)).catch((cause: unknown) => {
        throw invalid("That picture is damaged or cut short. Send it again.", cause);
      });
    },

    /**
     * Scales up until the shorter side is long enough, then down to `maxPixels`. A strip too long
     * for both (20 × 4,000 cannot have a side of 64 within 4,096 pixels and keep its shape) is
     * cropped about its middle to the longest shape that fits.
     */
    async fit(picture, limits) {
      const header = await examine(picture);
      const [width, height] = uprightSize(header);
      const plan = fitPlan(width, height, limits);
      const image = open(picture)
        .autoOrient()
        .toColourspace("srgb")
        .resize(plan.widthPx, plan.heightPx, { fit: "cover", position: "centre" });
      return inTurn(() => render(image, header)).catch((cause: unknown) => {
        throw invalid("That picture is damaged or cut short. Send it again.", cause);
      });
    },

    async inspect(bytes): Promise<PictureInfo> {
      const header = await examine(bytes);
      const [widthPx, heightPx] = uprightSize(header);
      switch (header.format) {
        case "png":
        case "jpeg":
        case "webp":
          return { mediaType: `image/${header.format}`, widthPx, heightPx };
        default:
          throw invalid("That picture is not a JPEG, PNG or WebP. Prepare it first.");
      }
    },

    async convert(bytes, format) {
      const header = await examine(bytes);
      if (header.format === format) return bytes;
      const image = open(bytes).autoOrient().toColourspace("srgb");
      return inTurn(() => encodeAs(image, format)).catch((cause: unknown) => {
        throw invalid("That picture is damaged or cut short. Send it again.", cause);
      });
    },
  };
}

const HEIC = "HEIC pictures cannot be read here. Send it as a JPEG, PNG, WebP, GIF or AVIF.";

async function encodeAs(image: Sharp, format: OutputFormat): Promise<Uint8Array> {
  switch (format) {
    case "jpeg":
      return image
        .flatten({ background: "#ffffff" })
        .jpeg({ quality: 92, chromaSubsampling: "4:4:4" })
        .toBuffer();
    case "png":
      return image.png({ compressionLevel: 9 }).toBuffer();
    case "webp":
      return image.webp({ quality: 92 }).toBuffer();
  }
}

/** The size both bounds allow; in its own shape where that is possible. */
function fitPlan(
  widthPx: number,
  heightPx: number,
  { minSidePx, maxPixels }: { minSidePx: number; maxPixels: number },
): { widthPx: number; heightPx: number } {
  const up = Math.max(1, minSidePx / Math.min(widthPx, heightPx));
  const down = Math.min(1, Math.sqrt(maxPixels / (widthPx * heightPx * up * up)));
  const scale = up * down;
  // The shorter side is held at the minimum first; the longer one takes the pixels that are left.
  const short = Math.max(minSidePx, Math.floor(Math.min(widthPx, heightPx) * scale));
  const long = Math.max(
    minSidePx,
    Math.min(Math.round(Math.max(widthPx, heightPx) * scale), Math.floor(maxPixels / short)),
  );
  return widthPx <= heightPx
    ? { widthPx: short, heightPx: long }
    : { widthPx: long, heightPx: short };
}

function scaledDown(width: number, height: number, maxPixels: number): readonly [number, number] {
  const scale = Math.min(1, Math.sqrt(maxPixels / (width * height)));
  if (scale === 1) return [width, height];
  const short = Math.max(1, Math.floor(Math.min(width, height) * scale));
  const long = Math.min(Math.floor(Math.max(width, height) * scale), Math.floor(maxPixels / short));
  return width <= height ? [short, long] : [long, short];
}

/** EXIF orientations 5 to 8 lie on their side. */
function uprightSize({ width, height, orientation = 1 }: Metadata): readonly [number, number] {
  return orientation >= 5 ? [height, width] : [width, height];
}

async function isOpaque(image: Sharp): Promise<boolean> {
  // stats() would look at the file and not at the resized picture; the file's answer is the same.
  return (await image.stats()).isOpaque;
}

function invalid(message: string, cause?: unknown): AtelierError {
  return new AtelierError("invalid_input", message, { code: "InvalidImage", cause });
}

const megabytes = (bytes: number) => Math.ceil(bytes / 100_000) / 10;

const grouped = (value: number) => value.toLocaleString("en-US");
