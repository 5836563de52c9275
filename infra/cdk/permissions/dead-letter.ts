import {
  indexOf,
  isFedBy,
  keepsItsMessages,
  onObjects,
  type Right,
  type RightsParts,
  readsSecrets,
  seesAbsence,
} from "./right.ts";

/** Ends jobs that could not be worked, and tells their people, or shows what was made by then. */
export function deadLetterRights(parts: RightsParts): Right[] {
  const { buckets, tables, queues } = parts.arns;
  return [
    ...readsSecrets(parts),
    isFedBy(queues.jobsDeadLetters),
    keepsItsMessages(queues.jobsDeadLetters),
    {
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
      resources: [tables.state],
    },
    { actions: ["dynamodb:Query"], resources: [indexOf(tables.state, "open")] },
    onObjects(buckets.outputs, ["outputs"], ["s3:GetObject"]),
    // Videos for the links to moments, which are worth as much as this right.
    onObjects(buckets.media, ["videos", "frames"], ["s3:GetObject"]),
    seesAbsence(buckets.outputs, buckets.media),
  ];
}
