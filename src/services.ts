import type { GivenVideo, SaveVideo } from "./adapter.ts";
import type { Attachment, Command } from "./command/command.ts";
import type { MomentServices } from "./frames/find-moments.ts";
import type { Ingest, VideoStore } from "./frames/video.ts";
import type { Job } from "./job/job.ts";
import type { JobStore } from "./job/job-store.ts";
import type { LimitedImageModel } from "./limits/limited-image-model.ts";
import type { BlobRef, BlobStore, Clock, JobQueue, Pictures, StoreName } from "./ports/index.ts";
import type { PictureCache } from "./recipe/picture-cache.ts";
import type { StoredInput } from "./verbs/inputs.ts";

/** What commands and verbs work with; put together once, in the composition root. */
export interface Services {
  commands: readonly Command[];
  /** By id; the first one draws when nobody chose. */
  imageModels: ReadonlyMap<string, LimitedImageModel>;
  stores: Readonly<Record<StoreName, BlobStore>>;
  pictures: Pictures;
  cache: PictureCache;
  jobs: JobStore;
  queue: JobQueue;
  clock: Clock;
  /** How many jobs one person may have running and waiting. */
  personLimits: { running: number; waiting: number };
  linkTtlSeconds: number;
  /** Finding moments in videos, opened when it is first needed; null where that is not set up. */
  openFrames: (() => Promise<FrameServices>) | null;
  /** The videos there are, also in a process that only takes commands; null where they have no place. */
  videos: VideoStore | null;
  /** Brings what a person sent along into the input store. */
  openAttachment(attachment: Attachment, job: Job): Promise<StoredInput>;
  /** Writes a video that a person sent along to a new file at `path`. */
  saveVideo(attachment: Attachment, job: Job, options: SaveVideo): Promise<GivenVideo>;
}

/** What finding moments works with. */
export interface FrameServices extends MomentServices {
  videos: VideoStore;
  ingest: Ingest;
  /** The largest video that people can give. */
  videoMaxBytes: number;
}

/** A link to the object that works for `linkTtlSeconds` from now. */
export function signBlob(
  services: Pick<Services, "stores" | "linkTtlSeconds">,
  blob: BlobRef,
): Promise<string> {
  return services.stores[blob.store].presign(blob.key, { ttlSeconds: services.linkTtlSeconds });
}
