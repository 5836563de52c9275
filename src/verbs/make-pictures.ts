import { createHash } from "node:crypto";
import type { Progress } from "../command/command.ts";
import { type AtelierError, asAtelierError } from "../errors.ts";
import { workspaceOf } from "../job/job.ts";
import { type Priority, SEED_MAX } from "../ports/index.ts";
import type { CachedPicture } from "../recipe/picture-cache.ts";
import { type MadePicture, promptHash, type Recipe } from "../recipe/recipe.ts";
import type { Services } from "../services.ts";
import { drawPicture, type Init, readInit } from "./draw-picture.ts";
import type { StoredInput } from "./inputs.ts";
import { assertPromptFits } from "./resolve-recipe.ts";

/** What every request for pictures says about itself. */
export interface Asker {
  jobId: string;
  /** Who holds the claims on the cache; the job, unless told, so that after a crash it has them still. */
  claimant?: string;
  user: string;
  isPrivate: boolean;
  priority: Priority;
}

export interface PicturesRequest extends Asker {
  /** With a seed, the pictures have that seed and the ones after it; without, one is chosen. */
  recipe: Recipe;
  /** 1–4: each picture is one call of the model. */
  count: number;
  /** New pictures whatever the cache has; the recipe's seed is not used. */
  isReroll: boolean;
  /** The picture of `recipe.imageSha256`. */
  init?: StoredInput;
}

export interface PicturesResult {
  /** In the order of their seeds; at least one. */
  pictures: readonly MadePicture[];
  /** Why the others are missing. */
  failures: AtelierError[];
}

export interface Watch {
  signal: AbortSignal;
  progress(progress: Progress): void;
}

/**
 * Finds or draws the pictures of a recipe, each drawn, stored and cached on its own, so that
 * what is there when something fails need not be paid for again. Rejects when none could be had.
 */
export async function makePictures(
  request: PicturesRequest,
  services: Services,
  { signal, progress }: Watch,
): Promise<PicturesResult> {
  const { count, jobId, user } = request;
  assertPromptFits(request.recipe);
  const { seed: _replaced, ...unseeded } = request.recipe;
  const recipe: Recipe = request.isReroll ? unseeded : request.recipe;
  const scope = request.isPrivate ? user : workspaceOf(user);
  const ownSeed = seedOf(jobId);
  const chosenSeed = request.isReroll ? ownSeed : recipe.seed;
  // Without a chosen seed the first picture, found or new, decides the seeds of the others.
  let decideFirstSeed = (_seed: number) => {};
  const firstSeed = new Promise<number>((resolve) => {
    decideFirstSeed = resolve;
  });
  if (chosenSeed !== undefined) decideFirstSeed(chosenSeed);
  const { init } = request;
  let readOnce: Promise<Init> | undefined;
  // One reading and scaling serves all pictures, and none of them when all are in the cache.
  const loadInit =
    init === undefined ? {} : { loadInit: () => (readOnce ??= readInit(init, recipe, services)) };
  let done = 0;
  progress({ done, total: count });

  async function make(index: number): Promise<MadePicture> {
    const isOpen = chosenSeed === undefined && index === 0;
    const seed = isOpen ? ownSeed : seedAfter(await firstSeed, index);
    const wanted: Recipe = isOpen ? recipe : { ...recipe, seed };
    const hash = promptHash(wanted, scope);
    let keptUnderSeed: Promise<string> | undefined;
    const { picture } = await services.cache.getOrMake(hash, {
      owner: `${request.claimant ?? jobId}-${index + 1}`,
      signal,
      parameters: parametersOf(wanted),
      async make() {
        if (isOpen) decideFirstSeed(seed);
        const drawing = { ...request, ...loadInit, recipe: wanted, seed, number: index + 1 };
        const drawn = await drawPicture(drawing, services, signal);
        // Beside the entry of `hash`, which is written next.
        if (isOpen) keptUnderSeed = keepUnderSeed(wanted, drawn);
        return drawn;
      },
    });
    if (isOpen) decideFirstSeed(picture.seed);
    const promptHashes = isOpen
      ? [hash, await (keptUnderSeed ?? keepUnderSeed(wanted, picture))]
      : [hash];
    progress({ done: ++done, total: count });
    return {
      recipe,
      seed: picture.seed,
      blob: { store: "outputs", key: picture.key },
      mediaType: picture.mediaType,
      widthPx: picture.widthPx,
      heightPx: picture.heightPx,
      promptHashes,
      madeBy: picture.madeBy,
      isFromCache: picture.jobId !== jobId,
    };
  }

  /** The recipe with its seed, as Info shows it, must find the picture too. */
  async function keepUnderSeed(wanted: Recipe, picture: CachedPicture): Promise<string> {
    const seeded = { ...wanted, seed: picture.seed };
    const hash = promptHash(seeded, scope);
    if (picture.jobId === jobId) await services.cache.keep(hash, picture, parametersOf(seeded));
    return hash;
  }

  const settled = await Promise.allSettled(
    Array.from({ length: count }, async (_, index) => {
      try {
        return await make(index);
      } catch (thrown) {
        if (index === 0) decideFirstSeed(ownSeed);
        throw thrown;
      }
    }),
  );
  signal.throwIfAborted();
  const pictures = settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const failures = settled.flatMap((each) =>
    each.status === "rejected" ? [asAtelierError(each.reason)] : [],
  );
  const failure = failures.find(({ retryAtMostOnce }) => retryAtMostOnce) ?? failures[0];
  if (pictures.length === 0 && failure !== undefined) throw failure;
  return { pictures, failures };
}

/** A job's own seed: as random as its id, and the same when the job is run again after a crash. */
function seedOf(jobId: string): number {
  return (createHash("sha256").update(`seed:${jobId}`).digest().readUInt32BE() % SEED_MAX) + 1;
}

/** The seed of the picture at `index`, from 1 to SEED_MAX, starting again at 1 past the end. */
function seedAfter(first: number, index: number): number {
  return ((first - 1 + index) % SEED_MAX) + 1;
}

function parametersOf(recipe: Recipe): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries({
      mode: recipe.mode,
      prompt: recipe.prompt,
      negative_prompt: recipe.negativePrompt,
      aspect_ratio: recipe.aspectRatio,
      style: recipe.style,
      strength: recipe.strength,
      image_sha256: recipe.imageSha256,
      output_format: recipe.outputFormat,
    }).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  );
}
