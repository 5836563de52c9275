import type { AtelierError } from "../errors.ts";

export type VideoStatus = "uploaded" | "indexing" | "ready" | "failed";

/** A video of a team's library. */
export interface Video {
  /** 16 hex digits of the SHA-256 of its library and its bytes: the same file is the same video. */
  id: string;
  /** Whose it is: a workspace, or one person in direct messages; `demo` for what everyone has. */
  library: string;
  title: string;
  /** Where the file is in the media store. */
  sourceKey: string;
  /** The ETag of that file, where another may be written over it: of what was found in the bucket. */
  sourceEtag?: string;
  mediaType: string;
  /** 0 until it was looked at. */
  durationMs: number;
  /** Moments that can be found. */
  frameCount: number;
  status: VideoStatus;
  /** Why, when it failed: a sentence for people. */
  failure: string | null;
  /** The space that its frames are indexed in; empty before. */
  space: string;
  /** The identity that added it. */
  addedBy: string;
  addedAtMs: number;
  indexedAtMs: number | null;
}

/** The library that a person's videos go to and are found in. */
export function libraryOf(user: string): string {
  const [platform = "", workspace = ""] = user.split(":");
  // Direct messages are no workspace: what is given there stays with its person.
  return workspace === "dm" ? user : `${platform}:${workspace}`;
}

export const DEMO_LIBRARY = "demo";
/** What programs put into the team's own media bucket, for everyone who has this Atelier. */
export const SHARED_LIBRARY = "shared";

export function isForEveryone(library: string): boolean {
  return library === DEMO_LIBRARY || library === SHARED_LIBRARY;
}

/** Path of a frame's thumbnail in the media store; the frame's id is its time. */
export function frameKey(videoId: string, timeMs: number): string {
  return `frames/${videoId}/${frameId(timeMs)}.jpg`;
}

/** The time in milliseconds, padded to 10 digits. */
export function frameId(timeMs: number): string {
  return String(Math.round(timeMs)).padStart(10, "0");
}

const FRAME_KEY = /^frames\/([\w-]+)\/(\d{10})\.jpg$/u;

/** Which frame a thumbnail shows; null for every other object. */
export function frameOfKey(key: string): { videoId: string; timeMs: number } | null {
  const [, videoId, time] = FRAME_KEY.exec(key) ?? [];
  return videoId === undefined || time === undefined ? null : { videoId, timeMs: Number(time) };
}

/** The videos that there are. */
export interface VideoStore {
  find(id: string): Promise<Video | null>;
  /** Adds it; false when it is there already. */
  add(video: Video): Promise<boolean>;
  /** Changes some of it; null when it is gone. */
  change(id: string, changes: Partial<Omit<Video, "id" | "library">>): Promise<Video | null>;
  remove(id: string): Promise<void>;
  /** Of one library, newest first. */
  list(library: string): Promise<Video[]>;
  /** Of all libraries, newest first. */
  listAll(): Promise<Video[]>;
}

/** How far the indexing of a video is. */
export interface IngestProgress {
  phase: "decoding" | "embedding" | "finishing";
  /** Of the video's length, 0 to 1. */
  share: number;
  /** Kept so far. */
  frames: number;
  secondsLeft: number | null;
}

/** Makes videos searchable. */
export interface Ingest {
  /**
   * Indexes a stored video, or joins what is under way on it; resolves once it can be found.
   * Repeating it changes nothing. An aborted signal ends the waiting, not the work. Rejects with
   * `invalid_input` when the file is no usable video (its record then says `failed`).
   */
  run(
    videoId: string,
    options: { signal: AbortSignal; progress: (progress: IngestProgress) => void },
  ): Promise<Video>;
  /** How far it is now; null when nothing is under way. */
  progressOf(videoId: string): IngestProgress | null;
  /** Ends the work on it and removes it with its frames, embeddings and, unless it is to be kept, its file. */
  remove(videoId: string, options?: { keepsFile?: boolean }): Promise<void>;
  /** Goes on, in the background, with what an earlier process left and what another model indexed. */
  start(): Promise<void>;
  /** Puts the work down where `start` finds it. */
  stop(): Promise<void>;
}

/** Called with what goes wrong in the background. */
export type OnIngestError = (videoId: string, error: AtelierError) => void;
