import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Attachment, Progress } from "../command/command.ts";
import { AtelierError } from "../errors.ts";
import { type IngestProgress, libraryOf, type Video } from "../frames/video.ts";
import { videoExtensionOf, videoIdOf, videoTypes } from "../frames/video-file.ts";
import type { Job } from "../job/job.ts";
import { JobStopped } from "../job/job-stopped.ts";
import type { FrameServices, Services } from "../services.ts";
import { getFrameServices } from "./find-video.ts";

/** Platforms take a late answer for 15 minutes: by then what takes longer goes on by itself. */
const WAIT_MAX_MS = 12 * 60_000;
/** For the answer itself. */
const ANSWER_MS = 90_000;
const TITLE_MAX = 120;

export interface AddVideoRequest {
  video?: Attachment | undefined;
  /** `s3://bucket/key` of the media bucket. */
  link?: string | undefined;
  title?: string | undefined;
}

export interface AddedVideo {
  video: Video;
  /** It was in the library, ready, before this was asked. */
  wasHere: boolean;
}

interface Given {
  path: string;
  title: string;
}

/**
 * Puts a video into the library of whoever asks and indexes it. The same file again is the same
 * video, so that a second run of the job goes on where the first ended. Resolves when it can be
 * found, or, with a video that is not `ready`, when that takes longer than an answer can wait.
 */
export async function addVideo(
  request: AddVideoRequest,
  job: Job,
  services: Services,
  { signal, progress }: { signal: AbortSignal; progress(progress: Progress): void },
): Promise<AddedVideo> {
  const frames = await getFrameServices(services);
  // The job's own name: what a run that was killed left behind goes with the next.
  const folder = join(tmpdir(), `atelier-video-${job.id}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  try {
    progress({ done: 0, total: 100, text: "Loading the video" });
    const given = await save(request, job, join(folder, "video"), services, frames, signal);
    const video = await keep(given, request.title, job, services, frames, signal);
    await rm(folder, { recursive: true, force: true });
    const isOwn = video.addedAtMs >= job.createdAtMs && video.addedBy === job.user;
    if (video.status === "ready") return { video, wasHere: !isOwn };
    const indexed = await index(video, isOwn, job, services, frames, { signal, progress });
    return { video: indexed, wasHere: false };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function save(
  { video, link }: AddVideoRequest,
  job: Job,
  path: string,
  services: Services,
  { videoMaxBytes: maxBytes }: FrameServices,
  signal: AbortSignal,
): Promise<Given> {
  if (video !== undefined) {
    const { title } = await services.saveVideo(video, job, { path, maxBytes, signal });
    return { path, title };
  }
  const key = linkedKey(link ?? "", services.stores.media.bucket);
  if (await services.stores.media.getFile(key, path, { maxBytes })) {
    return { path, title: key.slice(key.lastIndexOf("/") + 1) };
  }
  throw new AtelierError("not_found", "There is no object at that link.", {
    code: "NoSuchKey",
    option: "link",
  });
}

/** What Atelier keeps itself: a link there would reach other people's videos. */
const OWN_FOLDERS = /^(?:videos|frames|index|embeddings-cache|inputs|outputs)\//u;

/** The key that a link names; rejects with `invalid_input` outside the media bucket and in our own folders. */
export function linkedKey(link: string, bucket: string): string {
  const [, linkedBucket, key = ""] = /^s3:\/\/([^/]+)\/(.+)$/u.exec(link.trim()) ?? [];
  if (linkedBucket === bucket && key !== "" && !OWN_FOLDERS.test(key)) return key;
  throw new AtelierError(
    "invalid_input",
    linkedBucket === bucket
      ? "That object is Atelier's own. Put the video into another folder of the bucket."
      : `--link names an object of the media bucket, such as s3://${bucket}/films/harbour.mp4.`,
    { option: "link" },
  );
}

/** The stored video, which may have been there. */
async function keep(
  { path, title: fileName }: Given,
  wantedTitle: string | undefined,
  job: Job,
  { stores, clock }: Services,
  { videos }: FrameServices,
  signal: AbortSignal,
): Promise<Video> {
  const extension = await videoExtensionOf(path);
  const library = libraryOf(job.user);
  const id = await videoIdOf(library, path, signal);
  const found = await videos.find(id);
  if (found !== null && found.status !== "failed") return found;
  const sourceKey = `videos/${id}.${extension}`;
  const mediaType = videoTypes[extension];
  signal.throwIfAborted();
  // From here to its record there is no way out: what is stored is always somebody's.
  await stores.media.putFile(sourceKey, path, mediaType);
  const video: Video = {
    id,
    library,
    title: titleOf(wantedTitle, fileName),
    sourceKey,
    mediaType,
    durationMs: 0,
    frameCount: 0,
    status: "uploaded",
    failure: null,
    space: "",
    addedBy: job.user,
    addedAtMs: clock.nowMs(),
    indexedAtMs: null,
  };
  if (await videos.add(video)) return video;
  const again = { status: "uploaded", failure: null, addedBy: job.user } as const;
  const current = await videos.find(id);
  // One that failed is tried again; what someone else adds at this moment is theirs.
  return current?.status === "failed"
    ? ((await videos.change(id, { ...again, addedAtMs: video.addedAtMs })) ?? video)
    : (current ?? video);
}

function titleOf(wanted: string | undefined, fileName: string): string {
  const named = (wanted ?? fileName.replace(/\.\w{2,4}$/u, "")).normalize("NFC");
  const title = named.replace(/[_\s]+/gu, " ").trim();
  return title === "" ? "Video" : title.slice(0, TITLE_MAX).toWellFormed();
}

async function index(
  video: Video,
  isOwn: boolean,
  job: Job,
  { clock }: Services,
  { ingest, videos }: FrameServices,
  { signal, progress }: { signal: AbortSignal; progress(progress: Progress): void },
): Promise<Video> {
  const waited = new AbortController();
  const leftMs = Math.min(WAIT_MAX_MS, job.expiresAtMs - clock.nowMs() - ANSWER_MS);
  const timer = setTimeout(() => waited.abort(), Math.max(0, leftMs));
  try {
    return await ingest.run(video.id, {
      signal: AbortSignal.any([signal, waited.signal]),
      progress: (step) =>
        progress({ done: Math.round(step.share * 100), total: 100, text: ingestText(step) }),
    });
  } catch (thrown) {
    if (signal.aborted) {
      const isCancelled =
        signal.reason instanceof JobStopped && signal.reason.reason === "cancelled";
      // What somebody else added is not theirs to stop.
      if (isCancelled && isOwn) await ingest.remove(video.id);
      throw signal.reason;
    }
    // What is too busy now is asked again by whoever goes on with the video.
    const isBusy = thrown instanceof AtelierError && thrown.kind === "rate_limited";
    if (!waited.signal.aborted && !isBusy) {
      // Its person is told why; a list of files that are no use to anybody helps nobody.
      const isUnusable = thrown instanceof AtelierError && thrown.kind === "invalid_input";
      if (isUnusable && isOwn) await ingest.remove(video.id);
      throw thrown;
    }
    return (await videos.find(video.id)) ?? video;
  } finally {
    clearTimeout(timer);
  }
}

const phaseWords = { decoding: "Decoding", embedding: "Reading frames", finishing: "Finishing" };

/** How far it is: `Decoding 40 % · 312 frames · about 20 s left`. */
export function ingestText({ phase, share, frames, secondsLeft }: IngestProgress): string {
  const parts = [`${phaseWords[phase]} ${Math.round(share * 100)} %`];
  if (frames > 0) parts.push(`${frames.toLocaleString("en")} ${frames === 1 ? "frame" : "frames"}`);
  if (secondsLeft !== null && secondsLeft >= 1)
    parts.push(`about ${durationText(secondsLeft)} left`);
  return parts.join(" · ");
}

function durationText(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
