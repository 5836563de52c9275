import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO_LIBRARY } from "#core";
import { createAtelier } from "../../infra/atelier.ts";
import { demoVideosSchema } from "../../infra/demo-library.ts";
import { listen } from "../../infra/listen.ts";
import { readSettings } from "../../infra/settings.ts";
import { createStorage, type Storage } from "../../infra/storage.ts";
import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import { createVideoStore } from "../../src/frames/video-store.ts";
import { until } from "../fixtures/until.ts";
import { type RecordedStateStore, recordStateStore } from "./recorded-state-store.ts";
import { createZeroLatencyModel, type ZeroLatencyModel } from "./zero-latency-model.ts";

export interface RunningAtelier {
  url: string;
  model: ZeroLatencyModel;
  state: RecordedStateStore;
  /** The store itself, for what is measured beside Atelier. */
  storage: Storage;
  close(): Promise<void>;
}

const silentLog = { info() {}, warn() {}, error() {} };

/**
 * Atelier in this process with the embedded store in a new folder, a model of zero latency and
 * limits that nothing here reaches.
 */
export async function startBenchAtelier(): Promise<RunningAtelier> {
  const folder = await mkdtemp(join(tmpdir(), "atelier-bench-"));
  const { settings } = readSettings({
    PORT: "0",
    DATA_DIR: folder,
    LOG_LEVEL: "silent",
    RATE_MODEL_PER_MINUTE: "600000",
    RATE_MODEL_CONCURRENCY: "1000",
  });
  const model = await createZeroLatencyModel();
  let url = "";
  const storage = await createStorage(settings, processClock, () => url);
  const state = recordStateStore(storage.state);
  const atelier = await createAtelier({
    settings,
    log: silentLog,
    clock: processClock,
    newId: newRandomId,
    baseUrl: () => url,
    imageModels: [model],
    storage: { ...storage, state },
  });
  const server = await listen(atelier.fetch, settings);
  url = server.url;
  await atelier.start();
  await demoLibraryIsReady(storage);
  return {
    url,
    model,
    state,
    storage,
    async close() {
      await server.stopListening();
      await server.close();
      await atelier.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Until then the background writes to the same store. */
async function demoLibraryIsReady({ state }: Storage): Promise<void> {
  const { length: expected } = demoVideosSchema.parse(
    JSON.parse(
      await readFile(new URL("../../infra/demo/videos/videos.json", import.meta.url), "utf8"),
    ),
  ).videos;
  const videos = createVideoStore({ state, bucket: "local" });
  await until(async () => {
    const seeded = await videos.list(DEMO_LIBRARY);
    return seeded.length === expected && seeded.every(({ status }) => status === "ready");
  });
}
