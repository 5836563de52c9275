import { defineButton, getVisibleJob, searchAgain } from "#core";

/** The Sort by time button of a search. */
export const sorttime = defineButton({
  name: "sorttime",
  description: "Show the moments that were found in the order in which they happen.",
  doing: "Searching",
  async run(context) {
    const { args, user, services } = context;
    const root = await getVisibleJob(services.jobs, args.job, user);
    return searchAgain(root, { page: args.index, order: "time" }, context);
  },
});
