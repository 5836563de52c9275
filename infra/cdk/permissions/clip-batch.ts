import { keepsVectors } from "./models.ts";
import { indexOf, onObjects, type Right, type RightsParts, seesAbsence } from "./right.ts";

const FOLDERS = ["videos", "frames", "embeddings-cache", "index"];

/** Embeds and indexes what appears in the media bucket. */
export function clipBatchRights(parts: RightsParts): Right[] {
  const { buckets, tables } = parts.arns;
  return [
    onObjects(buckets.media, FOLDERS, ["s3:GetObject"]),
    onObjects(buckets.media, ["frames", "embeddings-cache", "index"], ["s3:PutObject"]),
    // What an earlier model indexed.
    onObjects(buckets.media, ["index"], ["s3:DeleteObject"]),
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
