import { z } from "zod";
import { AtelierError } from "../../errors.ts";
import type { Drawing } from "../../ports/index.ts";
import { parseReply, unreadableReply } from "./model-reply.ts";

/** A picture of one megapixel is at most 4 MB of base64; what is larger than this is no answer. */
const REPLY_MAX_BYTES = 25_000_000;

/** A filtered reply may have `finish_reasons` alone; seeds come as numbers or as strings. */
const replySchema = z.object({
  seeds: z.array(z.union([z.number(), z.string()])).nullish(),
  finish_reasons: z.array(z.string().nullable()).nullish(),
  images: z.array(z.string()).nullish(),
});

/**
 * Reads the reply of a Stability model. Rejects what is no picture: `refused` where the content
 * was declined, otherwise `unavailable`, at most one more try, as the call was charged.
 */
export function readBedrockReply(bytes: Uint8Array, askedSeed: number): Drawing {
  const parsed = replySchema.safeParse(parseReply(bytes, { maxBytes: REPLY_MAX_BYTES }));
  if (!parsed.success) throw unreadableReply("it has not the documented fields", parsed.error);
  const { seeds, finish_reasons: finishReasons, images } = parsed.data;

  // Before the images: they may be absent, or blurred, when there is a reason.
  for (const reason of finishReasons ?? []) throwForReason(reason);
  const image = images?.[0];
  if (image === undefined) throw unreadableReply("it has no picture");
  const picture = Buffer.from(image, "base64");
  const mediaType = mediaTypeOf(picture);
  if (mediaType === null) throw unreadableReply("its picture is neither JPEG, PNG nor WebP");
  return { bytes: picture, mediaType, seed: readSeed(seeds?.[0]) ?? askedSeed };
}

function throwForReason(reason: string | null): void {
  if (reason === null) return;
  if (/^inference error$/i.test(reason))
    throw unreadableReply("the model reports an inference error");
  if (!/^filter reason/i.test(reason)) return;
  throw new AtelierError("refused", refusal(reason));
}

/** Says what was declined, so that the person knows what to change; not why. */
function refusal(reason: string): string {
  if (/output/i.test(reason)) {
    return "The image model declined to show what it drew. Change the prompt and try again.";
  }
  if (/input/i.test(reason)) {
    return "The image model declined the picture that was given. Try again with another one.";
  }
  return "The image model declined this prompt. Change its words and try again.";
}

function readSeed(seed: number | string | undefined): number | null {
  const value = typeof seed === "string" && seed.trim() !== "" ? Number(seed) : seed;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function mediaTypeOf(bytes: Buffer): Drawing["mediaType"] | null {
  const head = bytes.subarray(0, 12).toString("latin1");
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return "image/webp";
  return null;
}
