import {
  answerWithPictures,
  aspectRatios,
  defineCommand,
  imagine as imagineVerb,
  PROMPT_MAX,
  pictureOptions,
  pictureWishes,
  resolveStyle,
} from "#core";

/** `/imagine`: draws pictures from a sentence. */
export const imagine = defineCommand({
  name: "imagine",
  description: "Draw a picture from a sentence.",
  examples: [
    "/imagine a red fox in the snow --ar 16:9 --seed 7",
    "/imagine a lighthouse at night --style watercolor --count 4",
    "/imagine a quiet harbour --no boats, people --private",
  ],
  pace: "queued",
  audience: "place",
  reach: "typed",
  options: {
    prompt: {
      type: "string",
      description: "What to draw",
      required: true,
      isText: true,
      maxLength: PROMPT_MAX,
    },
    ratio: {
      type: "choice",
      alias: "ar",
      description: "Shape of the picture, width to height; 1:1 unless told",
      choices: aspectRatios.map((ratio) => ({ name: ratio, value: ratio })),
    },
    ...pictureOptions,
  },
  check({ style }) {
    resolveStyle(style);
  },
  run(context) {
    const { args, services } = context;
    return answerWithPictures(context, (asker, watch) =>
      imagineVerb(
        {
          ...asker,
          ...pictureWishes(args),
          prompt: args.prompt,
          aspectRatio: args.ratio ?? "1:1",
        },
        services,
        watch,
      ),
    );
  },
});
