import { AtelierError } from "../../errors.ts";
import type { DrawRequest, InitLimits, OutputFormat } from "../../ports/index.ts";

/** What InvokeModel is sent; `undefined` fields are left out of the JSON. */
type Body = Readonly<Record<string, string | number | undefined>>;

/** One image model on Bedrock, as its documentation describes it. */
export interface BedrockModel {
  label: string;
  outputFormats: readonly OutputFormat[];
  initLimits: InitLimits | null;
  /** The body for one picture. `request.init` is only given where `initLimits` allows it. */
  body(request: DrawRequest): Body;
}

/** Stability's models take pictures of at least 64 px a side and at most one megapixel. */
const ONE_MEGAPIXEL: InitLimits = { minSidePx: 64, maxPixels: 1_048_576 };

/**
 * Every supported model. None has `cfg_scale`, `steps`, `width`, `height` or a sample count:
 * fields that are not documented are answered with a ValidationException.
 * Source: Amazon Bedrock User Guide, "Stability AI models", one page for each model.
 */
const models: Readonly<Record<string, BedrockModel>> = {
  "stability.sd3-5-large-v1:0": {
    label: "Stable Diffusion 3.5 Large",
    outputFormats: ["jpeg", "png", "webp"],
    initLimits: ONE_MEGAPIXEL,
    body: (request) =>
      request.init === undefined
        ? { ...common(request), mode: "text-to-image", aspect_ratio: request.aspectRatio }
        : { ...common(request), mode: "image-to-image", ...initFields(request.init) },
  },
  "stability.stable-image-core-v1:1": {
    label: "Stable Image Core",
    outputFormats: ["jpeg", "png"],
    initLimits: null,
    body: (request) => ({ ...common(request), aspect_ratio: request.aspectRatio }),
  },
  "stability.stable-image-ultra-v1:1": {
    label: "Stable Image Ultra",
    outputFormats: ["jpeg", "png"],
    initLimits: ONE_MEGAPIXEL,
    // No `mode` here: the picture alone makes it image-to-image, and `aspect_ratio` is then refused.
    body: (request) =>
      request.init === undefined
        ? { ...common(request), aspect_ratio: request.aspectRatio }
        : { ...common(request), ...initFields(request.init) },
  },
};

/** The ids that `BEDROCK_MODEL_ID` may have. */
export const bedrockModelIds: readonly string[] = Object.keys(models);

/** Throws `misconfigured` (code `ModelNotFound`) for an id that is not in the table. */
export function getBedrockModel(modelId: string): BedrockModel {
  const model = models[modelId];
  if (model !== undefined) return model;
  throw new AtelierError(
    "misconfigured",
    `The Bedrock model "${modelId}" is not supported. Choose one of: ${bedrockModelIds.join(", ")}.`,
    { code: "ModelNotFound" },
  );
}

/** An absent seed, or 0, is random on Bedrock; the port never sends 0, so every picture can be redrawn. */
function common(request: DrawRequest): Body {
  return {
    prompt: request.prompt,
    negative_prompt: request.negativePrompt,
    seed: request.seed,
    output_format: request.outputFormat,
  };
}

function initFields(init: NonNullable<DrawRequest["init"]>): Body {
  return { image: Buffer.from(init.bytes).toString("base64"), strength: init.strength };
}
