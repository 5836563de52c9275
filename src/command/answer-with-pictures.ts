import type { Card } from "../card.ts";
import { pictureCard } from "../recipe/picture-card.ts";
import type { Asker, PicturesResult, Watch } from "../verbs/make-pictures.ts";
import type { CommandContext } from "./command.ts";

/** Has pictures made for whoever gave the command, puts them into the job's record and on a card. */
export async function answerWithPictures(
  { job, user, services, signal, progress, keep, warn }: CommandContext<unknown>,
  make: (asker: Asker, watch: Watch) => Promise<PicturesResult>,
): Promise<Card> {
  const asker: Asker = {
    jobId: job.id,
    user,
    isPrivate: job.isPrivate,
    priority: "interactive",
  };
  const result = await make(asker, { signal, progress });
  keep(result.pictures);
  result.failures.forEach(warn);
  return pictureCard(job, result, services.imageModels);
}
