import { pictureCard } from "../recipe/picture-card.ts";
import { reroll } from "../verbs/reroll.ts";
import { buttonOptions, type Command, defineCommand } from "./command.ts";

/** A button's command that draws a job's recipe again with new seeds; `count` pictures, or as many as before. */
export function rerollCommand({
  name,
  description,
  count,
}: {
  name: string;
  description: string;
  count?: number;
}): Command {
  return defineCommand({
    name,
    description,
    examples: [],
    pace: "drawing",
    audience: "place",
    reach: "button",
    options: buttonOptions,
    async run({ args, user, job, services, signal, progress, keep }) {
      const result = await reroll(
        {
          parentId: args.job,
          ...(count === undefined ? {} : { count }),
          jobId: job.id,
          user,
          isPrivate: job.isPrivate,
          priority: "interactive",
        },
        services,
        { signal, progress },
      );
      keep(result.pictures);
      return pictureCard(job, result, services.imageModels);
    },
  });
}
