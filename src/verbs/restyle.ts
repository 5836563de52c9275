import { AtelierError } from "../errors.ts";
import type { OutputFormat } from "../ports/index.ts";
import type { Recipe, RecipeFrame } from "../recipe/recipe.ts";
import type { Services } from "../services.ts";
import type { StoredInput } from "./inputs.ts";
import { type Asker, makePictures, type PicturesResult, type Watch } from "./make-pictures.ts";
import {
  resolveModel,
  resolveNegativePrompt,
  resolvePrompt,
  resolveStyle,
} from "./resolve-recipe.ts";

/** Words for how far a restyle goes from the picture it starts from. */
export const strengthWords = { subtle: 0.35, medium: 0.6, strong: 0.85 } as const;

export interface RestyleRequest extends Asker {
  source: StoredInput;
  /** The frame of a video that the source is. */
  frame?: RecipeFrame | undefined;
  prompt: string;
  negativePrompt?: string | undefined;
  style?: string | undefined;
  /** 0 keeps the picture, 1 ignores it. */
  strength: number;
  seed?: number | undefined;
  model?: string | undefined;
  count: number;
  outputFormat: OutputFormat;
}

/** Draws from a picture and words; rejects with `invalid_input` when the model takes no picture. */
export async function restyle(
  request: RestyleRequest,
  services: Services,
  watch: Watch,
): Promise<PicturesResult> {
  const model = resolveModel(services.imageModels, request.model);
  if (model.initLimits === null) {
    const able = [...services.imageModels.values()].filter((each) => each.initLimits !== null);
    const hint =
      able.length === 0
        ? "No model that is set up here can."
        : `Use --model ${able.map((each) => each.id).join(" or --model ")}.`;
    throw new AtelierError("invalid_input", `${model.label} cannot start from a picture. ${hint}`);
  }
  const recipe: Recipe = {
    mode: "image-to-image",
    model: model.id,
    prompt: resolvePrompt(request.prompt),
    ...resolveNegativePrompt(request.negativePrompt),
    ...resolveStyle(request.style),
    ...(request.seed ? { seed: request.seed } : {}),
    strength: request.strength,
    imageSha256: request.source.sha256,
    outputFormat: request.outputFormat,
    ...(request.frame === undefined ? {} : { frame: request.frame }),
  };
  return makePictures(
    { ...request, recipe, init: request.source, isReroll: false },
    services,
    watch,
  );
}

/** Reads `subtle`, `medium`, `strong` or a number from 0 to 1. */
export function readStrength(text: string): number {
  const wanted = text.trim().toLowerCase();
  for (const [word, strength] of Object.entries(strengthWords)) {
    if (word === wanted) return strength;
  }
  const number = /^(?:0?\.\d+|[01](?:\.0+)?)$/u.test(wanted) ? Number(wanted) : Number.NaN;
  if (Number.isNaN(number)) {
    throw new AtelierError(
      "invalid_input",
      "--strength is subtle, medium, strong, or a number from 0 (keep the picture) to 1 (ignore it).",
      { option: "strength" },
    );
  }
  return number;
}
