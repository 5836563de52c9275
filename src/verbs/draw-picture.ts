import { AtelierError, asAtelierError } from "../errors.ts";
import type { DrawRequest, OutputFormat, Priority } from "../ports/index.ts";
import type { CachedPicture } from "../recipe/picture-cache.ts";
import { canonicalJson, type Recipe } from "../recipe/recipe.ts";
import { recipeCommand } from "../recipe/recipe-command.ts";
import { promptWithStyle } from "../recipe/styles.ts";
import { embedRecipe } from "../recipe-metadata/index.ts";
import type { Services } from "../services.ts";
import type { StoredInput } from "./inputs.ts";

export type Init = NonNullable<DrawRequest["init"]>;

export interface PictureRequest {
  recipe: Recipe;
  seed: number;
  /** The picture to start from, as the model takes it. */
  loadInit?: () => Promise<Init>;
  jobId: string;
  /** Which picture of the job, from 1. */
  number: number;
  user: string;
  priority: Priority;
}

/** Draws one picture with one model, writes its recipe into it and stores it. */
export async function drawPicture(
  request: PictureRequest,
  services: Services,
  signal: AbortSignal,
): Promise<CachedPicture> {
  const { recipe, seed, jobId } = request;
  const model = services.imageModels.get(recipe.model);
  if (model === undefined) {
    throw new AtelierError("misconfigured", `The model ${recipe.model} is not set up here.`, {
      code: "ModelNotFound",
    });
  }
  const format = recipe.outputFormat;
  const [nativeFormat = format] = model.outputFormats;
  const drawing = await model.draw(
    {
      prompt: promptWithStyle(recipe.prompt, recipe.style),
      ...(recipe.negativePrompt === undefined ? {} : { negativePrompt: recipe.negativePrompt }),
      aspectRatio: recipe.aspectRatio ?? "1:1",
      seed,
      outputFormat: model.outputFormats.includes(format) ? format : nativeFormat,
      ...(request.loadInit === undefined ? {} : { init: await request.loadInit() }),
    },
    { signal, priority: request.priority },
  );
  const converted = await services.pictures.convert(drawing.bytes, format);
  const info = await services.pictures.inspect(converted);
  const bytes = embedRecipe(converted, info.mediaType, recipeText(recipe, drawing.seed));
  const key = outputKey(services.clock.nowMs(), jobId, request.number, format);
  try {
    await services.stores.outputs.put(key, { bytes, mediaType: info.mediaType });
  } catch (thrown) {
    throw paidFor(asAtelierError(thrown));
  }
  return {
    ...info,
    key,
    seed: drawing.seed,
    model: recipe.model,
    jobId,
    madeBy: request.user,
  };
}

/** The picture was drawn, and may have been charged: not to be tried again and again. */
function paidFor(error: AtelierError): AtelierError {
  const { kind, message, code } = error;
  const withCode = code === undefined ? {} : { code };
  return new AtelierError(kind, message, { cause: error, retryAtMostOnce: true, ...withCode });
}

/** Reads a given picture and scales it to what the recipe's model takes. */
export async function readInit(
  init: StoredInput,
  recipe: Recipe,
  services: Services,
): Promise<Init> {
  const limits = services.imageModels.get(recipe.model)?.initLimits;
  if (limits === null || limits === undefined) {
    throw new AtelierError("invalid_input", `${recipe.model} cannot start from a picture.`);
  }
  const stored = await services.stores.inputs.get(init.key);
  if (stored === null) {
    throw new AtelierError("not_found", "The picture to start from is gone. Attach it again.", {
      code: "NoSuchKey",
    });
  }
  const { bytes, mediaType } = await services.pictures.fit(stored.bytes, limits);
  return { bytes, mediaType, strength: recipe.strength ?? 0.7 };
}

/** `outputs/{yyyy}/{mm}/{dd}/{job id}-{n}.{jpeg|png|webp}`: results can never collide. */
function outputKey(nowMs: number, jobId: string, number: number, format: OutputFormat): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll("-", "/");
  return `outputs/${day}/${jobId}-${number}.${format}`;
}

/** What the file itself tells: first the command to paste, then every field for programs. */
function recipeText(recipe: Recipe, seed: number): string {
  const fields = canonicalJson({ ...recipe, seed, software: "Atelier" });
  return `${recipeCommand(recipe, { seed })}\n${fields}`;
}
