import { readFile } from "node:fs/promises";
import { z } from "zod";

/** What can be bought: the lines of the bill. */
export const priceIds = [
  "lambda.requests",
  "lambda.time",
  "lambda.temporary-storage",
  "api-gateway.requests",
  "sqs.fifo-requests",
  "sqs.standard-requests",
  "dynamodb.writes",
  "dynamodb.reads",
  "dynamodb.storage",
  "dynamodb.backup",
  "s3.storage",
  "s3.writes",
  "s3.reads",
  "transfer.out",
  "cloudwatch.logs",
  "cloudwatch.logs-kept",
  "cloudwatch.metrics",
  "cloudwatch.alarms",
  "cloudwatch.dashboards",
  "xray.traces",
  "ecr.storage",
  "kms.requests",
] as const;
export type PriceId = (typeof priceIds)[number];

/** `always` for every account; `first-year` for accounts opened before 15 July 2025, for 12 months. */
const freeTiers = ["always", "first-year"] as const;
export type FreeTier = (typeof freeTiers)[number];

const usd = z.number().nonnegative();
const priceSchema = z.strictObject({
  service: z.string().min(1),
  item: z.string().min(1),
  /** For `per` units. */
  usd,
  per: z.number().positive(),
  unit: z.string().min(1),
  date: z.string().regex(/^\d{4}-\d{2}$/u, "takes a month such as 2026-11"),
  source: z.string().min(1),
});
const priceFileSchema = z.strictObject({
  note: z.string().optional(),
  /** By region, what costs another amount there. */
  regions: z.record(z.string(), z.partialRecord(z.enum(priceIds), usd)),
  prices: z.record(z.enum(priceIds), priceSchema),
  /** What costs nothing each month, of several lines together where it names several. */
  free: z.array(
    z.strictObject({
      tier: z.enum(freeTiers),
      amount: z.number().positive(),
      prices: z.array(z.enum(priceIds)).min(1),
    }),
  ),
});

export type PriceFile = z.infer<typeof priceFileSchema>;
export type Price = z.infer<typeof priceSchema>;

/** What is wrong with what was asked for, as a sentence for whoever typed it. */
export class CostError extends Error {
  override readonly name = "CostError";
}

/** Reads a price file; rejects with a CostError that names what is wrong with it. */
export async function readPriceFile(path: string): Promise<PriceFile> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new CostError(`The price file ${path} cannot be read as JSON.`, { cause });
  }
  const parsed = priceFileSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path: at, message }) => `${at.join(".")}: ${message}`,
  );
  throw new CostError(`The price file ${path} is not complete. ${problems.join("; ")}.`);
}

/** The prices of one region; throws a CostError that names the regions there are. */
export function pricesIn(file: PriceFile, region: string): Readonly<Record<PriceId, Price>> {
  const others = file.regions[region];
  if (others === undefined) {
    const known = Object.keys(file.regions).join(", ");
    throw new CostError(
      `There are no prices for ${region}; there are some for ${known}. Add it to a copy of infra/cost/prices.json and name that with --prices.`,
    );
  }
  const { prices } = file;
  return Object.fromEntries(
    priceIds.map((id) => [id, { ...prices[id], usd: others[id] ?? prices[id].usd }]),
  ) as Record<PriceId, Price>;
}
