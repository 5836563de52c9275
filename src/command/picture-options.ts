import { outputFormats, SEED_MAX } from "../ports/index.ts";
import { stylePresets } from "../recipe/styles.ts";
import { PROMPT_MAX } from "../verbs/resolve-recipe.ts";
import type { ArgsOf, Options } from "./command.ts";

/** The options of every command that makes pictures. */
export const pictureOptions = {
  seed: {
    type: "integer",
    description: "A number that makes the same picture come back; 0 chooses one",
    min: 0,
    max: SEED_MAX,
  },
  negative: {
    type: "string",
    alias: "no",
    description: "What to leave out",
    maxLength: PROMPT_MAX,
  },
  style: {
    type: "string",
    description: "A style preset",
    maxLength: 40,
    suggest: () => stylePresets.map(({ name, label }) => ({ name: label, value: name })),
  },
  count: { type: "integer", description: "How many pictures", min: 1, max: 4 },
  model: {
    type: "string",
    description: "Which model draws",
    maxLength: 100,
    suggest: ({ imageModels }) =>
      [...imageModels.values()].map(({ label, id }) => ({ name: label, value: id })),
  },
  format: {
    type: "choice",
    description: "File format; jpeg unless told",
    choices: outputFormats.map((format) => ({ name: format, value: format })),
  },
  private: {
    type: "flag",
    description: "Only you see the result, and nobody else is ever served it",
  },
} as const satisfies Options;

/** What those options say, in the words of the verbs and with the defaults. */
export function pictureWishes(args: ArgsOf<typeof pictureOptions>) {
  return {
    negativePrompt: args.negative,
    style: args.style,
    seed: args.seed,
    model: args.model,
    count: args.count ?? 1,
    outputFormat: args.format ?? "jpeg",
  };
}
