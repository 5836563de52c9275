import { type Card, type CardButton, type CardField, createCard, shorten } from "../card.ts";
import { encodeAction } from "../command/action.ts";
import type { CommandContext } from "../command/command.ts";
import { newLinkButton } from "../command/new-link-button.ts";
import { DEMO_LIBRARY, isForEveryone, type Video } from "../frames/video.ts";
import { removeButton, videoField, videoState } from "../frames/video-card.ts";
import { getFrameServices, listVisibleVideos } from "./find-video.ts";

/** As many as every platform shows with a button each, and the two below them. */
const SHOWN = 10;
/** What a button's index can say. */
const PAGES_MAX = 99;

/** One page, from 0, of the videos that the person can search, and how far each is. */
export async function listVideos(
  page: number,
  { job, user, services }: Pick<CommandContext<unknown>, "job" | "user" | "services">,
): Promise<Card> {
  const frames = await getFrameServices(services);
  const all = await listVisibleVideos(user, frames);
  if (all.length === 0) {
    return createCard({
      text: "There is no video yet. Attach one to /addvideo, and its moments can be found.",
      code: "/addvideo",
    });
  }
  const shown = all.slice(page * SHOWN, (page + 1) * SHOWN);
  if (shown.length === 0) return createCard({ text: "There is nothing more." });
  const fields = shown.map((video): CardField => {
    const state = videoState(video, frames.ingest.progressOf(video.id));
    return { ...videoField(video, `${state} · ${originOf(video)}`), ...personFor(video) };
  });
  const left = all.length - page * SHOWN - shown.length;
  const hasNext = left > 0 && page + 1 < PAGES_MAX;
  const [suggestion] = frames.embedder.model.suggestions;
  return createCard({
    text: `${titleOf(all)}${page === 0 ? "" : `, page ${page + 1}`}`,
    fields,
    buttons: [
      ...removeButtons(shown, user, job.id),
      ...(hasNext ? [{ label: "Next", action: actionOf("nextvideos", job.id, page + 1) }] : []),
      ...(fields.some(({ moment }) => moment !== undefined) ? [newLinkButton(job.id)] : []),
    ],
    notices: [
      ...(left > 0 && !hasNext ? [`${left} more are not shown.`] : []),
      ...(suggestion === undefined || page > 0 ? [] : [`Try /findframe ${suggestion}`]),
    ],
  });
}

function titleOf(all: readonly Video[]): string {
  const own = all.filter(({ library }) => library !== DEMO_LIBRARY).length;
  if (own === 0) return "No video of yours yet: these come along to try. Attach one to /addvideo.";
  return own === 1 ? "One video of yours" : `${own} videos of yours`;
}

/** Of those that the person added. */
function removeButtons(shown: readonly Video[], user: string, jobId: string): CardButton[] {
  return shown.flatMap(({ addedBy, library, title }, index) =>
    addedBy === user && library !== DEMO_LIBRARY
      ? [removeButton(`Remove “${shorten(title, 30)}”`, actionOf("removevideo", jobId, index + 1))]
      : [],
  );
}

function actionOf(command: string, jobId: string, index: number): string {
  return encodeAction({ command, jobId, index });
}

function originOf({ library, addedAtMs }: Video): string {
  if (library === DEMO_LIBRARY) return "demo video";
  return `added ${new Date(addedAtMs).toISOString().slice(0, 10)}`;
}

function personFor({ library, addedBy }: Video): { person?: string } {
  return isForEveryone(library) ? {} : { person: addedBy };
}
