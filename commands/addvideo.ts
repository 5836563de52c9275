import { AtelierError, addedCard, addVideo, defineCommand, getFrameServices } from "#core";

/** What people look for where the model proposes nothing. */
const SUGGESTION = "a red car at night";

/** `/addvideo`: makes the moments of a video findable. */
export const addvideo = defineCommand({
  name: "addvideo",
  description: "Add a video to your team's, so that its moments can be found.",
  examples: ["/addvideo", "/addvideo --title Harbour tour --link s3://media/films/harbour.mp4"],
  pace: "queued",
  doing: "Adding",
  audience: "place",
  reach: "typed",
  messageEntry: {
    name: "Add this video",
    description: "Make the moments of this message's video findable.",
    takes: "video",
  },
  options: {
    video: { type: "video", description: "The video: MP4, MOV, WebM or MKV" },
    link: {
      type: "string",
      description: "Instead of a video: one in the media bucket, as s3://bucket/key",
      maxLength: 1_100,
    },
    title: {
      type: "string",
      description: "Its title; the file's name unless told",
      maxLength: 120,
    },
  },
  check({ video, link }) {
    if ((video === undefined) !== (link === undefined)) return;
    throw new AtelierError(
      "invalid_input",
      video === undefined
        ? "Attach the video to add, or give a --link to one in the media bucket."
        : "Attach a video or give a --link, not both.",
      { option: video === undefined ? "video" : "link" },
    );
  },
  async run({ args, job, services, signal, progress }) {
    const { video, wasHere } = await addVideo(args, job, services, { signal, progress });
    const { embedder, ingest } = await getFrameServices(services);
    return addedCard(video, {
      jobId: job.id,
      wasHere,
      progress: ingest.progressOf(video.id),
      suggestion: embedder.model.suggestions[0] ?? SUGGESTION,
    });
  },
});
