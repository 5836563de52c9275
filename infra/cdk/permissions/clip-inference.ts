import { onObjects, type Right, type RightsParts, seesAbsence } from "./right.ts";

/** Embeds what it is sent, or a frame that is named. */
export function clipInferenceRights({ arns }: RightsParts): Right[] {
  const { media } = arns.buckets;
  return [onObjects(media, ["frames"], ["s3:GetObject"]), seesAbsence(media)];
}
