import {
  defineCommand,
  findSource,
  PROMPT_MAX,
  pictureCard,
  pictureOptions,
  readStrength,
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
  pace: "drawing",
  audience: "place",
  reach: "typed",
  options: {
    prompt: {
      type: "string",
      description: "What it should become",
      required: true,
      isText: true,
      maxLength: PROMPT_MAX,
    },
    image: { type: "image", description: "The picture to change" },
    from: {
      type: "string",
      description: "A picture of an earlier job, as job#number, instead of an attached one",
      maxLength: 64,
    },
    strength: {
      type: "string",
      description: "How far to go: subtle, medium, strong, or 0 to 1; medium unless told",
      maxLength: 10,
      suggest: () => ["subtle", "medium", "strong"].map((word) => ({ name: word, value: word })),
    },
    ...pictureOptions,
  },
  async run({ args, user, job, services, signal, progress, keep }) {
    const strength = readStrength(args.strength ?? "medium");
    const source = await findSource(args, job, services);
    const result = await restyleVerb(
      {
        source,
        prompt: args.prompt,
        negativePrompt: args.negative,
        style: args.style,
        strength,
        seed: args.seed,
        model: args.model,
        count: args.count ?? 1,
        outputFormat: args.format ?? "jpeg",
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
