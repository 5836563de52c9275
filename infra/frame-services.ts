import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Embedder, FrameServices, Log } from "#core";
import { createFfmpegVideoDecoder } from "../src/drivers/ffmpeg/ffmpeg-video-decoder.ts";
import { createCachedEmbedder } from "../src/frames/cached-embedder.ts";
import { createSimilarityFloors } from "../src/frames/floors.ts";
import { createIngest } from "../src/frames/ingest.ts";
import { createVideoStore } from "../src/frames/video-store.ts";
import { openEarlierEmbedders } from "./earlier-embedders.ts";
import { createFrameIndex, type FrameIndexParts, ownFolder } from "./frame-index.ts";
import type { Settings } from "./settings.ts";
import type { Storage } from "./storage.ts";

export interface OpenFrameServices extends FrameServices {
  close(): Promise<void>;
}

/** Puts together what videos are indexed and searched with; closing it leaves storage and embedder open. */
export async function openFrameServices({
  settings,
  storage,
  embedder,
  clock,
  log,
  owner,
  scansInThread = true,
}: {
  settings: FrameIndexParts["settings"] & Pick<Settings, "VIDEO_MAX_MB" | "VIDEO_MAX_HOURS">;
  storage: Storage;
  embedder: Embedder;
  clock: Clock;
  log: Log;
  /** Names this process. */
  owner: string;
  /** A process that does nothing beside searching needs no thread for it. */
  scansInThread?: boolean;
}): Promise<OpenFrameServices> {
  const { media } = storage.stores;
  const videoMaxBytes = settings.VIDEO_MAX_MB * 1_000_000;
  const videos = createVideoStore({ state: storage.state, bucket: media.bucket });
  const workFolder = join(ownFolder(settings, storage, owner), "ingest");
  await mkdir(workFolder, { recursive: true, mode: 0o700 });
  const parts = { settings, storage, videos, clock, log, owner, scansInThread };
  const [index, earlier] = await Promise.all([
    createFrameIndex(parts),
    openEarlierEmbedders({ settings, current: embedder.model.space, videos, log }),
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
    onError: (videoId, error) => log.error({ videoId, err: error }, "a video was not indexed"),
  });
  return {
    embedder: createCachedEmbedder(embedder),
    index,
    floors: createSimilarityFloors({ index }),
    earlierEmbedder: earlier.of,
    videos,
    ingest,
    videoMaxBytes,
    async close() {
      await ingest.stop();
      await index.close();
      await earlier.close();
    },
  };
}
