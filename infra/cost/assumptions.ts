import type { functionSizes } from "../cdk/sizes.ts";

/** How long a function works, cold starts (billed since August 2025) spread over all calls. */
type WorkMs = Partial<Record<keyof typeof functionSizes, number>>;

/** What one picture, search or video makes the parts do. */
export interface UseOfOne {
  workMs: WorkMs;
  /** Of all functions; each is a trace too, at most. */
  functionCalls: number;
  apiRequests: number;
  /** Of the jobs' queue: sent, received, kept invisible, deleted. */
  queueRequests: number;
  /** In units of 1 KB, a write of a job's record counted for the table and its three indexes. */
  writeUnits: number;
  /** In units of 4 KB, strongly consistent. */
  readUnits: number;
  s3Writes: number;
  s3Reads: number;
  storedMb: number;
  /** For as long as it is kept, in months; Infinity: until somebody deletes it. */
  keptMonths: number;
  outMb: number;
  logKb: number;
}

const VIDEO_FRAMES = 300;
/** So many frames go to clip-inference at once. */
const EMBEDDED_AT_ONCE = 16;

/**
 * Everything that the bill rests on and that nobody has measured in an account. Memory, alarms and
 * dashboards come from `infra/cdk/sizes.ts`, of which the stack is made.
 */
export const assumptions = {
  hoursAMonth: 730,
  /** Hours in which somebody asks for something: 22 days of 9 hours. Our metrics are billed by these. */
  activeHours: 198,
  /** Names and dimensions under which such an hour is counted: five kinds of jobs, seven others. */
  metricsAtOnce: 12,

  /**
   * One picture asked for in a chat: drawn in 8 s by Stable Diffusion 3.5 Large, loaded up and shown
   * in 1.5 s. Half of them are followed by a button that another request brings.
   */
  image: {
    workMs: { webhook: 450, worker: 10_500 },
    functionCalls: 2.5,
    apiRequests: 1.5,
    queueRequests: 4,
    // Six writes of a record of 1 to 2 KB, the cache's claim and entries, heartbeats; a test counts.
    writeUnits: 60,
    readUnits: 16,
    s3Writes: 1,
    s3Reads: 3,
    storedMb: 0.4,
    keptMonths: 1,
    outMb: 0.6,
    logKb: 7,
  },

  /** One sentence looked for in the videos, which shows five moments. */
  search: {
    workMs: { webhook: 450, worker: 2_000, frameSearch: 600, clipInference: 400 },
    functionCalls: 4.5,
    apiRequests: 1.5,
    queueRequests: 4,
    writeUnits: 60,
    readUnits: 10,
    s3Writes: 1,
    s3Reads: 8,
    storedMb: 0,
    keptMonths: 0,
    outMb: 0.2,
    logKb: 8,
  },

  videoFrames: VIDEO_FRAMES,
  /**
   * One video of ten minutes and 200 MB, whose frames are kept. S3 tells clip-batch of the file and
   * of each thumbnail; it answers in some 40 ms that they are none of its business.
   */
  video: {
    workMs: { webhook: 300, worker: 120_000, clipInference: 45_000, clipBatch: 20_000 },
    functionCalls: 2 + Math.ceil(VIDEO_FRAMES / EMBEDDED_AT_ONCE) + 1 + VIDEO_FRAMES,
    apiRequests: 1,
    queueRequests: 10,
    writeUnits: 150,
    readUnits: 100,
    s3Writes: 640,
    s3Reads: 660,
    storedMb: 212,
    keptMonths: Number.POSITIVE_INFINITY,
    outMb: 0.1,
    logKb: 340,
  },

  /** Each hour clip-batch looks for videos that were left half way; the process is a new one. */
  hoursOfARound: 1,
  round: {
    workMs: { clipBatch: 4_000 },
    functionCalls: 1,
    apiRequests: 0,
    queueRequests: 0,
    writeUnits: 2,
    readUnits: 10,
    s3Writes: 1,
    s3Reads: 4,
    storedMb: 0,
    keptMonths: 0,
    outMb: 0,
    logKb: 2,
  },

  /**
   * Lambda asks each queue for messages by itself, whether there are any or not: five connections,
   * each for 20 s (AWS Knowledge Center, "Why are my Amazon SQS charges higher than expected?").
   */
  pollsAMonthOfOneQueue: 5 * 3 * 60 * 730,
  /** Jobs and their dead letters; batches of pictures. */
  polledQueues: { fifo: 2, standard: 1 },

  /** Records of jobs are kept for 400 days, in the table and in two of its indexes. */
  recordKb: 4,
  recordCopies: 3,
  recordMonths: 13,
  /** The image with ffmpeg, as ECR stores it, and the one before. */
  containerGb: 0.8,
  /** Each cold start opens the secrets of its function. */
  secretsOpened: 3_000,
} as const satisfies Record<string, unknown> &
  Record<"image" | "search" | "video" | "round", UseOfOne>;
