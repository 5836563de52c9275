import { type Card, type CardButton, createCard, type VideoMoment } from "../card.ts";
import { encodeAction } from "../command/action.ts";
import { newLinkButton } from "../command/new-link-button.ts";
import type { Job } from "../job/job.ts";
import type { PictureInfo } from "../ports/index.ts";
import { isOfFramesOnly } from "./checkpoint.ts";
import { frameKey, type Video } from "./video.ts";
import { momentName } from "./video-time.ts";

/** A moment that was found, with what it takes to show it. */
export interface ShownMoment {
  video: Pick<Video, "id" | "title" | "sourceKey">;
  timeMs: number;
  /** How sure it is; null for what is only the closest there is. */
  certainty: "strong" | "maybe" | null;
  thumbnail: PictureInfo;
}

/** One page of what a search found. */
export interface MomentsPage {
  /** What was looked for, as a title. */
  title: string;
  moments: readonly ShownMoment[];
  /** The job that the search began with: it has all that the next page takes. */
  rootId: string;
  /** From 0. */
  page: number;
  hasMore: boolean;
  order: "match" | "time";
  notices: readonly string[];
}

/** So many moments have buttons of their own: more would bury the rest. */
const MOMENTS_WITH_BUTTONS = 4;
/** What a button's index can say. */
const PAGES_MAX = 99;

/** The card with the moments as pictures, and what one may want next. */
export function momentsCard(
  job: Pick<Job, "id" | "user" | "isPrivate">,
  { title, moments, rootId, page, hasMore, order, notices }: MomentsPage,
): Card {
  const numbered = moments.length > 1;
  return createCard({
    text: title,
    askedBy: job.user,
    images: moments.map(({ video, timeMs, certainty, thumbnail }) => ({
      ...thumbnail,
      blob: { store: "media", key: frameKey(video.id, timeMs) },
      alt: `${momentName({ title: video.title, timeMs })} (${certaintyWords(certainty)})`,
    })),
    fields: moments.map(({ video, timeMs, certainty }, index) => ({
      label: `${numbered ? `${index + 1} · ` : ""}${momentName({ title: video.title, timeMs })}`,
      value: certaintyWords(certainty),
      moment: momentOf(video, timeMs),
    })),
    buttons: [
      ...moments
        .slice(0, MOMENTS_WITH_BUTTONS)
        .flatMap((_, index) => momentButtons(job, index + 1)),
      ...(hasMore && page + 1 < PAGES_MAX
        ? [{ label: "Next", action: pageAction("nextmoments", rootId, page + 1) }]
        : []),
      ...(numbered ? [orderButton(rootId, page, order)] : []),
      ...(moments.length > 0 ? [newLinkButton(job.id)] : []),
    ],
    notices,
  });
}

/** Where programs gave frames and no file, there is nothing to play: the frame opens instead. */
function momentOf(video: ShownMoment["video"], timeMs: number): VideoMoment {
  return isOfFramesOnly(video)
    ? { blob: { store: "media", key: frameKey(video.id, timeMs) } }
    : { blob: { store: "media", key: video.sourceKey }, timeMs };
}

function certaintyWords(certainty: ShownMoment["certainty"]): string {
  return certainty === null ? "closest" : certainty === "strong" ? "strong match" : "maybe";
}

function momentButtons({ id: jobId, isPrivate }: Pick<Job, "id" | "isPrivate">, index: number) {
  const buttons: CardButton[] = [
    { label: `More like ${index}`, action: encodeAction({ command: "morelike", jobId, index }) },
    {
      label: `Restyle ${index}`,
      action: encodeAction({ command: "restyleframe", jobId, index }),
      prefill: `/restyle --from ${jobId}#${index} ${isPrivate ? "--private " : ""}-- `,
    },
  ];
  return buttons;
}

function orderButton(rootId: string, page: number, order: MomentsPage["order"]): CardButton {
  return order === "match"
    ? { label: "Sort by time", action: pageAction("sorttime", rootId, page) }
    : { label: "Sort by match", action: pageAction("nextmoments", rootId, page) };
}

function pageAction(command: string, jobId: string, page: number): string {
  return encodeAction({ command, jobId, index: page });
}
