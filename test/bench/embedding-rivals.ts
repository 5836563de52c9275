import { Worker } from "node:worker_threads";

/** Something that embeds pictures on every core at once. */
export interface Rival {
  /** Each core embeds `count` pictures. */
  run(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Runs the graph on ready tensors and does nothing else: as fast as onnxruntime gets. */
const BARE = `
const { parentPort, workerData } = require("node:worker_threads");
const { InferenceSession, Tensor } = require("onnxruntime-node");
(async () => {
  const session = await InferenceSession.create(workerData.graph, {
    intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: "all", logSeverityLevel: 3,
  });
  const values = Float32Array.from({ length: 3 * 224 * 224 }, () => Math.random() * 4 - 2);
  const pixel_values = new Tensor("float32", values, [1, 3, 224, 224]);
  parentPort.on("message", async (count) => {
    for (let done = 0; done < count; done++) await session.run({ pixel_values });
    parentPort.postMessage("done");
  });
  parentPort.postMessage("ready");
})();
`;

/** transformers.js as its manual has it, one thread for each worker, from the same JPEGs. */
const TRANSFORMERS = `
const { parentPort, workerData } = require("node:worker_threads");
const { dirname, basename } = require("node:path");
(async () => {
  const { env, pipeline, RawImage } = await import("@huggingface/transformers");
  env.allowRemoteModels = false;
  env.localModelPath = dirname(workerData.folder);
  const extract = await pipeline("image-feature-extraction", basename(workerData.folder), {
    dtype: workerData.dtype,
    device: "cpu",
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 },
  });
  const blobs = workerData.jpegs.map((jpeg) => new Blob([jpeg]));
  parentPort.on("message", async (count) => {
    for (let done = 0; done < count; done++) {
      await extract(await RawImage.fromBlob(blobs[done % blobs.length]));
    }
    parentPort.postMessage("done");
  });
  parentPort.postMessage("ready");
})();
`;

export function startBareSessions(graph: string, cores: number): Promise<Rival> {
  return startRival(BARE, { graph }, cores);
}

export function startTransformers(
  options: { folder: string; dtype: "int8" | "fp32"; jpegs: readonly Uint8Array[] },
  cores: number,
): Promise<Rival> {
  return startRival(TRANSFORMERS, options, cores);
}

async function startRival(code: string, workerData: object, cores: number): Promise<Rival> {
  const workers = Array.from(
    { length: cores },
    () => new Worker(code, { eval: true, workerData, execArgv: [] }),
  );
  await Promise.all(workers.map(nextMessage));
  return {
    async run(count) {
      await Promise.all(
        workers.map(async (worker) => {
          const done = nextMessage(worker);
          worker.postMessage(count);
          await done;
        }),
      );
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function nextMessage(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (message) => {
      worker.off("error", reject);
      resolve(message);
    });
  });
}
