import { drawsWith } from "./models.ts";
import {
  isFedBy,
  onObjects,
  type Right,
  type RightsParts,
  readsSecrets,
  seesAbsence,
} from "./right.ts";

/** The generation service: the allowed models, inputs read, outputs written. */
export function generateRights(parts: RightsParts): Right[] {
  const { buckets, tables, queues } = parts.arns;
  return [
    ...readsSecrets(parts),
    isFedBy(queues.imageBatch),
    // The callers' rates are counters.
    { actions: ["dynamodb:UpdateItem"], resources: [tables.state] },
    {
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
      resources: [tables.cache],
    },
    // Read for the presigned links, which are worth as much as this right.
    onObjects(buckets.outputs, ["outputs"], ["s3:GetObject", "s3:PutObject"]),
    onObjects(buckets.inputs, ["inputs"], ["s3:PutObject"]),
    // `init_image_s3` names an object anywhere in the bucket.
    {
      actions: ["s3:GetObject"],
      resources: [`${buckets.inputs}/*`],
      wildcardBecause: "A caller may name any object of the input bucket to start from.",
    },
    seesAbsence(buckets.outputs, buckets.inputs),
    ...drawsWith(parts),
  ];
}
