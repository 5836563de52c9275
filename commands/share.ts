import { AtelierError, defineButton, getVisibleJob, pictureCard } from "#core";

/** The button below a private result: shows it to everyone in the place. */
export const share = defineButton({
  name: "share",
  description: "Show a private result to everyone here.",
  publishes: true,
  async run({ args, job, user, services, keep }) {
    const { isPrivate, pictures } = await getVisibleJob(services.jobs, args.job, user);
    if (!isPrivate) throw new AtelierError("invalid_input", "Everyone here sees this already.");
    if (pictures.length === 0) {
      throw new AtelierError("not_found", "There is no picture left to share.");
    }
    keep(pictures);
    return pictureCard(job, { pictures, failures: [] }, services.imageModels);
  },
});
