export const aspectRatios = [
  "1:1",
  "16:9",
  "21:9",
  "2:3",
  "3:2",
  "4:5",
  "5:4",
  "9:16",
  "9:21",
] as const;
export type AspectRatio = (typeof aspectRatios)[number];

export const outputFormats = ["jpeg", "png", "webp"] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Seeds are whole numbers from 1 to this; 0 means "choose one" and never reaches a model. */
export const SEED_MAX = 4_294_967_294;

/** What one call is asked to draw: exactly one picture. */
export interface DrawRequest {
  /** The full text for the model, style words included. 1–10,000 characters. */
  prompt: string;
  negativePrompt?: string;
  /** Ignored when `init` is given: the result keeps the shape of that picture. */
  aspectRatio: AspectRatio;
  seed: number;
  outputFormat: OutputFormat;
  /** The picture to start from, and how far to go from it: 0 keeps it, 1 ignores it. */
  init?: {
    bytes: Uint8Array;
    mediaType: "image/png" | "image/jpeg" | "image/webp";
    strength: number;
  };
}

export interface Drawing {
  bytes: Uint8Array;
  mediaType: "image/png" | "image/jpeg" | "image/webp";
  /** The seed that the model says it used. */
  seed: number;
}

/** What a picture given to a model must keep to; callers scale it before they call. */
export interface InitLimits {
  minSidePx: number;
  maxPixels: number;
}

/** One model that draws. */
export interface ImageModel {
  /** The id that recipes carry, e.g. `stability.sd3-5-large-v1:0`. */
  readonly id: string;
  /** What people read, e.g. `Stable Diffusion 3.5 Large`. */
  readonly label: string;
  readonly outputFormats: readonly OutputFormat[];
  /** Null when the model only draws from text. */
  readonly initLimits: InitLimits | null;
  /** A sentence for the card, where people should know something about this model. */
  readonly notice?: string;
  /**
   * Draws one picture with one upstream call and no retry of its own. Rejects with `refused`
   * when the content was declined, `invalid_input`, `rate_limited`, `unavailable` (code
   * `Timeout` past the signal's deadline) or `misconfigured`.
   */
  draw(request: DrawRequest, options: { signal: AbortSignal }): Promise<Drawing>;
}
