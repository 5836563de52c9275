import { createCard, defineButton, deletePictures, getVisibleJob } from "#core";

/** The Delete button: for the person who asked, removes the pictures everywhere they are kept. */
export const deleteCommand = defineButton({
  name: "delete",
  description: "Delete a job's pictures.",
  async run({ args, user, services }) {
    const record = await getVisibleJob(services.jobs, args.job, user);
    const { deleted } = await deletePictures(record, user, services);
    const what =
      deleted === 0
        ? "Removed by the person who asked. The pictures came from the cache and belong to whoever had them made."
        : "Deleted by the person who asked.";
    return createCard({ text: what, replaces: record.id });
  },
});
