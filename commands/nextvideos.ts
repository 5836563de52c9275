import { defineButton, listVideos } from "#core";

/** The Next button of /videos. */
export const nextvideos = defineButton({
  name: "nextvideos",
  description: "Show more of the videos.",
  run: (context) => listVideos(context.args.index, context),
});
