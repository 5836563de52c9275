import { defineCommand, listVideos } from "#core";

/** `/videos`: what can be searched. */
export const videos = defineCommand({
  name: "videos",
  description: "Your team's videos, and how far those are that were just added.",
  examples: ["/videos"],
  pace: "quick",
  audience: "person",
  reach: "typed",
  options: {},
  run: (context) => listVideos(0, context),
});
