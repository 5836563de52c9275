import { createCard, defineButton, getPictures, getVisibleJob } from "#core";

/** The Restyle button where the platform cannot fill the person's input. */
export const restylethis = defineButton({
  name: "restylethis",
  description: "How to restyle this picture.",
  async run({ args, user, services }) {
    const record = await getVisibleJob(services.jobs, args.job, user);
    getPictures(record);
    return createCard({
      text: "Type this, and say what the picture should become:",
      code: `/restyle --from ${args.job}#${Math.max(1, args.index)} ${record.isPrivate ? "--private " : ""}-- as a winter evening`,
    });
  },
});
