import { keepsVectors } from "./models.ts";
import { indexOf, onObjects, type Right, type RightsParts, seesAbsence } from "./right.ts";

/** What it makes of videos. */
const MADE = ["frames", "embeddings-cache", "index"];

/** Embeds and indexes what appears in the media bucket. */
export function clipBatchRights(parts: RightsParts): Right[] {
  const { buckets, tables } = parts.arns;
  return [
    onObjects(buckets.media, ["videos", ...MADE], ["s3:GetObject"]),
    // Deletes what an earlier model indexed, and what was made of a file that is not there any more.
    onObjects(buckets.media, MADE, ["s3:PutObject", "s3:DeleteObject"]),
    seesAbsence(buckets.media),
    {
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
      resources: [tables.videos],
    },
    // Who indexes which video, and the list of videos.
    {
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
      resources: [tables.state],
    },
    { actions: ["dynamodb:Query"], resources: [indexOf(tables.state, "user")] },
    ...keepsVectors(parts),
  ];
}
