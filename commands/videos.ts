import {
  createCard,
  DEMO_LIBRARY,
  defineCommand,
  encodeAction,
  getFrameServices,
  isForEveryone,
  listVisibleVideos,
  removeButton,
  shorten,
  type Video,
  videoField,
  videoState,
} from "#core";

/** As many as every platform shows with a button each. */
const SHOWN = 12;

/** `/videos`: what can be searched. */
export const videos = defineCommand({
  name: "videos",
  description: "Your team's videos, and how far those are that were just added.",
  examples: ["/videos"],
  pace: "quick",
  audience: "person",
  reach: "typed",
  options: {},
  async run({ job, user, services }) {
    const frames = await getFrameServices(services);
    const all = await listVisibleVideos(user, frames);
    const own = all.filter(({ library }) => library !== DEMO_LIBRARY);
    const [suggestion] = frames.embedder.model.suggestions;
    if (all.length === 0) {
      return createCard({
        text: "There is no video yet. Attach one to /addvideo, and its moments can be found.",
        code: "/addvideo",
      });
    }
    const shown = all.slice(0, SHOWN);
    return createCard({
      text:
        own.length === 0
          ? "No video of yours yet: these come along to try. Attach one to /addvideo."
          : `${own.length === 1 ? "One video" : `${own.length} videos`} of yours`,
      fields: shown.map((video) => {
        const state = videoState(video, frames.ingest.progressOf(video.id));
        return { ...videoField(video, `${state} · ${originOf(video)}`), ...personFor(video) };
      }),
      buttons: shown.flatMap(({ addedBy, library, title }, index) =>
        addedBy === user && library !== DEMO_LIBRARY
          ? [
              removeButton(
                `Remove “${shorten(title, 30)}”`,
                encodeAction({ command: "removevideo", jobId: job.id, index: index + 1 }),
              ),
            ]
          : [],
      ),
      notices: [
        ...(all.length > SHOWN ? [`${all.length - SHOWN} older ones are not shown.`] : []),
        ...(suggestion === undefined ? [] : [`Try /findframe ${suggestion}`]),
      ],
    });
  },
});

function originOf({ library, addedAtMs }: Video): string {
  if (library === DEMO_LIBRARY) return "demo video";
  return `added ${new Date(addedAtMs).toISOString().slice(0, 10)}`;
}

function personFor({ library, addedBy }: Video): { person?: string } {
  return isForEveryone(library) ? {} : { person: addedBy };
}
