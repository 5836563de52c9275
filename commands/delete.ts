import { createCard, defineButton, deletePictures, getVisibleJob, personOf } from "#core";

/** The Delete button: for the person who asked, removes the pictures everywhere they are kept. */
export const deleteCommand = defineButton({
  name: "delete",
  description: "Delete a job's pictures.",
  async run({ args, user, services }) {
    const record = await getVisibleJob(services.jobs, args.job, user);
    await deletePictures(record, user, services);
    return createCard({ text: `Deleted by ${personOf(user)}.`, replaces: record.id });
  },
});
