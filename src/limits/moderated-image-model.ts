import { abortable } from "../abortable.ts";
import type { DrawRequest, ImageModel, Moderator } from "../ports/index.ts";

const JUDGED_WITHIN_MS = 20_000;

/**
 * The same model, asked only for what the moderator lets through. The pictures of one prompt wait
 * for one judgement, not each for its own.
 */
export function createModeratedImageModel({
  model,
  moderator,
}: {
  model: ImageModel;
  moderator: Moderator;
}): ImageModel {
  const underWay = new Map<string, Promise<void>>();

  function judge({ prompt, init }: DrawRequest): Promise<void> {
    // Its own deadline: others may wait for it when its first asker is gone.
    const signal = AbortSignal.timeout(JUDGED_WITHIN_MS);
    if (init !== undefined) return moderator.check({ text: prompt, picture: init }, { signal });
    const found = underWay.get(prompt);
    if (found !== undefined) return found;
    const judged = moderator
      .check({ text: prompt }, { signal })
      .finally(() => underWay.delete(prompt));
    underWay.set(prompt, judged);
    return judged;
  }

  return {
    ...model,
    async draw(request, options) {
      await abortable(judge(request), options.signal);
      options.signal.throwIfAborted();
      return model.draw(request, options);
    },
  };
}
