import type { Clock, Log } from "#core";
import { seedDemoLibrary } from "./demo-library.ts";
import { type OpenFrameServices, openFrameServices } from "./frame-services.ts";
import { openEmbedder } from "./open-embedder.ts";
import type { Settings } from "./settings.ts";
import type { Storage } from "./storage.ts";

/** How long the model may take to load and to prove itself. */
const EMBEDDER_WITHIN_MS = 120_000;

export interface Frames extends OpenFrameServices {
  /** Goes on with what an earlier process left, and puts the demo videos there in the background. */
  start(): Promise<void>;
}

/** Finding moments in the one process; null where there is no place for videos. */
export async function openFrames({
  settings,
  storage,
  clock,
  log,
  owner,
}: {
  settings: Settings;
  storage: Storage;
  clock: Clock;
  log: Log;
  /** Names this process. */
  owner: string;
}): Promise<Frames | null> {
  if (!storage.isExclusive && settings.MEDIA_BUCKET === undefined) return null;
  const signal = AbortSignal.timeout(EMBEDDER_WITHIN_MS);
  const embedder = await openEmbedder(settings, { signal, provesLate: true });
  const services = await openFrameServices({ settings, storage, embedder, clock, log, owner });
  const stopping = new AbortController();
  let seeding = Promise.resolve();

  async function seed(): Promise<void> {
    const { videos, ingest } = services;
    const { media } = storage.stores;
    try {
      await seedDemoLibrary({ videos, media, ingest, clock, signal: stopping.signal });
    } catch (thrown) {
      // People's own videos need none of it.
      if (!stopping.signal.aborted) log.warn({ err: thrown }, "the demo videos are not all there");
    }
  }

  return {
    ...services,
    async start() {
      await services.ingest.start();
      // A team's own bucket stays its own.
      if (storage.isExclusive) seeding = seed();
    },
    async close() {
      stopping.abort();
      await services.close();
      await seeding;
      await embedder.close();
    },
  };
}
