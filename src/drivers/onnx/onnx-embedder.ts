import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { AtelierError } from "../../errors.ts";
import type { Embedder, EmbeddingModel } from "../../ports/index.ts";
import type { ClipModelFolder } from "./clip-model-folder.ts";
import { createEmbeddingPool } from "./embedding-pool.ts";
import type { WorkerTask } from "./embedding-work.ts";

const PICTURES_IDLE_MS = 60_000;
/** A query comes back sooner than a video. */
const TEXTS_IDLE_MS = 30 * 60_000;

export interface OnnxEmbedderOptions {
  folder: ClipModelFolder;
  /** Sessions for pictures, one thread each. Default: one for each core. */
  sessions?: number;
  /** A sentence for cards. */
  notice?: string;
  /** Loads the runtime with the first text or picture, where the folder says how long embeddings are. */
  startsLate?: boolean;
}

/**
 * Embedder on this machine: single-threaded sessions of onnxruntime in worker threads, because a
 * batch gains nothing on a CPU and a run would hold the main thread. Texts have a worker of their
 * own, so a query never waits behind an ingest. Workers end when nothing came for a while, and
 * start again with what comes. The same input gives the same embedding, whatever it comes with.
 * Rejects with `misconfigured` when the model cannot be loaded.
 */
export async function createOnnxEmbedder({
  folder,
  sessions = availableParallelism(),
  notice,
  startsLate = false,
}: OnnxEmbedderOptions): Promise<Embedder> {
  const startWorker = (tower: WorkerTask["tower"]) => () => openWorker({ tower, folder });
  const texts = createEmbeddingPool({
    size: 1,
    startWorker: startWorker("text"),
    idleMs: TEXTS_IDLE_MS,
  });
  const pictures = createEmbeddingPool({
    size: sessions,
    startWorker: startWorker("vision"),
    idleMs: PICTURES_IDLE_MS,
  });
  const said = folder.manifest?.golden?.texts[0]?.embedding.length;
  const dim = startsLate && said !== undefined ? said : await texts.warmUp();
  return {
    model: describe(folder, dim, notice),
    embedTexts: (list, { signal }) =>
      texts.run(
        list.map((text) => ({ text })),
        signal,
      ),
    async embedPictures(list, { signal }) {
      const questions = list.map((picture) => ({ picture }));
      const rows = await pictures.run(questions, signal);
      return rows.map(({ embedding }) => {
        if (embedding.length === dim) return embedding;
        throw new AtelierError(
          "misconfigured",
          `The graphs of ${folder.path} are of different models: sentences have ${dim} numbers, pictures ${embedding.length}.`,
        );
      });
    },
    async close() {
      await Promise.all([texts.close(), pictures.close()]);
    },
  };
}

/**
 * The worker's entry stands beside this file. Bundled, it is a file of the bundle's kind; as
 * TypeScript it is run by tsx, which in Node 20 has to be registered in each thread, also where
 * the process itself has another loader (Vitest).
 */
function openWorker(task: WorkerTask): Worker {
  const kind = extname(fileURLToPath(import.meta.url));
  const entry = new URL(`./embedding-worker${kind}`, import.meta.url);
  // Not the process's own flags: it may have some that workers refuse.
  const options = { workerData: task, execArgv: [] };
  if (kind !== ".ts") return new Worker(entry, options);
  const tsx = import.meta.resolve("tsx/esm/api");
  const start = `import(${JSON.stringify(tsx)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(entry.href)});
  });`;
  return new Worker(start, { ...options, eval: true });
}

function describe(
  { name, title, space, manifest }: ClipModelFolder,
  dim: number,
  notice: string | undefined,
): EmbeddingModel {
  const { knows, contentWords, stopWords } = manifest ?? {};
  return {
    name,
    title,
    space,
    dim,
    vocabulary:
      knows === undefined || contentWords === undefined
        ? null
        : { knows, contentWords, stopWords: stopWords ?? [] },
    calibration: manifest?.calibration ?? null,
    suggestions: manifest?.suggestions ?? [],
    ...(notice === undefined ? {} : { notice }),
  };
}
