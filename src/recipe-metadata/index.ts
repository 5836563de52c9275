import { embedInJpeg, readFromJpeg } from "./jpeg.ts";
import { embedInPng, readFromPng } from "./png.ts";
import { embedInWebp, readFromWebp } from "./webp.ts";

export type RecipeMediaType = "image/png" | "image/jpeg" | "image/webp";

/**
 * Writes a recipe into a picture file without touching its pixels: a PNG text chunk named
 * `parameters` (the one that Stable Diffusion tools read), XMP in JPEG and WebP. A recipe that
 * is there already is replaced. A file that is not what it claims to be, or a text that does
 * not fit (64 KB in JPEG), comes back unchanged. Never throws.
 */
export function embedRecipe(
  bytes: Uint8Array,
  mediaType: RecipeMediaType,
  text: string,
): Uint8Array {
  switch (mediaType) {
    case "image/png":
      return embedInPng(bytes, text) ?? bytes;
    case "image/jpeg":
      return embedInJpeg(bytes, text) ?? bytes;
    case "image/webp":
      return embedInWebp(bytes, text) ?? bytes;
  }
}

/** The recipe in a file that `embedRecipe` wrote, or null. Never throws. */
export function readRecipe(bytes: Uint8Array): string | null {
  return readFromPng(bytes) ?? readFromJpeg(bytes) ?? readFromWebp(bytes);
}
