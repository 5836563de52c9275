import {
  AtelierError,
  answerWithPictures,
  defineCommand,
  findSource,
  findStyle,
  PROMPT_MAX,
  pictureOptions,
  pictureWishes,
  readStrength,
  resolveStyle,
  restyle as restyleVerb,
} from "#core";

/** `/restyle`: changes a picture that is attached or stands in the conversation. */
export const restyle = defineCommand({
  name: "restyle",
  description: "Change a picture: the attached one, or the last one here.",
  examples: [
    "/restyle as a winter evening --strength medium",
    "/restyle --from k3v9x2m4p7q1#2 --style ink --strength 0.8 -- bold outlines",
  ],
  pace: "queued",
  audience: "place",
  reach: "typed",
  messageEntry: {
    name: "Restyle this picture",
    description: "Change a picture of this message into something else.",
    takes: "image",
    opensForm: true,
  },
  options: {
    prompt: {
      type: "string",
      description: "What it should become; may be left out with a --style",
      isText: true,
      maxLength: PROMPT_MAX,
    },
    image: { type: "image", description: "The picture to change" },
    from: {
      type: "string",
      description: "A picture or frame of an earlier job, as job#number, not an attached one",
      maxLength: 64,
      namesMedia: true,
    },
    strength: {
      type: "string",
      description: "How far to go: subtle, medium, strong, or 0 to 1; medium unless told",
      maxLength: 10,
      suggest: () => ["subtle", "medium", "strong"].map((word) => ({ name: word, value: word })),
    },
    ...pictureOptions,
  },
  check({ prompt, style, strength }) {
    resolveStyle(style);
    if (strength !== undefined) readStrength(strength);
    if (prompt !== undefined || style !== undefined) return;
    throw new AtelierError(
      "invalid_input",
      "Say what the picture should become, or choose a --style. For example: /restyle as a winter evening.",
      { option: "prompt" },
    );
  },
  run(context) {
    const { args, job, services } = context;
    return answerWithPictures(context, async (asker, watch) => {
      const { input, frame } = await findSource(args, job, services);
      return restyleVerb(
        {
          ...asker,
          ...pictureWishes(args),
          strength: readStrength(args.strength ?? "medium"),
          source: input,
          frame,
          // A style alone says enough: its label becomes the prompt.
          prompt: args.prompt ?? findStyle(args.style ?? "")?.label ?? "",
        },
        services,
        watch,
      );
    });
  },
});
