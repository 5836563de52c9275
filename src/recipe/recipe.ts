import { createHash } from "node:crypto";
import type { AspectRatio, BlobRef, OutputFormat, PictureInfo } from "../ports/index.ts";

/** Everything that determines a picture. Two equal recipes are the same picture. */
export interface Recipe {
  mode: "text-to-image" | "image-to-image";
  model: string;
  /** As `normalizePrompt` leaves it, without the style's words. */
  prompt: string;
  negativePrompt?: string;
  /** Absent in image-to-image: the result keeps the given picture's shape. */
  aspectRatio?: AspectRatio;
  /** The name of a style preset. */
  style?: string;
  /** Present when a person chose it. */
  seed?: number;
  /** Image-to-image: from 0, keep the picture, to 1, ignore it. */
  strength?: number;
  /** Image-to-image: which picture of the input store. */
  imageSha256?: string;
  outputFormat: OutputFormat;
  /** Image-to-image: the frame of a video that the given picture is. It changes nothing that is drawn. */
  frame?: RecipeFrame;
}

/** Where a picture was taken from. */
export interface RecipeFrame {
  videoId: string;
  title: string;
  timeMs: number;
}

/** A picture that exists, with all that its buttons need. */
export interface MadePicture extends PictureInfo {
  recipe: Recipe;
  /** The seed that drew it, chosen or not. */
  seed: number;
  blob: BlobRef;
  /** Under which hashes of the cache it may be found. */
  promptHashes: readonly string[];
  /** The identity that had it made; who may delete it. */
  madeBy: string;
  isFromCache: boolean;
}

/** NFC, trimmed, inner white space collapsed. */
export function normalizePrompt(text: string): string {
  return text.normalize("NFC").trim().replace(/\s+/gu, " ");
}

/** JSON with sorted keys, no spaces and absent fields left out: the same value, the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * The cache's key: lower-case hex SHA-256 of the recipe's canonical JSON, which the frame that the
 * given picture is has no part in. `scope` keeps apart
 * what must not be shared: a workspace, or one person for private results.
 */
export function promptHash(recipe: Recipe, scope: string): string {
  const canonical = canonicalJson({
    v: 1,
    scope,
    mode: recipe.mode,
    model: recipe.model,
    prompt: normalizePrompt(recipe.prompt),
    negative_prompt:
      recipe.negativePrompt === undefined ? undefined : normalizePrompt(recipe.negativePrompt),
    aspect_ratio: recipe.aspectRatio,
    style: recipe.style,
    seed: recipe.seed,
    strength: recipe.strength,
    image_sha256: recipe.imageSha256,
    output_format: recipe.outputFormat,
  });
  return createHash("sha256").update(canonical).digest("hex");
}
