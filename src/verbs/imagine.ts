import type { AspectRatio, OutputFormat } from "../ports/index.ts";
import type { Recipe } from "../recipe/recipe.ts";
import type { Services } from "../services.ts";
import { type Asker, makePictures, type PicturesResult, type Watch } from "./make-pictures.ts";
import {
  resolveModel,
  resolveNegativePrompt,
  resolvePrompt,
  resolveStyle,
} from "./resolve-recipe.ts";

export interface ImagineRequest extends Asker {
  prompt: string;
  negativePrompt?: string | undefined;
  aspectRatio: AspectRatio;
  style?: string | undefined;
  /** 0 and absent let one be chosen. */
  seed?: number | undefined;
  model?: string | undefined;
  count: number;
  outputFormat: OutputFormat;
}

/** Draws from words. Rejects with `invalid_input` for a style or model that does not exist. */
export function imagine(
  request: ImagineRequest,
  services: Services,
  watch: Watch,
): Promise<PicturesResult> {
  const recipe: Recipe = {
    mode: "text-to-image",
    model: resolveModel(services.imageModels, request.model).id,
    prompt: resolvePrompt(request.prompt),
    ...resolveNegativePrompt(request.negativePrompt),
    aspectRatio: request.aspectRatio,
    ...resolveStyle(request.style),
    ...(request.seed ? { seed: request.seed } : {}),
    outputFormat: request.outputFormat,
  };
  return makePictures({ ...request, recipe, isReroll: false }, services, watch);
}
