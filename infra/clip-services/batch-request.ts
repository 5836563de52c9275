import { z } from "zod";
import { frameOfKey } from "#core";
import { PLAIN_ID } from "./found-video.ts";
import { readEvent } from "./read-event.ts";

const EXAMPLE =
  '{"video_id": "holiday", "frames": ["s3://bucket/frames/holiday/0000001000.jpg"]}, or an S3 event';
const VIDEO_ID = "must be 1 to 128 lower-case letters, digits, - and _";

const requestSchema = z.union([
  z.object({
    video_id: z.string(VIDEO_ID).regex(PLAIN_ID, VIDEO_ID),
    frames: z.array(z.string("must be s3://bucket/key"), "must be a list of s3://bucket/key"),
  }),
  z.object({
    Records: z.array(
      z.object({
        eventName: z.string().default(""),
        s3: z.object({
          bucket: z.object({ name: z.string() }),
          object: z.object({ key: z.string() }),
        }),
      }),
    ),
  }),
  z.object({ resume: z.literal(true) }),
  // S3 sends this once, when notifications are turned on.
  z.object({ Event: z.literal("s3:TestEvent") }).transform(() => ({ Records: [] })),
]);

/** What is to be done; objects as `s3://bucket/key`. */
export type BatchTask =
  /** `isEvent`: nobody asked for these, they appeared. */
  | { kind: "frames"; videoId: string; frames: string[]; isEvent: boolean }
  | { kind: "video"; bucket: string; key: string }
  | { kind: "removal"; bucket: string; key: string }
  | { kind: "resume" };

/**
 * Reads an event of docs/contracts.md section 5: direct, or S3's ObjectCreated with any number of
 * records. Objects outside `videos/` and `frames/` are none of this service's business. Beside
 * the contract, ObjectRemoved says which videos are deleted, and `{"resume": true}` asks to go on
 * with what is not indexed, or by an earlier model.
 */
export function readBatchRequest(event: unknown): BatchTask[] {
  const request = readEvent(event, requestSchema, EXAMPLE);
  if ("frames" in request) {
    const { video_id: videoId, frames } = request;
    return [{ kind: "frames", videoId, frames, isEvent: false }];
  }
  if ("resume" in request) return [{ kind: "resume" }];
  const videos: BatchTask[] = [];
  const framesByVideo = new Map<string, string[]>();
  for (const { eventName, s3 } of request.Records) {
    const [, happened] = /^(?:s3:)?Object(Created|Removed):/u.exec(eventName) ?? [];
    if (happened === undefined) continue;
    const isRemoved = happened === "Removed";
    const bucket = s3.bucket.name;
    const key = decodeKey(s3.object.key);
    if (key.startsWith("videos/")) {
      videos.push({ kind: isRemoved ? "removal" : "video", bucket, key });
    }
    const frame = frameOfKey(key);
    if (frame === null || isRemoved) continue;
    const frames = framesByVideo.get(frame.videoId) ?? [];
    framesByVideo.set(frame.videoId, [...frames, `s3://${bucket}/${key}`]);
  }
  const frames = [...framesByVideo].map(
    ([videoId, each]): BatchTask => ({ kind: "frames", videoId, frames: each, isEvent: true }),
  );
  return [...videos, ...frames];
}

/** Keys in S3's events are encoded as in an HTML form. */
function decodeKey(key: string): string {
  const spaced = key.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    // A percent sign that is no escape: some senders do not encode.
    return spaced;
  }
}
