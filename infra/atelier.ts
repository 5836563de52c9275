import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createPlaygroundAdapter, loadPageAssets } from "#adapters/playground";
import type { Adapter, Clock, ImageModel, Log, NewId } from "#core";
import { createProcessJobQueue } from "../src/drivers/process/process-job-queue.ts";
import { createPrometheusMetrics } from "../src/drivers/prometheus/prometheus-metrics.ts";
import { createSharpPictures } from "../src/drivers/sharp/sharp-pictures.ts";
import { createJobRecovery } from "../src/job/job-recovery.ts";
import { JobStopped } from "../src/job/job-stopped.ts";
import { createJobStore } from "../src/job/job-store.ts";
import { createApi } from "./api/api.ts";
import { createChatAdapters } from "./chat-adapters.ts";
import { createChatLimiter } from "./chat-limiter.ts";
import { createHttp } from "./http.ts";
import { createImageModels, limitImageModels } from "./image-models.ts";
import { openFrames } from "./open-frames.ts";
import { composeServices, PERSON_LIMITS } from "./services.ts";
import type { Settings } from "./settings.ts";
import { createStorage, type Storage } from "./storage.ts";

/** Bounds memory: a running job holds a picture or two. */
const RUNNING_IN_ALL = 64;
const STOP_GRACE_MS = 6_000;
/** Before a drawing that the model was too busy for is tried again. */
const BUSY_PAUSE_MS = 30_000;

export interface Atelier {
  /** Answers every HTTP request of the process. */
  fetch(request: Request): Promise<Response>;
  /** Takes over what an earlier process left and begins to work. */
  start(): Promise<void>;
  /** Takes nothing more, finishes or puts back what runs, and lets go of everything. */
  stop(): Promise<void>;
}

/** Puts the one process together: it chooses the driver behind every port. */
export async function createAtelier({
  settings,
  log,
  clock,
  newId,
  baseUrl,
  imageModels,
  storage: givenStorage,
  answerWithinMs,
}: {
  settings: Settings;
  log: Log;
  clock: Clock;
  newId: NewId;
  /** Where people reach this process. */
  baseUrl: () => string;
  /** Instead of the models that the settings name; for benchmarks. */
  imageModels?: readonly ImageModel[];
  /** Instead of the storage that the settings name, likewise; `stop` closes it. */
  storage?: Storage;
  /** How long `/generate` takes at most; absent: what callers commonly wait for. */
  answerWithinMs?: number;
}): Promise<Atelier> {
  const metrics = createPrometheusMetrics();
  // Side by side: the bundler of the page is a process of its own.
  const [assets, storage, unlimited] = await Promise.all([
    loadPageAssets(),
    givenStorage ?? createStorage(settings, clock, baseUrl),
    imageModels ?? createImageModels(settings),
  ]);
  const models = await limitImageModels(unlimited, {
    settings,
    clock,
    log,
    metrics,
  });
  const queue = createProcessJobQueue({
    runningPerPerson: PERSON_LIMITS.running,
    waitingPerPerson: PERSON_LIMITS.waiting,
    runningInAll: RUNNING_IN_ALL,
    busyPauseMs: BUSY_PAUSE_MS,
    cancelled: () => new JobStopped("cancelled"),
  });
  const owner = randomUUID();
  const jobs = createJobStore({ state: storage.state, clock, owner });
  const frames = await openFrames({ settings, storage, clock, log, owner });
  const parts = {
    settings,
    state: storage.state,
    stores: storage.stores,
    imageModels: models.byId,
    pictures: createSharpPictures({}),
    jobs,
    queue,
    openFrames: frames && (async () => frames),
    videos: frames?.videos ?? null,
    clock,
    log,
    metrics,
    newId,
  };
  const { services, adapters, dispatch } = await composeServices(parts, async (given) => [
    createPlaygroundAdapter({
      assets,
      services: given.services,
      intake: given.intake,
      previews: {
        // Not the adapter's own door, which loads Slack's SDK.
        async slack(snapshot) {
          const { previewMessage } = await import("../adapters/slack/preview.ts");
          return previewMessage({ ...snapshot, commands: given.services.commands });
        },
      },
      uploadsDir: join(settings.DATA_DIR, "uploads"),
      newId,
      log,
    }),
    ...(await createChatAdapters(given, { newLimiter: (id) => createChatLimiter(id, log) })),
  ]);
  const recovery = createJobRecovery({
    jobs,
    queue,
    state: storage.state,
    clock,
    log,
    isAlone: storage.isExclusive,
    isQuick: (name) => services.commands.find((command) => command.name === name)?.pace === "quick",
  });
  async function stopAdapter(adapter: Adapter): Promise<void> {
    try {
      await adapter.stop?.();
    } catch (thrown) {
      // What runs and what is stored must come to their end all the same.
      log.error({ platform: adapter.platform, err: thrown }, "adapter did not stop in order");
    }
  }

  let isReady = false;
  const api = createApi({
    services,
    settings,
    state: storage.state,
    log,
    metrics,
    newId,
    answerWithinMs,
  });
  const http = createHttp({
    settings,
    baseUrl,
    log,
    newId,
    metrics,
    filesRoute: storage.filesRoute,
    api: api.routes,
    adapters: [...adapters.values()],
    isReady: () => isReady,
  });

  return {
    fetch: http,

    async start() {
      queue.start(dispatch);
      await recovery.start();
      await frames?.start();
      for (const adapter of adapters.values()) await adapter.start?.();
      isReady = true;
    },

    async stop() {
      isReady = false;
      // Side by side: however long a platform takes to hang up, what runs has its whole grace.
      await Promise.all([
        ...[...adapters.values()].map(stopAdapter),
        queue.stop(STOP_GRACE_MS, new JobStopped("shutdown")),
        api.stop(STOP_GRACE_MS),
      ]);
      await recovery.stop();
      for (const adapter of adapters.values()) await adapter.close?.();
      await frames?.close();
      await models.close();
      await storage.close();
    },
  };
}
