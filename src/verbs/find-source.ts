import type { Attachment } from "../command/command.ts";
import { AtelierError } from "../errors.ts";
import type { Job } from "../job/job.ts";
import { getVisibleJob } from "../job/visible-job.ts";
import type { Services } from "../services.ts";
import { getInput, type StoredInput, storeOutputAsInput } from "./inputs.ts";

const SHA256 = /^[0-9a-f]{64}$/u;
const PICTURE_OF_JOB = /^([a-z0-9]{1,40})(?:#(\d{1,2}))?$/u;
/** How many of a place's latest jobs are looked through for a picture. */
const LOOK_BACK_JOBS = 25;

/**
 * The picture that a restyle starts from: the attached one, the one that `from` names (`job`,
 * `job#2`, or the SHA-256 of a picture given earlier), the last one shown in the place, or the
 * one that the thread is about.
 */
export async function findSource(
  { image, from }: { image?: Attachment | undefined; from?: string | undefined },
  job: Job,
  services: Services,
): Promise<StoredInput> {
  if (image !== undefined) return services.openAttachment(image, job);
  if (from !== undefined) return namedSource(from.trim().toLowerCase(), job, services);
  const outputKey =
    (await lastPictureKey(job, services)) ?? (await threadPictureKey(job, services));
  if (outputKey === null) {
    throw new AtelierError(
      "invalid_input",
      "There is no picture here yet to restyle. Attach one, or draw one with /imagine first.",
    );
  }
  return storeOutputAsInput(outputKey, services);
}

async function namedSource(from: string, job: Job, services: Services): Promise<StoredInput> {
  if (SHA256.test(from)) return getInput(from, services);
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
  const picture = record.pictures[number === undefined ? 0 : Number(number) - 1];
  if (picture === undefined) {
    const has = record.pictures.length;
    throw new AtelierError(
      "not_found",
      has === 0 ? `Job ${jobId} has no picture.` : `Job ${jobId} has pictures 1 to ${has}.`,
    );
  }
  return storeOutputAsInput(picture.blob.key, services);
}

/** The newest of what everyone sees in the place; for a private job, of what its person sees. */
async function lastPictureKey(job: Job, services: Services): Promise<string | null> {
  const pages = await Promise.all(
    (job.isPrivate ? [null, job.user] : [null]).map((privateTo) =>
      services.jobs.listByPlace(job.place, privateTo, { limit: LOOK_BACK_JOBS }),
    ),
  );
  const newestFirst = pages.flat().sort((a, b) => b.createdAtMs - a.createdAtMs);
  for (const record of newestFirst) {
    const picture = record.pictures.at(-1);
    if (picture !== undefined) return picture.blob.key;
  }
  return null;
}

/** The picture that the thread is about, when nothing was drawn in it yet. */
async function threadPictureKey(job: Job, services: Services): Promise<string | null> {
  if (job.threadOf === undefined) return null;
  const record = await services.jobs.find(job.threadOf);
  if (record === null || (record.isPrivate && !job.isPrivate)) return null;
  return record.pictures[0]?.blob.key ?? null;
}
