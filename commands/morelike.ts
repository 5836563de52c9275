import { defineButton, searchAgain } from "#core";

/** The More like button: what looks like a moment that was found. */
export const morelike = defineButton({
  name: "morelike",
  description: "Find more moments like this one.",
  doing: "Searching",
  run: (context) => searchAgain(context.job, { page: 0, order: "match" }, context),
});
