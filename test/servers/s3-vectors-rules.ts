import { z } from "zod";

/** What the service refuses, with its own name for it. */
export class VectorsRefused extends Error {
  readonly errorType: string;
  readonly status: number;
  constructor(errorType: string, status: number, message: string) {
    super(message);
    this.errorType = errorType;
    this.status = status;
  }
}

// Limits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-limitations.html
const FILTERABLE_MAX_BYTES = 2_048;
const numbers = z.array(z.number().refine(Number.isFinite)).min(1).max(4_096);
const data = z.strictObject({ float32: numbers });
const vectorKey = z.string().min(1).max(1_024);
const metadata = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const bucket = { vectorBucketName: z.string().regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/u) };
const index = {
  ...bucket,
  indexName: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u),
};

/** The bodies of the actions, as strict as the service. */
export const requests = {
  CreateIndex: z.strictObject({
    ...index,
    dataType: z.literal("float32"),
    dimension: z.int().min(1).max(4_096),
    distanceMetric: z.enum(["cosine", "euclidean"]),
    metadataConfiguration: z
      .strictObject({ nonFilterableMetadataKeys: z.array(z.string().min(1)).min(1).max(10) })
      .optional(),
  }),
  ListIndexes: z.strictObject({
    ...bucket,
    prefix: z.string().optional(),
    maxResults: z.int().min(1).max(500).optional(),
    nextToken: z.string().optional(),
  }),
  PutVectors: z.strictObject({
    ...index,
    vectors: z
      .array(z.strictObject({ key: vectorKey, data, metadata: metadata.optional() }))
      .min(1)
      .max(500),
  }),
  DeleteVectors: z.strictObject({ ...index, keys: z.array(vectorKey).min(1).max(500) }),
  QueryVectors: z.strictObject({
    ...index,
    topK: z.int().min(1).max(100),
    queryVector: data,
    filter: z.unknown().optional(),
    returnMetadata: z.boolean().optional(),
    returnDistance: z.boolean().optional(),
    nextToken: z.string().optional(),
  }),
} as const;
export type ActionName = keyof typeof requests;

export function isAction(name: string): name is ActionName {
  return Object.hasOwn(requests, name);
}

export interface VectorIndex {
  dimension: number;
  nonFilterable: readonly string[];
  vectors: Map<string, { data: readonly number[]; metadata: z.infer<typeof metadata> }>;
}

/** What a vector must be to get into the index. */
export function assertFits(
  { dimension, nonFilterable }: VectorIndex,
  {
    data: { float32 },
    metadata: given = {},
  }: z.infer<typeof requests.PutVectors>["vectors"][number],
): void {
  const refuse = (message: string) => new VectorsRefused("ValidationException", 400, message);
  if (float32.length !== dimension) throw refuse(`A vector has ${float32.length} dimensions.`);
  if (float32.every((number) => number === 0)) throw refuse("A vector of zeros has no cosine.");
  const filterable = Object.entries(given).filter(([name]) => !nonFilterable.includes(name));
  const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries(filterable)));
  if (bytes > FILTERABLE_MAX_BYTES) throw refuse(`Filterable metadata has ${bytes} bytes.`);
}

export function cosineDistance(a: readonly number[], b: readonly number[]): number {
  let product = 0;
  a.forEach((value, at) => {
    product += value * (b[at] ?? 0);
  });
  return 1 - product / (Math.hypot(...a) * Math.hypot(...b));
}
