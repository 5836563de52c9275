import { z } from "zod";
import type { BlobStore } from "../ports/index.ts";
import type { KeptFrame } from "./choose-frames.ts";
import type { Video } from "./video.ts";

const checkpointSchema = z.object({
  version: z.literal(1),
  sourceEtag: z.string().optional(),
  durationMs: z.number(),
  frames: z.array(z.tuple([z.number(), z.number()])),
  done: z.number(),
  isDecoded: z.boolean(),
  space: z.string(),
  embedded: z.number(),
  lastLuma: z.string(),
});

/** How far the indexing of a video is: what a later process needs to go on. */
export interface Checkpoint {
  /** See `Video.sourceEtag`: of another file, it is of no use. */
  sourceEtag?: string | undefined;
  durationMs: number;
  /** Kept so far, in the order of time. Those after `done` may or may not have been written. */
  frames: { timeMs: number; shot: number }[];
  /** So many of `frames` have their thumbnail. */
  done: number;
  /** No more frames will come: they are all done. */
  isDecoded: boolean;
  /** What the embeddings that are kept belong to. */
  space: string;
  /** So many of `frames` had their embedding written in that space. */
  embedded: number;
  /** Of the last frame that is done. */
  lastLuma: Uint8Array;
}

/** In the media store, beside the thumbnails that it lists. */
export function checkpointKey(videoId: string): string {
  return `frames/${videoId}/frames.json`;
}

/** Whether there is no file: programs gave the frames, and the list of them stands for it. */
export function isOfFramesOnly({ id, sourceKey }: Pick<Video, "id" | "sourceKey">): boolean {
  return sourceKey === checkpointKey(id);
}

export function newCheckpoint(): Checkpoint {
  return {
    durationMs: 0,
    frames: [],
    done: 0,
    isDecoded: false,
    space: "",
    embedded: 0,
    lastLuma: new Uint8Array(),
  };
}

/** The checkpoint, or null when there is none that can be read. */
export async function readCheckpoint(
  media: BlobStore,
  videoId: string,
): Promise<Checkpoint | null> {
  const blob = await media.get(checkpointKey(videoId));
  return blob === null ? null : parseCheckpoint(blob.bytes);
}

export function parseCheckpoint(bytes: Uint8Array): Checkpoint | null {
  const parsed = checkpointSchema.safeParse(parseJson(bytes));
  if (!parsed.success) return null;
  const { version: _, ...data } = parsed.data;
  return {
    ...data,
    frames: data.frames.map(([timeMs, shot]) => ({ timeMs, shot })),
    lastLuma: new Uint8Array(Buffer.from(data.lastLuma, "base64")),
  };
}

export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const json = {
    ...checkpoint,
    version: 1,
    frames: checkpoint.frames.map(({ timeMs, shot }) => [timeMs, shot]),
    lastLuma: Buffer.from(checkpoint.lastLuma).toString("base64"),
  };
  return Buffer.from(JSON.stringify(json));
}

export async function writeCheckpoint(
  media: BlobStore,
  videoId: string,
  checkpoint: Checkpoint,
): Promise<void> {
  await media.put(checkpointKey(videoId), {
    bytes: encodeCheckpoint(checkpoint),
    mediaType: "application/json",
  });
}

/** The frame after which choosing goes on. */
export function lastDoneFrame({ frames, done, lastLuma }: Checkpoint): KeptFrame | null {
  const last = frames[done - 1];
  return last === undefined ? null : { ...last, luma: lastLuma };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
}
