import { AtelierError } from "../errors.ts";
import type { JobRecord } from "../job/job.ts";
import { getVisibleJob } from "../job/visible-job.ts";
import type { Services } from "../services.ts";
import { getInput } from "./inputs.ts";
import { type Asker, makePictures, type PicturesResult, type Watch } from "./make-pictures.ts";

/** The recipe of a job's pictures again with new seeds, past the cache; `count` as before when absent. */
export async function reroll(
  { parentId, count, ...asker }: Asker & { parentId: string; count?: number },
  services: Services,
  watch: Watch,
): Promise<PicturesResult> {
  const parent = await getVisibleJob(services.jobs, parentId, asker.user);
  const [picture] = getPictures(parent);
  const { recipe } = picture;
  if (!services.imageModels.has(recipe.model)) {
    throw new AtelierError(
      "not_found",
      `${recipe.model}, which drew this, is not set up here any more. Press Edit and choose another --model.`,
    );
  }
  const init =
    recipe.imageSha256 === undefined ? {} : { init: await getInput(recipe.imageSha256, services) };
  return makePictures(
    { ...asker, recipe, ...init, count: count ?? parent.pictures.length, isReroll: true },
    services,
    watch,
  );
}

/** A job's pictures, at least one; rejects with `not_found` when it has none, or none any more. */
export function getPictures(record: JobRecord) {
  const [first, ...others] = record.pictures;
  if (first === undefined) {
    throw new AtelierError(
      "not_found",
      "The pictures of this job were deleted, or there were none.",
    );
  }
  return [first, ...others] as const;
}
