import { type Card, createCard, shorten } from "../card.ts";
import type { Attachment, CommandContext } from "../command/command.ts";
import { AtelierError } from "../errors.ts";
import { type FoundMoments, findMoments, type MomentQuery } from "../frames/find-moments.ts";
import { type MomentsPage, momentsCard, type ShownMoment } from "../frames/moments-card.ts";
import { frameKey, frameOfKey, type Video } from "../frames/video.ts";
import { videoField, videoState } from "../frames/video-card.ts";
import { momentName, readVideoTime } from "../frames/video-time.ts";
import type { Job } from "../job/job.ts";
import { getVisibleJob } from "../job/visible-job.ts";
import type { PictureInfo } from "../ports/index.ts";
import type { FrameServices, Services } from "../services.ts";
import { framesOn } from "./find-source.ts";
import { getFrameServices, getVisibleVideo, listVisibleVideos, videoNamed } from "./find-video.ts";
import { PICTURE_MAX_BYTES } from "./inputs.ts";

const COUNT = 4;
const TITLE_MAX = 300;
/** How often a search is made again because videos left their earlier index meanwhile. */
const REPEATS_MAX = 3;

/** What a search looks for, as the job that began it says. */
interface Search {
  /** As a title: `“a red car”`. */
  title: string;
  query: MomentQuery;
  not?: string;
  videos: readonly Video[];
  fromMs?: number;
  toMs?: number;
  count: number;
}

/**
 * One page of the search that `root` began: a job of /findframe or of More like this, whose
 * arguments are all that it takes, however long ago it was. It looks where the person who asks
 * now may look.
 */
export async function searchAgain(
  root: Job,
  { page, order }: Pick<MomentsPage, "page" | "order">,
  context: Pick<CommandContext<unknown>, "job" | "user" | "services" | "signal" | "progress">,
): Promise<Card> {
  const { job, user, services, progress } = context;
  progress({ done: 0, total: 1 });
  const frames = await getFrameServices(services);
  const { visible, answer } = await findSettled(root, page, frames, context);
  if (answer === null) return emptyCard(visible, frames);
  const { search, found } = answer;
  const { moments, unreadable } = await shown(found, visible, services);
  if (order === "time") moments.sort(byTime);
  const title = page === 0 ? search.title : `${search.title}, page ${page + 1}`;
  if (moments.length === 0 && unreadable === 0) {
    const { fromMs, toMs, not } = search;
    const isTimed = not === undefined && (fromMs !== undefined || toMs !== undefined);
    const where = isTimed ? ": no video here has a moment between these times." : "";
    const text =
      page === 0 ? `Nothing found for ${search.title}${where}` : "There is nothing more.";
    return createCard({ text, askedBy: user, notices: found.notices });
  }
  return momentsCard(job, {
    title: found.isClear ? capitalised(title) : `No clear match for ${title}; these come closest.`,
    moments,
    rootId: root.id,
    page,
    hasMore: found.hasMore,
    order,
    notices: [
      ...found.notices,
      ...(unreadable === 0 ? [] : [unreadableNotice(unreadable)]),
      ...(frames.embedder.model.notice === undefined ? [] : [frames.embedder.model.notice]),
    ],
  });
}

/**
 * What is found now; `answer` is null where nothing is indexed. A video that is indexed anew for
 * another model leaves its earlier index, maybe just while that is searched: then once more.
 */
async function findSettled(
  root: Job,
  page: number,
  frames: FrameServices,
  context: Pick<CommandContext<unknown>, "user" | "services" | "signal">,
  repeatsLeft = REPEATS_MAX,
): Promise<{
  visible: readonly Video[];
  answer: { search: Search; found: FoundMoments } | null;
}> {
  const { user, services, signal } = context;
  const visible = await listVisibleVideos(user, frames);
  if (!visible.some(isSearchable)) return { visible, answer: null };
  const search = await searchOf(root, user, visible, services);
  const [outcome] = await Promise.allSettled([findMoments(search, frames, { page, signal })]);
  if (repeatsLeft > 0 && (await haveMoved(search.videos, user, frames))) {
    return findSettled(root, page, frames, context, repeatsLeft - 1);
  }
  if (outcome.status === "rejected") throw outcome.reason;
  return { visible, answer: { search, found: outcome.value } };
}

/** Whether videos that were searched in an earlier model's index are not there any more. */
async function haveMoved(
  searched: readonly Video[],
  user: string,
  frames: FrameServices,
): Promise<boolean> {
  const earlier = searched.filter(({ space }) => space !== frames.embedder.model.space);
  if (earlier.length === 0) return false;
  const now = await listVisibleVideos(user, frames);
  const spaces = new Map(now.map(({ id, space }) => [id, space]));
  return earlier.some(({ id, space }) => spaces.get(id) !== space);
}

/** What the job that began the search asked for. */
async function searchOf(
  root: Job,
  user: string,
  visible: readonly Video[],
  services: Services,
): Promise<Search> {
  const { args } = root;
  const ready = visible.filter(isSearchable);
  if (root.command === "morelike") {
    const { job: shownBy, index } = args;
    const parent = await getVisibleJob(services.jobs, String(shownBy), user);
    const frame = frameOfKey(framesOn(parent)[Number(index) - 1]?.blob.key ?? "");
    if (frame === null) {
      throw new AtelierError("not_found", "There is no such moment any more. Search again.");
    }
    const { title } = await getVisibleVideo(frame.videoId, user, services);
    return {
      title: `moments like “${momentName({ ...frame, title })}”`,
      query: { frame },
      videos: ready,
      count: COUNT,
    };
  }
  const { text, image, in: name, from, to, not, count } = args;
  const isPicture = typeof image === "object";
  return {
    title: isPicture ? "moments like this picture" : `“${shorten(String(text), TITLE_MAX)}”`,
    query: isPicture ? { picture: await pictureOf(image, root, services) } : { text: String(text) },
    ...(typeof not === "string" ? { not } : {}),
    videos: typeof name === "string" ? searchableNamed(name, visible) : ready,
    ...(typeof from === "string" ? { fromMs: readVideoTime(from, "from") } : {}),
    ...(typeof to === "string" ? { toMs: readVideoTime(to, "to") } : {}),
    count: typeof count === "number" ? count : COUNT,
  };
}

/** What is indexed anew for another model still has its earlier index. */
function isSearchable({ space }: Video): boolean {
  return space !== "";
}

/** The videos of that title, which several may have; rejects with `invalid_input` when none can be searched. */
function searchableNamed(name: string, visible: readonly Video[]): Video[] {
  const named = videoNamed(name, visible, "in");
  const { id, title, status, failure } = named;
  const same = visible.filter((each) => each.title.toLowerCase() === title.toLowerCase());
  const searchable = (id === name.trim() ? [named] : same).filter(isSearchable);
  if (searchable.length > 0) return searchable;
  const why =
    status === "failed"
      ? `“${title}” could not be indexed: ${failure ?? "it could not be read."}`
      : `“${title}” is still being indexed. Ask again when it is ready.`;
  throw new AtelierError("invalid_input", why, { option: "in" });
}

async function pictureOf(image: Attachment, root: Job, services: Services): Promise<Uint8Array> {
  const { key } = await services.openAttachment(image, root);
  const stored = await services.stores.inputs.get(key);
  if (stored !== null) return stored.bytes;
  throw new AtelierError("not_found", "That picture is not kept any more. Attach it again.");
}

/**
 * The moments with what it takes to show them. Those whose video was removed meanwhile are left
 * out; so are those whose picture cannot be read, which programs may have put there: they are counted.
 */
async function shown(
  { moments }: FoundMoments,
  ready: readonly Video[],
  services: Services,
): Promise<{ moments: ShownMoment[]; unreadable: number }> {
  const loaded = await Promise.all(
    moments.map(async ({ videoId, timeMs, certainty }) => {
      const video = ready.find(({ id }) => id === videoId);
      const thumbnail = await thumbnailOf(frameKey(videoId, timeMs), services);
      if (video === undefined || thumbnail === null) return null;
      return thumbnail === "unreadable" ? thumbnail : { video, timeMs, certainty, thumbnail };
    }),
  );
  const there = loaded.filter((each) => each !== null);
  const readable = there.filter((each) => each !== "unreadable");
  return { moments: readable, unreadable: there.length - readable.length };
}

async function thumbnailOf(
  key: string,
  { stores, pictures }: Services,
): Promise<PictureInfo | "unreadable" | null> {
  try {
    const blob = await stores.media.get(key, { maxBytes: PICTURE_MAX_BYTES });
    return blob === null ? null : await pictures.inspect(blob.bytes);
  } catch (thrown) {
    if (thrown instanceof AtelierError && thrown.kind === "invalid_input") return "unreadable";
    throw thrown;
  }
}

function unreadableNotice(count: number): string {
  return count === 1
    ? "One moment is left out: its picture cannot be read."
    : `${count} moments are left out: their pictures cannot be read.`;
}

function byTime(a: ShownMoment, b: ShownMoment): number {
  return a.video.title.localeCompare(b.video.title) || a.timeMs - b.timeMs;
}

/** Where there is nothing to look through. */
function emptyCard(videos: readonly Video[], { ingest }: FrameServices): Card {
  const underWay = videos.filter(({ status }) => status === "uploaded" || status === "indexing");
  const [first] = underWay;
  if (first === undefined) {
    return createCard({
      text: "There is no video to look through yet. Attach one to /addvideo first.",
      code: "/addvideo",
    });
  }
  const text =
    underWay.length === 1
      ? `“${first.title}” is still being indexed. Ask again when it is ready.`
      : `${underWay.length} videos are still being indexed. Ask again when one is ready.`;
  return createCard({
    text,
    fields: [videoField(first, videoState(first, ingest.progressOf(first.id)))],
  });
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
