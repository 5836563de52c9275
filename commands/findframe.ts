import { AtelierError, defineCommand, proposeVideos, readVideoTime, searchAgain } from "#core";

/** `/findframe`: the moments of the team's videos that a sentence or a picture describes. */
export const findframe = defineCommand({
  name: "findframe",
  description: "Find the moment in your team's videos that a sentence or a picture describes.",
  examples: [
    "/findframe a red car at night",
    "/findframe a boat --in Harbour tour --from 1:30 --to 3:00 --not people",
  ],
  async examplesHere({ openFrames }) {
    // The command's own examples do, where the model cannot be asked.
    const frames = await openFrames?.().catch(() => null);
    const suggestions = frames?.embedder.model.suggestions ?? [];
    return suggestions.length === 0 ? null : suggestions.map((each) => `/findframe ${each}`);
  },
  pace: "queued",
  doing: "Searching",
  audience: "place",
  reach: "typed",
  messageEntry: {
    name: "Find this in our videos",
    description: "Look for the picture of this message in your team's videos.",
    takes: "image",
  },
  options: {
    text: {
      type: "string",
      description: "What is to be seen",
      isText: true,
      maxLength: 1_000,
    },
    image: { type: "image", description: "A picture to look for, instead of words" },
    in: {
      type: "string",
      description: "Only in this video",
      maxLength: 120,
      propose: proposeVideos,
    },
    from: { type: "string", description: "Not before this time of the video: 1:23", maxLength: 12 },
    to: { type: "string", description: "Not after this time of the video: 2:30", maxLength: 12 },
    not: { type: "string", alias: "no", description: "What is not to be seen", maxLength: 300 },
    count: { type: "integer", description: "How many moments; 4 unless told", min: 1, max: 10 },
    private: { type: "flag", description: "Only you see the result" },
  },
  check({ text, image, from, to }) {
    if ((text === undefined) === (image === undefined)) {
      throw new AtelierError(
        "invalid_input",
        text === undefined
          ? "Say what to look for, or attach a picture of it. For example: /findframe a red car at night."
          : "Look for words or for a picture, not for both.",
        { option: "text" },
      );
    }
    const fromMs = from === undefined ? 0 : readVideoTime(from, "from");
    if (to !== undefined && readVideoTime(to, "to") < fromMs) {
      throw new AtelierError("invalid_input", "--to is before --from.", { option: "to" });
    }
  },
  run: (context) => searchAgain(context.job, { page: 0, order: "match" }, context),
});
