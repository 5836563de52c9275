import {
  AtelierError,
  createCard,
  defineButton,
  frameOfKey,
  framesOn,
  getVisibleJob,
  getVisibleVideo,
} from "#core";

/** The Restyle button of a moment where the platform cannot fill the person's input. */
export const restyleframe = defineButton({
  name: "restyleframe",
  description: "How to restyle this frame.",
  async run({ args, user, services }) {
    const record = await getVisibleJob(services.jobs, args.job, user);
    const frame = frameOfKey(framesOn(record)[args.index - 1]?.blob.key ?? "");
    if (frame === null) throw new AtelierError("not_found", "There is no such frame any more.");
    await getVisibleVideo(frame.videoId, user, services);
    return createCard({
      text: "Type this, and say what the frame should become:",
      code: `/restyle --from ${record.id}#${args.index} ${record.isPrivate ? "--private " : ""}-- as a winter evening`,
    });
  },
});
