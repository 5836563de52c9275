import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AtelierError, type Embedder, type Golden } from "#core";
import {
  type ClipModelFolder,
  readClipModelFolder,
} from "../src/drivers/onnx/clip-model-folder.ts";

export const DEMO_MODEL = "demo";

const DEMO_NOTICE =
  "Answered by the built-in demo model, which knows a few dozen things. For real videos: npm run model -- pull clip-vit-base-patch32, then set CLIP_MODEL=clip-vit-base-patch32.";

/** The part of the settings that says which model answers. */
export interface ClipModelSettings {
  CLIP_MODEL: string;
  CLIP_MODEL_DIR?: string | undefined;
  DATA_DIR: string;
}

export interface OpenModel {
  embedder: Embedder;
  folder: ClipModelFolder;
  /** What every other path has to come close to; null until `npm run model -- verify` recorded it. */
  golden: Golden | null;
}

/** Where the model's folder is or would be: `CLIP_MODEL_DIR`, the built-in one, one in the image, or a pulled one. */
export function clipModelPath(
  { CLIP_MODEL, CLIP_MODEL_DIR, DATA_DIR }: ClipModelSettings,
  /** The folder of the code; in the image, that of everything. */
  here = import.meta.dirname,
): string {
  if (CLIP_MODEL_DIR !== undefined) return CLIP_MODEL_DIR;
  if (CLIP_MODEL === DEMO_MODEL) return join(here, "demo/model");
  const baked = join(here, "models", CLIP_MODEL);
  return existsSync(join(baked, "config.json")) ? baked : pulledModelPath(DATA_DIR, CLIP_MODEL);
}

export function pulledModelPath(dataDir: string, name: string): string {
  return join(dataDir, "models", name);
}

/**
 * The Embedder of this machine for the model that the settings name. Rejects with
 * `misconfigured`, saying how to get the model, when it is not there or not complete.
 */
export async function createEmbedder(
  settings: ClipModelSettings,
  { sessions, startsLate = false }: { sessions?: number; startsLate?: boolean } = {},
): Promise<OpenModel> {
  const folder = await readClipModelFolder(clipModelPath(settings));
  // Loaded late: a process that embeds elsewhere has no use for the runtime.
  const { createOnnxEmbedder } = await import("../src/drivers/onnx/onnx-embedder.ts");
  const embedder = await createOnnxEmbedder({
    folder,
    startsLate,
    ...(sessions === undefined ? {} : { sessions }),
    ...(folder.name === DEMO_MODEL ? { notice: DEMO_NOTICE } : {}),
  });
  try {
    return { embedder, folder, golden: await readGolden(folder) };
  } catch (thrown) {
    await embedder.close();
    throw thrown;
  }
}

/** The golden texts and pictures of a model folder; null where it has none. */
export async function readGolden({ path, manifest }: ClipModelFolder): Promise<Golden | null> {
  const golden = manifest?.golden;
  if (golden === undefined) return null;
  const pictures = await Promise.all(
    golden.pictures.map(async ({ file, embedding }) => ({
      picture: await readPicture(join(path, file)),
      embedding,
    })),
  );
  return { texts: golden.texts, pictures };
}

async function readPicture(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new AtelierError(
      "misconfigured",
      `The golden picture ${file} that atelier.json names cannot be read.`,
      { cause },
    );
  }
}
