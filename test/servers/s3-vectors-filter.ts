import { isRecord } from "./json-record.ts";

/** A filter that the service would not accept. */
export class FilterRefused extends Error {}

const comparisons: Readonly<Record<string, (value: unknown, operand: unknown) => boolean>> = {
  $eq: (value, operand) => value === operand,
  $ne: (value, operand) => value !== operand,
  $gt: (value, operand) => number(value, operand) > 0,
  $gte: (value, operand) => number(value, operand) >= 0,
  $lt: (value, operand) => number(value, operand) < 0,
  $lte: (value, operand) => number(value, operand) <= 0,
  $in: (value, operand) => list(operand).includes(value),
  $nin: (value, operand) => !list(operand).includes(value),
  $exists: (value, operand) => (value !== undefined) === operand,
};

/**
 * Whether the metadata passes; the operators of
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-metadata-filtering.html
 */
export function passes(metadata: Readonly<Record<string, unknown>>, filter: unknown): boolean {
  if (!isRecord(filter)) throw new FilterRefused("A filter is a JSON object.");
  return Object.entries(filter).every(([name, condition]) => {
    if (name === "$and") return list(condition).every((each) => passes(metadata, each));
    if (name === "$or") return list(condition).some((each) => passes(metadata, each));
    if (name.startsWith("$")) throw new FilterRefused(`There is no operator ${name}.`);
    const value = metadata[name];
    if (!isRecord(condition)) return value === condition;
    return Object.entries(condition).every(([operator, operand]) => {
      const compare = comparisons[operator];
      if (compare === undefined) throw new FilterRefused(`There is no operator ${operator}.`);
      return compare(value, operand);
    });
  });
}

function list(operand: unknown): readonly unknown[] {
  if (Array.isArray(operand) && operand.length > 0) return operand;
  throw new FilterRefused("An array that is not empty is needed.");
}

/** The difference of two numbers; NaN, which no comparison holds for, of anything else. */
function number(value: unknown, operand: unknown): number {
  if (typeof operand !== "number") throw new FilterRefused("A number is needed.");
  return typeof value === "number" ? value - operand : Number.NaN;
}
