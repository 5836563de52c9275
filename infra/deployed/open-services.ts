import type { Clock, JobQueue, JobStore, Log, Metrics, NewId, StateStore } from "#core";
import { createSharpPictures } from "../../src/drivers/sharp/sharp-pictures.ts";
import { createVideoStore } from "../../src/frames/video-store.ts";
import { createJobStore } from "../../src/job/job-store.ts";
import { createChatAdapters } from "../chat-adapters.ts";
import { createChatLimiter } from "../chat-limiter.ts";
import { createImageModels, limitImageModels } from "../image-models.ts";
import { type Composition, composeServices, PERSON_LIMITS } from "../services.ts";
import type { Settings } from "../settings.ts";
import { createStorage } from "../storage.ts";
import { openFramesLate } from "./open-frames-late.ts";

export interface OpenServices extends Composition {
  state: StateStore;
  jobs: JobStore;
}

/** What a queue is made with. */
export interface QueueParts {
  settings: Settings;
  state: StateStore;
  jobs: JobStore;
  clock: Clock;
  log: Log;
}

/**
 * What the functions behind the queue share: everything that draws, finds, keeps and shows, on
 * AWS. It stays open for as long as Lambda keeps the process.
 */
export async function openServices({
  settings,
  clock,
  log,
  metrics,
  newId,
  owner,
  openQueue,
}: {
  settings: Settings;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  newId: NewId;
  /** Names this process in the records of its jobs. */
  owner: string;
  openQueue: (parts: QueueParts) => JobQueue;
}): Promise<OpenServices> {
  const [storage, unlimited] = await Promise.all([
    // Its links are S3's own: nothing is reached at this process.
    createStorage(settings, clock, () => ""),
    createImageModels(settings),
  ]);
  const models = await limitImageModels(unlimited, { settings, clock, log, metrics });
  const { state, stores } = storage;
  const jobs = createJobStore({ state, clock, owner });
  const hasVideos = settings.MEDIA_BUCKET !== undefined;
  const composition = await composeServices(
    {
      settings,
      state,
      stores,
      imageModels: models.byId,
      pictures: createSharpPictures({}),
      jobs,
      queue: openQueue({ settings, state, jobs, clock, log }),
      // A person's jobs are one message group of the queue: one after the other.
      personLimits: { ...PERSON_LIMITS, running: 1 },
      openFrames: hasVideos ? openFramesLate({ settings, storage, clock, log, owner }) : null,
      videos: hasVideos ? createVideoStore({ state, bucket: stores.media.bucket }) : null,
      clock,
      log,
      metrics,
      newId,
    },
    (given) => createChatAdapters(given, { newLimiter: (id) => createChatLimiter(id, log) }),
  );
  return { ...composition, state, jobs };
}
