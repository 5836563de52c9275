import type { CardImage } from "../card.ts";
import type { Attachment } from "../command/command.ts";
import { AtelierError } from "../errors.ts";
import { frameOfKey } from "../frames/video.ts";
import type { Job, JobRecord } from "../job/job.ts";
import { getVisibleJob } from "../job/visible-job.ts";
import type { BlobRef } from "../ports/index.ts";
import type { RecipeFrame } from "../recipe/recipe.ts";
import type { Services } from "../services.ts";
import { getVisibleVideo } from "./find-video.ts";
import { getInput, type StoredInput, storeBlobAsInput } from "./inputs.ts";

const SHA256 = /^[0-9a-f]{64}$/u;
const PICTURE_OF_JOB = /^([a-z0-9]{1,40})(?:#(\d{1,2}))?$/u;
/** How many of a place's latest jobs are looked through for a picture. */
const LOOK_BACK_JOBS = 25;

/** What a restyle starts from, and the frame of a video that it is, where it is one. */
export interface Source {
  input: StoredInput;
  frame?: RecipeFrame;
}

/**
 * The picture that a restyle starts from: the attached one, the one that `from` names (`job`,
 * `job#2`, or the SHA-256 of a picture given earlier), the last one shown in the place, or the
 * one that the thread is about. The frames that a search found count as pictures of its job.
 */
export async function findSource(
  { image, from }: { image?: Attachment | undefined; from?: string | undefined },
  job: Job,
  services: Services,
): Promise<Source> {
  if (image !== undefined) return { input: await services.openAttachment(image, job) };
  if (from !== undefined) return namedSource(from.trim().toLowerCase(), job, services);
  const blob = (await lastPicture(job, services)) ?? (await threadPicture(job, services));
  if (blob === null) {
    throw new AtelierError(
      "invalid_input",
      "There is no picture here yet to restyle. Attach one, or draw one with /imagine first.",
    );
  }
  return sourceOf(blob, job, services);
}

async function namedSource(from: string, job: Job, services: Services): Promise<Source> {
  if (SHA256.test(from)) return { input: await getInput(from, services) };
  const [, jobId, number] = PICTURE_OF_JOB.exec(from) ?? [];
  if (jobId === undefined) {
    throw new AtelierError(
      "invalid_input",
      "--from names a job's picture, such as --from k3v9x2m4p7q1#2. /history lists yours.",
    );
  }
  const record = await getVisibleJob(services.jobs, jobId, job.user);
  if (record.isPrivate && !job.isPrivate) {
    throw new AtelierError(
      "invalid_input",
      "That picture is private, and what is made from it would show it. Add --private.",
    );
  }
  const blobs = picturesIn(record);
  const blob = blobs[number === undefined ? 0 : Number(number) - 1];
  if (blob === undefined) {
    const has = blobs.length;
    const pictures = ["no picture", "one picture"][has] ?? `pictures 1 to ${has}`;
    throw new AtelierError("not_found", `Job ${jobId} has ${pictures}.`);
  }
  return sourceOf(blob, job, services);
}

/** A stored picture; of a frame, that of a video which the person may see. */
async function sourceOf(blob: BlobRef, job: Job, services: Services): Promise<Source> {
  const frame = blob.store === "media" ? frameOfKey(blob.key) : null;
  if (frame === null) return { input: await storeBlobAsInput(blob, services) };
  const { title } = await getVisibleVideo(frame.videoId, job.user, services);
  return { input: await storeBlobAsInput(blob, services), frame: { ...frame, title } };
}

/** The pictures that the job made, else the frames that it found; best first. */
function picturesIn(record: JobRecord): BlobRef[] {
  return record.pictures.length > 0
    ? record.pictures.map(({ blob }) => blob)
    : framesOn(record).map(({ blob }) => blob);
}

/** The frames of videos that the job's card shows. */
export function framesOn({ card }: Pick<JobRecord, "card">): CardImage[] {
  return (card?.images ?? []).filter(
    ({ blob }) => blob.store === "media" && frameOfKey(blob.key) !== null,
  );
}

/** The newest of what everyone sees in the place; for a private job, of what its person sees. */
async function lastPicture(job: Job, services: Services): Promise<BlobRef | null> {
  const pages = await Promise.all(
    (job.isPrivate ? [null, job.user] : [null]).map((privateTo) =>
      services.jobs.listByPlace(job.place, privateTo, { limit: LOOK_BACK_JOBS }),
    ),
  );
  const newestFirst = pages.flat().sort((a, b) => b.createdAtMs - a.createdAtMs);
  for (const record of newestFirst) {
    // Of what was drawn the last one; of what was found the one that fits best.
    const found = record.pictures.at(-1)?.blob ?? framesOn(record)[0]?.blob;
    if (found !== undefined) return found;
  }
  return null;
}

/** The picture that the thread is about, when nothing was drawn in it yet. */
async function threadPicture(job: Job, services: Services): Promise<BlobRef | null> {
  if (job.threadOf === undefined) return null;
  const record = await services.jobs.find(job.threadOf);
  if (record === null || (record.isPrivate && !job.isPrivate)) return null;
  return picturesIn(record)[0] ?? null;
}
