import { functionSizes, watched } from "../cdk/sizes.ts";
import { assumptions, type UseOfOne } from "./assumptions.ts";
import type { PriceId } from "./price-file.ts";

/** What a team does in a month. */
export interface Month {
  /** Pictures that are drawn and paid for; those from the cache cost next to nothing. */
  images: number;
  searches: number;
  videos: number;
  /** Videos that are kept at the end of the month. */
  keptVideos: number;
}

/** How much of a line is used because somebody asked for something, and how much in any case. */
interface Used {
  byUse: number;
  standing: number;
}
export type Usage = Readonly<Record<PriceId, Used>>;

const FREE_TEMPORARY_MB = 512;
const KB_OF_GB = 1_000_000;
const MB_OF_GB = 1_000;

/** The units of every line that the month uses up. */
export function usageOf(month: Month): Usage {
  const uses: readonly (readonly [number, UseOfOne])[] = [
    [month.images, assumptions.image],
    [month.searches, assumptions.search],
    [month.videos, assumptions.video],
  ];
  const rounds = assumptions.hoursAMonth / assumptions.hoursOfARound;
  /** What is asked for and the rounds make of it, beside what is due in any case. */
  const made = (unitsOf: (one: UseOfOne) => number, standing = 0): Used => ({
    byUse: uses.reduce((total, [count, one]) => total + count * unitsOf(one), 0),
    standing: standing + rounds * unitsOf(assumptions.round),
  });
  const logGb = made(({ logKb }) => logKb / KB_OF_GB);
  const jobs = month.images + month.searches + month.videos;
  const recordsGb = (jobs * assumptions.recordKb * assumptions.recordMonths) / KB_OF_GB;
  const pictureMb = month.images * assumptions.image.storedMb * assumptions.image.keptMonths;
  const videoMb = month.keptVideos * assumptions.video.storedMb;
  const activeMonths = Math.min(assumptions.activeHours, jobs) / assumptions.hoursAMonth;
  const polls = (queues: number) => queues * assumptions.pollsAMonthOfOneQueue;

  return {
    "lambda.requests": made(({ functionCalls }) => functionCalls),
    "lambda.time": made((one) => gbSeconds(one, ({ memoryMb }) => memoryMb)),
    "lambda.temporary-storage": made((one) =>
      gbSeconds(one, ({ temporaryMb }) => temporaryMb - FREE_TEMPORARY_MB),
    ),
    "api-gateway.requests": made(({ apiRequests }) => apiRequests),
    "sqs.fifo-requests": made(
      ({ queueRequests }) => queueRequests,
      polls(assumptions.polledQueues.fifo),
    ),
    "sqs.standard-requests": standing(polls(assumptions.polledQueues.standard)),
    "dynamodb.writes": made(({ writeUnits }) => writeUnits),
    "dynamodb.reads": made(({ readUnits }) => readUnits),
    "dynamodb.storage": byUse(recordsGb * assumptions.recordCopies),
    "dynamodb.backup": byUse(recordsGb),
    "s3.storage": byUse((pictureMb + videoMb) / MB_OF_GB),
    "s3.writes": made(({ s3Writes }) => s3Writes),
    "s3.reads": made(({ s3Reads }) => s3Reads),
    "transfer.out": made(({ outMb }) => outMb / MB_OF_GB),
    "cloudwatch.logs": logGb,
    "cloudwatch.logs-kept": logGb,
    "cloudwatch.metrics": byUse(assumptions.metricsAtOnce * activeMonths),
    "cloudwatch.alarms": standing(watched.alarmMetrics),
    "cloudwatch.dashboards": standing(watched.dashboards),
    "xray.traces": made(({ functionCalls }) => functionCalls),
    "ecr.storage": standing(assumptions.containerGb),
    "kms.requests": byUse(Math.min(jobs, assumptions.secretsOpened)),
  };
}

function byUse(units: number): Used {
  return { byUse: units, standing: 0 };
}

function standing(units: number): Used {
  return { byUse: 0, standing: units };
}

/** Lambda's GB are of 1,024 MB. */
function gbSeconds(
  { workMs }: UseOfOne,
  mbOf: (size: { memoryMb: number; temporaryMb: number }) => number,
): number {
  return (Object.keys(functionSizes) as (keyof typeof functionSizes)[]).reduce(
    (total, id) => total + ((workMs[id] ?? 0) / 1_000) * (mbOf(functionSizes[id]) / 1_024),
    0,
  );
}
