import type { Card } from "../card.ts";
import type { Choice } from "../command/command.ts";
import { AtelierError } from "../errors.ts";
import {
  DEMO_LIBRARY,
  frameOfKey,
  isForEveryone,
  libraryOf,
  SHARED_LIBRARY,
  type Video,
} from "../frames/video.ts";
import { videoOfField } from "../frames/video-card.ts";
import type { FrameServices, Services } from "../services.ts";

/** What finding moments works with; rejects with `not_found` and a sentence where there is none. */
export async function getFrameServices({
  openFrames,
}: Pick<Services, "openFrames">): Promise<FrameServices> {
  if (openFrames === null) throw notSetUp();
  return openFrames();
}

function notSetUp(): AtelierError {
  return new AtelierError(
    "not_found",
    "Videos are not set up here: there is no place to keep them. The operator can set MEDIA_BUCKET.",
  );
}

/** A video that this person may see; other libraries' videos do not exist for them. */
export async function getVisibleVideo(
  id: string,
  user: string,
  { videos }: Pick<Services, "videos">,
): Promise<Video> {
  if (videos === null) throw notSetUp();
  const video = await videos.find(id);
  if (video !== null && isVisible(video, user)) return video;
  throw new AtelierError("not_found", "That video was removed. /videos lists what there is.");
}

function isVisible({ library }: Video, user: string): boolean {
  return isForEveryone(library) || library === libraryOf(user);
}

/**
 * Rejects with `not_found` a card, which may be another person's, that shows a video of a library
 * that is not this person's: showing it signs links to its moments. Removed videos have none.
 */
export async function assertVisibleCard(
  { images, fields }: Pick<Card, "images" | "fields">,
  user: string,
  { videos }: Pick<Services, "videos">,
): Promise<void> {
  const ids = new Set([
    ...images.map(({ blob }) => (blob.store === "media" ? frameOfKey(blob.key)?.videoId : null)),
    ...fields.map(videoOfField),
  ]);
  const shown = await Promise.all([...ids].map((id) => (id && videos?.find(id)) || null));
  if (shown.every((video) => video === null || isVisible(video, user))) return;
  throw new AtelierError("not_found", "That job shows videos of another workspace.");
}

/** The person's library, newest first, and after it what everyone has. */
export async function listVisibleVideos(
  user: string,
  { videos }: Pick<FrameServices, "videos">,
): Promise<Video[]> {
  const lists = await Promise.all(
    [libraryOf(user), SHARED_LIBRARY, DEMO_LIBRARY].map((each) => videos.list(each)),
  );
  return lists.flat();
}

/** The video of that id or title, or the only one whose title has it in it; rejects with `invalid_input`. */
export function videoNamed(name: string, videos: readonly Video[], option: string): Video {
  const wanted = name.trim().toLowerCase();
  const exact = videos.find(({ id, title }) => id === wanted || title.toLowerCase() === wanted);
  const partial = videos.filter(({ title }) => title.toLowerCase().includes(wanted));
  const found = exact ?? (partial.length === 1 ? partial[0] : undefined);
  if (found !== undefined) return found;
  const list = (partial.length > 1 ? partial : videos).slice(0, 8).map(({ title }) => `“${title}”`);
  const why =
    partial.length > 1 ? "Several videos are called" : "There is no video here that is called";
  const hint =
    list.length === 0
      ? "/addvideo adds one."
      : `There ${list.length === 1 ? "is" : "are"} ${list.join(", ")}.`;
  throw new AtelierError("invalid_input", `${why} “${name.slice(0, 60)}”. ${hint}`, { option });
}

/** The person's videos to choose from. */
export async function proposeVideos(
  { videos }: Pick<Services, "videos">,
  user: string,
): Promise<Choice[]> {
  if (videos === null) return [];
  const visible = await listVisibleVideos(user, { videos });
  return visible.map(({ title }) => ({ name: title, value: title }));
}
