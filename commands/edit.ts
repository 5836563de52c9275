import { createCard, defineButton, getPictures, getVisibleJob, recipeCommand } from "#core";

/** The Edit button where the platform cannot fill the person's input. */
export const edit = defineButton({
  name: "edit",
  description: "The command behind this picture, to change and send.",
  async run({ args, user, services }) {
    const record = await getVisibleJob(services.jobs, args.job, user);
    const pictures = getPictures(record);
    const [first] = pictures;
    return createCard({
      text: "Change what you like and send it:",
      code: recipeCommand(first.recipe, {
        count: pictures.length,
        isPrivate: record.isPrivate,
      }),
    });
  },
});
