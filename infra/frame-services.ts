import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Embedder, FrameServices, Log } from "#core";
import { createFfmpegVideoDecoder } from "../src/drivers/ffmpeg/ffmpeg-video-decoder.ts";
import { createCachedEmbedder } from "../src/frames/cached-embedder.ts";
import { createFloorStore } from "../src/frames/floor-store.ts";
import { createSimilarityFloors } from "../src/frames/floors.ts";
import { createIngest } from "../src/frames/ingest.ts";
import { createVideoStore } from "../src/frames/video-store.ts";
import { openEarlierEmbedders } from "./earlier-embedders.ts";
import { createFrameIndex, type FrameIndexParts, ownFolder } from "./frame-index.ts";
import { openProcessFolder } from "./process-folder.ts";
import type { Settings } from "./settings.ts";
import type { Storage } from "./storage.ts";

export interface OpenFrameServices extends FrameServices {
  close(): Promise<void>;
}

/**
 * Puts together what videos are indexed and searched with; closing it leaves storage and embedder
 * open. On demand, the indexing of a video ends with those who wait for it, and no earlier model
 * is opened: a function has the current one only, and that elsewhere.
 */
export async function openFrameServices({
  settings,
  storage,
  embedder,
  clock,
  log,
  owner,
  isOnDemand = false,
}: {
  settings: FrameIndexParts["settings"] & Pick<Settings, "VIDEO_MAX_MB" | "VIDEO_MAX_HOURS">;
  storage: Storage;
  embedder: Embedder;
  clock: Clock;
  log: Log;
  /** Names this process. */
  owner: string;
  /** The process is there for a call and sleeps after its answer. */
  isOnDemand?: boolean;
}): Promise<OpenFrameServices> {
  const { media } = storage.stores;
  const videoMaxBytes = settings.VIDEO_MAX_MB * 1_000_000;
  const videos = createVideoStore({ state: storage.state, bucket: media.bucket });
  const own = ownFolder(settings, storage, owner);
  if (isOnDemand && !storage.isExclusive) await openProcessFolder(own);
  const workFolder = join(own, "ingest");
  await mkdir(workFolder, { recursive: true, mode: 0o700 });
  const parts = { settings, storage, videos, clock, log, owner, isOnDemand };
  const [index, earlier] = await Promise.all([
    createFrameIndex(parts),
    isOnDemand
      ? null
      : openEarlierEmbedders({ settings, current: embedder.model.space, videos, log }),
  ]);
  const ingest = createIngest({
    videos,
    media,
    index,
    embedder,
    decoder: createFfmpegVideoDecoder({
      maxBytes: videoMaxBytes,
      maxHours: settings.VIDEO_MAX_HOURS,
    }),
    workFolder,
    state: storage.state,
    clock,
    owner,
    isAlone: storage.isExclusive,
    expiresEmbeddings: storage.isExclusive,
    endsUnattended: isOnDemand,
    onError: (videoId, error) => log.error({ videoId, err: error }, "a video was not indexed"),
  });
  return {
    embedder: createCachedEmbedder(embedder),
    index,
    floors: createSimilarityFloors({
      index,
      ...(isOnDemand && { store: createFloorStore({ state: storage.state, clock }) }),
    }),
    ...(earlier !== null && { earlierEmbedder: earlier.of }),
    videos,
    ingest,
    videoMaxBytes,
    async close() {
      await ingest.stop();
      await index.close();
      await earlier?.close();
    },
  };
}
