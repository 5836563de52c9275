import { SHARED_LIBRARY, type StateStore, type Video, type VideoStore } from "#core";
import { isOfFramesOnly } from "../../src/frames/checkpoint.ts";

/** Who added what clip-batch found in the bucket; everyone has it. */
export const BATCH = "clip-batch";
/** What can name a folder of frames and a segment. */
export const PLAIN_ID = /^[a-z0-9_-]{1,128}$/u;
/** See `Video.id`: the files of videos that people give are put before their records. */
export const CHAT_VIDEO_ID = /^[0-9a-f]{16}$/u;

/**
 * Whether the video is one that a person gives, or gave, in a chat. The process that took it
 * indexes it into its library; added from here first, it would be shown to everyone.
 */
export function isLeftToChat(videoId: string, video: Video | null): boolean {
  return video === null ? CHAT_VIDEO_ID.test(videoId) : video.addedBy !== BATCH;
}

/**
 * Whether the video's frames are its ingest's alone: until its file is indexed, and for good when
 * that failed, as some of its frames must not pass for the whole.
 */
export function isLeftToIngest(video: Video | null): boolean {
  return video !== null && video.status !== "ready" && !isOfFramesOnly(video);
}

/**
 * Adds a video that was found in the bucket. Where another program put an item of the contract's
 * fields into the table before, ours takes its place and keeps its title.
 */
export async function addFound(
  video: Omit<Video, "library" | "addedBy">,
  { videos, state }: { videos: VideoStore; state: StateStore },
): Promise<void> {
  const given = await state.get("videos", video.id);
  const title = typeof given?.title === "string" ? given.title : video.title;
  // Ours has a revision: what someone else added in the same moment stays.
  const isForeign = { kind: "equals", attributes: { revision: null } } as const;
  if (given !== null) await state.delete("videos", video.id, [isForeign]);
  await videos.add({ ...video, title, library: SHARED_LIBRARY, addedBy: BATCH });
}
