import { existsSync } from "node:fs";
import {
  AtelierError,
  type Embedder,
  type EmbeddingModel,
  type Golden,
  requireGolden,
} from "#core";
import {
  type ClipModelFolder,
  readClipModelFolder,
} from "../src/drivers/onnx/clip-model-folder.ts";
import { clipModelPath, createEmbedder, DEMO_MODEL, readGolden } from "./clip-models.ts";
import { once } from "./clip-services/once.ts";
import type { Settings } from "./settings.ts";

const HERE = "this process";
/** How long half of the model may take to load and to prove itself. */
const PROOF_WITHIN_MS = 120_000;

export type EmbedderSettings = Pick<
  Settings,
  | "CLIP"
  | "CLIP_MODEL"
  | "CLIP_MODEL_DIR"
  | "CLIP_FUNCTION"
  | "CLIP_ENDPOINT"
  | "AWS_REGION"
  | "SAGEMAKER_REGION"
  | "DATA_DIR"
>;

export interface OpenEmbedderOptions {
  signal: AbortSignal;
  provesLate?: boolean;
  /** The service has proven its model itself: it is asked what that is, and nothing is looked up here. */
  isProven?: boolean;
  /** Told when the service runs another model from now on, before the call that shows it rejects. */
  onOtherModel?: () => void;
}

/**
 * The Embedder that the settings name, here or behind a service. Where the model's folder is
 * here and has golden embeddings, the path has to give them before anything is mixed: rejects
 * with `misconfigured` when it does not. With `provesLate` an Embedder of this process is opened
 * without the workers for pictures, and it is the first pictures that reject; the built-in model,
 * which tests have proven, starts and proves itself with the first that is asked of it.
 */
export async function openEmbedder(
  settings: EmbedderSettings,
  options: OpenEmbedderOptions,
): Promise<Embedder> {
  const { signal, provesLate = false, onOtherModel } = options;
  const told = { signal, ...(onOtherModel !== undefined && { onOtherModel }) };
  switch (settings.CLIP) {
    case "local": {
      const startsLate = provesLate && isBuiltIn(settings);
      const { embedder, golden } = await createEmbedder(settings, { startsLate });
      if (golden === null) return embedder;
      const texts = startsLate ? [] : golden.texts;
      const now = provesLate ? { texts, pictures: [] } : golden;
      const opened = await proven(embedder, () =>
        requireGolden(embedder, now, { path: HERE, signal }),
      );
      return provesLate ? provenByFirst(opened, golden) : opened;
    }
    case "lambda": {
      const [{ createLambdaClient }, { createLambdaEmbedder }] = await Promise.all([
        import("../src/drivers/aws/lambda-client.ts"),
        import("../src/drivers/aws/lambda-embedder.ts"),
      ]);
      const functionName = settings.CLIP_FUNCTION ?? "";
      return openRemote(settings, `the Lambda function ${functionName}`, options, (configured) =>
        createLambdaEmbedder({
          client: createLambdaClient({ region: settings.AWS_REGION }),
          functionName,
          configured,
          ...told,
        }),
      );
    }
    case "sagemaker": {
      const { createSagemakerEmbedder, createSagemakerEmbedderClient } = await import(
        "../src/drivers/aws/sagemaker-embedder.ts"
      );
      const endpoint = settings.CLIP_ENDPOINT ?? "";
      return openRemote(settings, `the SageMaker endpoint ${endpoint}`, options, (configured) =>
        createSagemakerEmbedder({
          client: createSagemakerEmbedderClient({ region: settings.SAGEMAKER_REGION }),
          endpoint,
          configured,
          ...told,
        }),
      );
    }
  }
}

function isBuiltIn({ CLIP_MODEL, CLIP_MODEL_DIR }: EmbedderSettings): boolean {
  return CLIP_MODEL === DEMO_MODEL && CLIP_MODEL_DIR === undefined;
}

/** Nothing is mixed: the golden texts and pictures go before the first others. */
function provenByFirst(embedder: Embedder, golden: Golden): Embedder {
  const prove = (part: Golden) =>
    once(() => {
      const signal = AbortSignal.timeout(PROOF_WITHIN_MS);
      return requireGolden(embedder, part, { path: HERE, signal });
    });
  const proveTexts = prove({ ...golden, pictures: [] });
  const provePictures = prove({ ...golden, texts: [] });
  return {
    ...embedder,
    async embedTexts(given, options) {
      options.signal.throwIfAborted();
      await proveTexts();
      return embedder.embedTexts(given, options);
    },
    async embedPictures(given, options) {
      options.signal.throwIfAborted();
      await provePictures();
      return embedder.embedPictures(given, options);
    },
  };
}

async function openRemote(
  settings: EmbedderSettings,
  path: string,
  { signal, isProven = false }: OpenEmbedderOptions,
  open: (configured: Omit<EmbeddingModel, "dim">) => Promise<Embedder>,
): Promise<Embedder> {
  const folder = isProven ? null : await readFolder(settings);
  const golden = folder === null ? null : await readGolden(folder);
  const embedder = await open(configuredModel(settings, golden === null ? null : folder));
  return proven(embedder, async () => {
    const { space } = embedder.model;
    if (golden === null || space !== folder?.space) return;
    await requireGolden(embedder, golden, { path, signal }).catch((thrown: unknown) => {
      if (!(thrown instanceof AtelierError) || thrown.kind !== "misconfigured") throw thrown;
      const hint = `If it is meant to run another model, say which in CLIP_MODEL (now ${settings.CLIP_MODEL}, space ${space}).`;
      throw new AtelierError("misconfigured", `${thrown.message} ${hint}`, { cause: thrown });
    });
  });
}

/** The folder of the model that the settings name; null where it is not on this machine. */
async function readFolder(settings: EmbedderSettings): Promise<ClipModelFolder | null> {
  const path = clipModelPath(settings);
  return existsSync(path) ? readClipModelFolder(path) : null;
}

/**
 * What is taken for true of a service that does not say which model it runs: with golden
 * embeddings, that it is the folder's, as those will prove; else a space of its own.
 */
function configuredModel(
  { CLIP_MODEL }: EmbedderSettings,
  folder: ClipModelFolder | null,
): Omit<EmbeddingModel, "dim"> {
  return {
    name: folder?.name ?? CLIP_MODEL,
    title: folder?.title ?? CLIP_MODEL,
    space: folder?.space ?? `${CLIP_MODEL}-remote`,
    vocabulary: null,
    calibration: folder?.manifest?.calibration ?? null,
    suggestions: folder?.manifest?.suggestions ?? [],
  };
}

async function proven(embedder: Embedder, prove: () => Promise<void>): Promise<Embedder> {
  try {
    await prove();
    return embedder;
  } catch (thrown) {
    await embedder.close();
    throw thrown;
  }
}
