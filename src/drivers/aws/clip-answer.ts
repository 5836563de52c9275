import { z } from "zod";
import { AtelierError } from "../../errors.ts";
import type { EmbeddingModel } from "../../ports/index.ts";
import {
  type ClipServiceName,
  clipBusy,
  clipDown,
  clipSlow,
  tooLargeForClip,
  wrongAnswer,
} from "./clip-errors.ts";

/** How far from 1 the L2 norm of a row may be; decimal digits cost less. */
const NORM_TOLERANCE = 1e-3;

const floorsSchema = z.object({
  falsePositiveRate: z.number(),
  floors: z.record(z.string(), z.record(z.string(), z.number())),
});

const modelSchema = z.object({
  name: z.string().min(1),
  title: z.string().min(1),
  space: z.string().regex(/^[a-z0-9.-]{1,200}$/u),
  dim: z.int().positive(),
  vocabulary: z
    .object({
      knows: z.record(z.string(), z.array(z.string())),
      contentWords: z.array(z.string()),
      stopWords: z.array(z.string()),
    })
    .nullable(),
  calibration: z.object({ maybe: floorsSchema, strong: floorsSchema }).nullable(),
  suggestions: z.array(z.string()),
  notice: z.string().optional(),
});

const bodySchema = z.object({
  embeddings: z.array(z.array(z.number())),
  dim: z.int().nonnegative(),
  // What a clip-inference of ours says beside the contract's two fields.
  space: z.string().optional(),
  truncated: z.array(z.int()).optional(),
  description: modelSchema.optional(),
});

const problemSchema = z.object({
  message: z.string().catch(""),
  index: z.int().optional().catch(undefined),
});

/** What the service answered to one call, with 200. */
export interface ClipAnswer {
  rows: readonly Float32Array[];
  dim: number;
  /** Absent where the service gives the contract's fields only. */
  space: string | undefined;
  /** Which texts were longer than the model reads. */
  truncated: readonly number[];
  description: EmbeddingModel | undefined;
}

/** A status and a body, however they came: as a Lambda's result, or as an HTTP answer. */
export interface ClipReply {
  statusCode: number;
  /** JSON, as text or read already. */
  body: unknown;
}

/**
 * Reads an answer to `items` items. Rejects with the service's own sentence where an item was
 * refused, and with `misconfigured` where rows are missing, too short, not finite or not of
 * norm 1: such rows would rank nonsense without anyone noticing.
 */
export function readClipAnswer(
  reply: ClipReply,
  expected: { items: number; service: ClipServiceName },
): ClipAnswer {
  const { service, items } = expected;
  const parsed = bodySchema.safeParse(readReply(reply, service));
  if (!parsed.success) throw wrongAnswer(service, "fields are missing", parsed.error);
  const { embeddings, dim, space, truncated = [], description } = parsed.data;
  if (embeddings.length !== items) {
    throw wrongAnswer(service, `${embeddings.length} rows for ${items} items`);
  }
  const rows = embeddings.map((numbers) => readRow(numbers, dim, service));
  return { rows, dim, space, truncated, description: description && described(description) };
}

/** What a service answered with 200; rejects with a sentence for every other status. */
export function readReply({ statusCode, body }: ClipReply, service: ClipServiceName): unknown {
  const content = parseBody(body, service);
  if (statusCode !== 200) throw problem(statusCode, content, service);
  return content;
}

function described({ notice, ...model }: z.infer<typeof modelSchema>): EmbeddingModel {
  return notice === undefined ? model : { ...model, notice };
}

function readRow(numbers: readonly number[], dim: number, service: ClipServiceName): Float32Array {
  if (numbers.length !== dim) {
    throw wrongAnswer(service, `a row has ${numbers.length} numbers and dim is ${dim}`);
  }
  const squares = numbers.reduce((sum, value) => sum + value * value, 0);
  // A sum that is not finite fails this too.
  if (!(Math.abs(Math.sqrt(squares) - 1) <= NORM_TOLERANCE)) {
    throw wrongAnswer(service, `a row has the norm ${Math.sqrt(squares).toFixed(3)} instead of 1`);
  }
  return Float32Array.from(numbers);
}

function parseBody(body: unknown, service: ClipServiceName): unknown {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw wrongAnswer(service, "its body is not JSON", cause);
  }
}

function problem(statusCode: number, body: unknown, service: ClipServiceName): AtelierError {
  const { data } = problemSchema.safeParse(body);
  const said = data?.message ?? "";
  const cause = new Error(`${service.title} answered ${statusCode}: ${said}`);
  if (statusCode === 413) return tooLargeForClip(cause);
  if (statusCode === 429) return clipBusy(cause);
  if (statusCode === 504) return clipSlow(cause);
  // Without an item's number it is the request as a whole that was refused, and that is ours.
  if (statusCode === 400 && data?.index !== undefined) {
    return new AtelierError("invalid_input", said, { cause, code: "InvalidImage" });
  }
  return statusCode === 400 || statusCode === 404
    ? wrongAnswer(service, `it refused the request (${said})`, cause)
    : clipDown(cause);
}
