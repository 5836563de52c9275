import { embedsWith, findsVectors } from "./models.ts";
import { indexOf, onObjects, type Right, type RightsParts, seesAbsence } from "./right.ts";

/** Finds frames: reads the index and the list of videos, and writes nothing. */
export function frameSearchRights(parts: RightsParts): Right[] {
  const { buckets, tables } = parts.arns;
  return [
    // Frames for the presigned links, which are worth as much as this right.
    onObjects(buckets.media, ["index", "frames"], ["s3:GetObject"]),
    seesAbsence(buckets.media),
    { actions: ["dynamodb:GetItem"], resources: [tables.videos] },
    { actions: ["dynamodb:Query"], resources: [indexOf(tables.state, "user")] },
    embedsWith(parts),
    ...findsVectors(parts),
  ];
}
