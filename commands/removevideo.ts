import {
  AtelierError,
  createCard,
  defineButton,
  getFrameServices,
  getVisibleJob,
  getVisibleVideo,
  videoOfField,
} from "#core";

/** The Remove button of a video: for the person who added it. */
export const removevideo = defineButton({
  name: "removevideo",
  description: "Remove a video and its moments.",
  async run({ args, user, services }) {
    const record = await getVisibleJob(services.jobs, args.job, user);
    const field = record.card?.fields[args.index - 1];
    const id = field === undefined ? null : videoOfField(field);
    // What has a name of another kind was put into the media bucket.
    const video = id === null ? null : await getVisibleVideo(id, user, services);
    if (video?.addedBy !== user) {
      throw new AtelierError(
        "not_allowed",
        "Only the person who added a video can remove it; one that was put into the media bucket goes with its file there.",
      );
    }
    const { ingest } = await getFrameServices(services);
    await ingest.remove(video.id);
    return createCard({ text: `“${video.title}” and its moments are removed.` });
  },
});
