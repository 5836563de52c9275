import sharp from "sharp";
import { z } from "zod";
import { AtelierError } from "../../errors.ts";
import type { Drawing } from "../../ports/index.ts";
import { parseReply, unreadableReply } from "./model-reply.ts";

/** A real-time endpoint answers with at most 25 MB. Source: SageMaker, "Real-time inference". */
const REPLY_MAX_BYTES = 26_214_400;
/** Number arrays say nothing of their size, so this bounds what is allocated for them. */
const MAX_PIXELS = 4_194_304;
/** High, as the caller may have to encode the picture again. */
const JPEG_QUALITY = 95;

const artifactSchema = z.object({
  base64: z.string().nullish(),
  seed: z.number().int().nonnegative().nullish(),
  finishReason: z.string().nullish(),
});
const replySchema = z.union([
  z.object({
    generated_images: z.tuple([z.union([z.string(), z.array(z.unknown())])], z.unknown()),
  }),
  z.object({ artifacts: z.tuple([artifactSchema], z.unknown()) }),
]);

/**
 * Reads the three replies that Stable Diffusion containers give: a list of base64 JPEGs, a list
 * of H×W×3 number arrays, or artifacts with their own seed and finish reason. Rejects with
 * `refused` where the content was declined, otherwise `unavailable`, at most one more try, as
 * the picture was computed.
 */
export async function readSagemakerReply(bytes: Uint8Array, askedSeed: number): Promise<Drawing> {
  const parsed = replySchema.safeParse(parseReply(bytes, { maxBytes: REPLY_MAX_BYTES }));
  if (!parsed.success) throw unreadableReply("it has none of the documented shapes", parsed.error);
  const reply = parsed.data;

  if ("generated_images" in reply) {
    const [image] = reply.generated_images;
    const drawn = typeof image === "string" ? fromBase64(image) : fromNumbers(image);
    return { ...(await drawn), seed: askedSeed };
  }
  const [artifact] = reply.artifacts;
  if (artifact.finishReason === "CONTENT_FILTERED") {
    throw new AtelierError(
      "refused",
      "The image model declined to draw this. Change the prompt and try again.",
    );
  }
  // Artifacts name their failures; a picture that comes with ERROR is blank or broken.
  if (artifact.finishReason === "ERROR" || !artifact.base64) {
    throw unreadableReply(`its finish reason is ${artifact.finishReason ?? "absent"}`);
  }
  return { ...(await fromBase64(artifact.base64)), seed: artifact.seed ?? askedSeed };
}

type Picture = Omit<Drawing, "seed">;

/** Says what the bytes are, whatever was asked for: containers ignore Accept at times. */
async function fromBase64(base64: string): Promise<Picture> {
  const bytes = Buffer.from(base64, "base64");
  const metadata = await sharp(bytes)
    .metadata()
    .catch((cause: unknown) => {
      throw unreadableReply("its picture cannot be read", cause);
    });
  const { format } = metadata;
  if (format !== "jpeg" && format !== "png" && format !== "webp") {
    throw unreadableReply(`its picture is ${format}`);
  }
  return { bytes, mediaType: `image/${format}` };
}

/** Rows of pixels of three numbers from 0 to 255, encoded as a JPEG. */
async function fromNumbers(rows: readonly unknown[]): Promise<Picture> {
  const heightPx = rows.length;
  const widthPx = Array.isArray(rows[0]) ? rows[0].length : 0;
  if (widthPx === 0 || heightPx * widthPx > MAX_PIXELS)
    throw unreadableReply("its size is not possible");
  const raw = new Uint8ClampedArray(heightPx * widthPx * 3);
  let at = 0;
  for (const row of rows) {
    if (!Array.isArray(row) || row.length !== widthPx)
      throw unreadableReply("its rows differ in length");
    for (const pixel of row) {
      if (!Array.isArray(pixel) || pixel.length !== 3) throw unreadableReply("a pixel is not RGB");
      for (const channel of pixel) {
        if (typeof channel !== "number") throw unreadableReply("a channel is not a number");
        raw[at++] = channel;
      }
    }
  }
  const bytes = await sharp(raw, { raw: { width: widthPx, height: heightPx, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
  return { bytes, mediaType: "image/jpeg" };
}
