import { buttonOptions, createCard, defineCommand } from "#core";

/** The Restyle button where the platform cannot fill the person's input. */
export const restylethis = defineCommand({
  name: "restylethis",
  description: "How to restyle this picture.",
  examples: [],
  pace: "quick",
  audience: "person",
  reach: "button",
  options: buttonOptions,
  async run({ args }) {
    return createCard({
      text: "Type this, and say what the picture should become:",
      code: `/restyle --from ${args.job}#${Math.max(1, args.index)} -- as a winter evening`,
    });
  },
});
