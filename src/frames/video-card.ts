import { type Card, type CardField, createCard } from "../card.ts";
import { encodeAction } from "../command/action.ts";
import { newLinkButton } from "../command/new-link-button.ts";
import { isOfFramesOnly } from "./checkpoint.ts";
import { frameOfKey, type IngestProgress, isForEveryone, type Video } from "./video.ts";
import { clockTime } from "./video-time.ts";

/** The field that names a video, and opens it at its beginning where there is a file to play. */
export function videoField(video: Video, value: string): CardField {
  const field = { label: video.title, value };
  if (isOfFramesOnly(video)) return field;
  return { ...field, moment: { blob: { store: "media", key: video.sourceKey }, timeMs: 0 } };
}

/** Which video the moment of a field is of, or null. */
export function videoOfField({ moment }: CardField): string | null {
  const key = moment?.blob.key ?? "";
  return /^videos\/([\w-]+)\.\w+$/u.exec(key)?.[1] ?? frameOfKey(key)?.videoId ?? null;
}

/** `4:12 · 187 moments`, or how far it is. */
export function videoState(video: Video, progress: IngestProgress | null): string {
  const { status, frameCount, durationMs, failure } = video;
  switch (status) {
    case "ready":
      return `${clockTime(durationMs)} · ${momentCount(frameCount)}`;
    case "failed":
      return `not indexed: ${failure ?? "it could not be read"}`;
    case "uploaded":
    case "indexing": {
      const length = durationMs > 0 ? `${clockTime(durationMs)} · ` : "";
      if (progress !== null) return `${length}being indexed, ${Math.round(progress.share * 100)} %`;
      // How far another process is, only that one knows.
      return `${length}${status === "uploaded" ? "waiting to be indexed" : "being indexed"}`;
    }
  }
}

export function momentCount(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "moment" : "moments"}`;
}

/** What came of adding a video. */
export function addedCard(
  video: Video,
  {
    jobId,
    wasHere,
    progress,
    suggestion,
  }: {
    jobId: string;
    wasHere: boolean;
    progress: IngestProgress | null;
    /** What one could look for. */
    suggestion: string;
  },
): Card {
  const { title, status, durationMs, frameCount, library } = video;
  const isReady = status === "ready";
  const found = `${clockTime(durationMs)}, ${momentCount(frameCount)}`;
  const text = wasHere
    ? `“${title}” is already here: ${found}`
    : isReady
      ? `Ready: ${found}`
      : `“${title}” is stored, and indexing it goes on: it takes a while.`;
  const remove = encodeAction({ command: "removevideo", jobId, index: 1 });
  return createCard({
    text,
    askedBy: video.addedBy,
    fields: [videoField(video, videoState(video, progress))],
    buttons: [newLinkButton(jobId), ...(wasHere ? [] : [removeButton("Remove", remove)])],
    ...(isReady ? { code: `/findframe ${suggestion}` } : {}),
    notices: [
      ...(isReady ? [] : ["/videos shows how far it is."]),
      ...(wasHere ? [] : [whoFinds(library)]),
    ],
  });
}

/** A button that asks before it removes a video. */
export function removeButton(label: string, action: string) {
  return {
    label,
    action,
    style: "danger",
    confirm: "The video and its moments go and do not come back.",
  } as const;
}

function whoFinds(library: string): string {
  if (isForEveryone(library)) return "Everyone can find it.";
  return library.split(":").length > 2
    ? "Only you can find it."
    : "Everyone in this workspace can find it.";
}
