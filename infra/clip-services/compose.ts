import { tmpdir } from "node:os";
import { join } from "node:path";
import { AtelierError, type BlobStore, type Embedder, type Log } from "#core";
import { createPinoLog } from "../../src/drivers/pino/pino-log.ts";
import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import { createVideoStore } from "../../src/frames/video-store.ts";
import { openEmbedder } from "../open-embedder.ts";
import type { LoadedSettings, Settings } from "../settings.ts";
import { isOnAws } from "../settings-schema.ts";
import { type ClipBatch, createClipBatch } from "./clip-batch.ts";
import { type ClipInference, createClipInference } from "./clip-inference.ts";
import { createFrameSearch, type FrameSearch } from "./frame-search.ts";
import { once } from "./once.ts";

/** The three services; each opens what it needs at its first call and keeps it. */
export interface ClipServices {
  log(): Log;
  clipInference(): Promise<ClipInference>;
  clipBatch(): Promise<ClipBatch>;
  frameSearch(): Promise<FrameSearch>;
  close(): Promise<void>;
}

/** How long the model may take to load and to give its golden embeddings. */
const OPEN_WITHIN_MS = 120_000;

/**
 * Puts the services together from the settings, which are read once, when they are first needed.
 * Rejects with `misconfigured` on Lambda where they name no buckets: nothing that a function
 * keeps on its disk outlives it.
 */
export function composeClipServices(load: () => LoadedSettings): ClipServices {
  const closers: (() => Promise<void>)[] = [];
  const loaded = once(async () => load());
  let log = createPinoLog({ level: "info", isPretty: false });

  const settings = once(async (): Promise<Settings> => {
    const { settings: read, isOnLambda } = await loaded();
    log = createPinoLog({ level: read.LOG_LEVEL, isPretty: false });
    // Of a function's file system only the temporary folder can be written.
    return isOnLambda ? { ...read, DATA_DIR: join(tmpdir(), "atelier") } : read;
  });

  async function open(clip: Settings["CLIP"], onOtherModel?: () => void): Promise<Embedder> {
    const { isOnLambda } = await loaded();
    const embedder = await openEmbedder(
      { ...(await settings()), CLIP: clip },
      {
        signal: AbortSignal.timeout(OPEN_WITHIN_MS),
        // Of a deployment's own functions, the one that embeds has proven its model itself.
        isProven: isOnLambda && clip !== "local",
        ...(onOtherModel !== undefined && { onOtherModel }),
      },
    );
    closers.push(() => embedder.close());
    return embedder;
  }
  // The service that embeds for others cannot ask them to embed for it.
  const ownEmbedder = once(() => open("local"));
  const currentEmbedder = once(async (forget) => {
    const { CLIP } = await settings();
    return CLIP === "local" ? ownEmbedder() : open(CLIP, forget);
  });

  const storage = once(async () => {
    const { isOnLambda } = await loaded();
    const { PUBLIC_URL, PORT, ...read } = await settings();
    if (isOnLambda && !(isOnAws(read) && read.MEDIA_BUCKET !== undefined)) {
      throw new AtelierError(
        "misconfigured",
        "This function has no place to keep anything. Set OUTPUT_BUCKET, INPUT_BUCKET and MEDIA_BUCKET.",
      );
    }
    const { createStorage } = await import("../storage.ts");
    const baseUrl = () => PUBLIC_URL ?? `http://127.0.0.1:${PORT}`;
    const opened = await createStorage({ ...read, PUBLIC_URL, PORT }, processClock, baseUrl);
    closers.push(() => opened.close());
    return opened;
  });

  /** The stores whose objects callers may name: every bucket in the settings. */
  const openStores = once(async (): Promise<BlobStore[]> => {
    const { MEDIA_BUCKET, INPUT_BUCKET, OUTPUT_BUCKET, AWS_REGION } = await settings();
    const buckets = [MEDIA_BUCKET, INPUT_BUCKET, OUTPUT_BUCKET].filter(
      (each) => each !== undefined,
    );
    if (buckets.length === 0) return [];
    const [{ createS3BlobStore }, { createS3Client }] = await Promise.all([
      import("../../src/drivers/aws/s3-blob-store.ts"),
      import("../../src/drivers/aws/s3-client.ts"),
    ]);
    const client = createS3Client({ region: AWS_REGION });
    closers.push(async () => client.destroy());
    return buckets.map((bucket) => createS3BlobStore({ client, bucket, clock: processClock }));
  });

  const parts = once(async () => ({
    // The service that searches for others cannot ask them to search for it.
    settings: { ...(await settings()), SEARCH_FUNCTION: undefined },
    storage: await storage(),
    clock: processClock,
    log,
    owner: newRandomId(),
    isOnDemand: true,
  }));

  return {
    log: () => log,

    clipInference: once(async () =>
      createClipInference({ embedder: await ownEmbedder(), openStores }),
    ),

    clipBatch: once(async () => {
      const given = await parts();
      const { stores, state } = given.storage;
      const { media } = stores;
      return createClipBatch({
        videos: createVideoStore({ state, bucket: media.bucket }),
        state,
        media,
        clock: processClock,
        newId: newRandomId,
        openFrames: once(async () => {
          // Loaded late: who only embeds or searches has no use for the decoder.
          const { openFrameServices } = await import("../frame-services.ts");
          const embedder = await currentEmbedder();
          const opened = await openFrameServices({ ...given, embedder });
          closers.push(() => opened.close());
          return { ...opened, embedder };
        }),
      });
    }),

    frameSearch: once(async () => {
      const given = await parts();
      const { stores, state } = given.storage;
      const { createFrameIndex } = await import("../frame-index.ts");
      const videos = createVideoStore({ state, bucket: stores.media.bucket });
      const index = await createFrameIndex({ ...given, videos });
      closers.push(() => index.close());
      return createFrameSearch({
        openEmbedder: currentEmbedder,
        index,
        videos,
        media: stores.media,
        // Videos and their frames are all that it may read.
        openStores: async () => [stores.media],
        clock: processClock,
        linkTtlSeconds: given.settings.LINK_TTL_SECONDS,
      });
    }),

    async close() {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}
