import { defineButton, getVisibleJob, searchAgain } from "#core";

/** The Next button of a search, and the one that puts its moments back in the order of their match. */
export const nextmoments = defineButton({
  name: "nextmoments",
  description: "Show more of the moments that were found.",
  doing: "Searching",
  async run(context) {
    const { args, user, services } = context;
    const root = await getVisibleJob(services.jobs, args.job, user);
    return searchAgain(root, { page: args.index, order: "match" }, context);
  },
});
