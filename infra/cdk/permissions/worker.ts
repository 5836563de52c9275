import { drawsWith, embedsWith, findsVectors, keepsVectors } from "./models.ts";
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

/** The worker runs every command: it draws, keeps, finds, indexes, deletes and delivers. */
export function workerRights(parts: RightsParts): Right[] {
  const { buckets, tables, queues, functions } = parts.arns;
  return [
    ...readsSecrets(parts),
    isFedBy(queues.jobs),
    keepsItsMessages(queues.jobs),
    {
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
      resources: [tables.state, tables.cache, tables.videos],
    },
    {
      actions: ["dynamodb:Query"],
      // A person's and a place's jobs, and jobs that were left behind.
      resources: (["user", "place", "open"] as const).map((by) => indexOf(tables.state, by)),
    },
    onObjects(buckets.outputs, ["outputs"], ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
    onObjects(buckets.inputs, ["inputs"], ["s3:GetObject", "s3:PutObject"]),
    onObjects(
      buckets.media,
      ["videos", "frames", "embeddings-cache", "index"],
      ["s3:PutObject", "s3:DeleteObject"],
    ),
    // `/addvideo --link` names an object anywhere in the bucket but in the folders that are ours.
    {
      actions: ["s3:GetObject"],
      resources: [`${buckets.media}/*`],
      wildcardBecause:
        "A person may name an object in any folder of the media bucket that is not ours as a video to add.",
    },
    seesAbsence(buckets.outputs, buckets.inputs, buckets.media),
    ...drawsWith(parts),
    embedsWith(parts),
    { actions: ["lambda:InvokeFunction"], resources: [functions.frameSearch] },
    ...keepsVectors(parts),
    ...findsVectors(parts),
  ];
}
