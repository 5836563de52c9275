import { createCard, defineButton, getVisibleJob } from "#core";

/** The Restyle button where the platform cannot fill the person's input. */
export const restylethis = defineButton({
  name: "restylethis",
  description: "How to restyle this picture.",
  async run({ args, user, services }) {
    const { isPrivate } = await getVisibleJob(services.jobs, args.job, user);
    return createCard({
      text: "Type this, and say what the picture should become:",
      code: `/restyle --from ${args.job}#${Math.max(1, args.index)} ${isPrivate ? "--private " : ""}-- as a winter evening`,
    });
  },
});
