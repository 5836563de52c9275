import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  AtelierError,
  compareWithGolden,
  type Embedder,
  GOLDEN_COSINE_MIN,
  goldenPictures,
  goldenTexts,
  recordGolden,
} from "#core";
import type { ClipModelFolder } from "../../src/drivers/onnx/clip-model-folder.ts";
import type { ModelManifest } from "../../src/drivers/onnx/model-manifest.ts";
import { type ClipModelSettings, createEmbedder, type OpenModel } from "../clip-models.ts";
import { explain } from "./resumable-download.ts";

export interface Verified {
  title: string;
  path: string;
  space: string;
  dim: number;
  textsPerSecond: number;
  picturesPerSecond: number;
  /** The lowest on the golden texts and pictures; null where they were recorded just now. */
  lowestCosine: number | null;
}

const SPEED_ROUNDS = 20;

/**
 * Loads the model that the settings name, embeds its golden texts and pictures and measures how
 * fast it is. A model that brings no golden embeddings gets them here, so that every machine that
 * is given this folder afterwards is held to them. Rejects with `misconfigured` when the model
 * cannot be used or gives something else than it should.
 */
export async function verifyModel(
  settings: ClipModelSettings,
  { signal, now }: { signal: AbortSignal; now: () => number },
): Promise<Verified> {
  const { embedder, folder, golden } = await createEmbedder(settings);
  try {
    const known = golden ?? (await recordInto(folder, embedder, signal));
    const lowestCosine = await compareWithGolden(embedder, known, { signal });
    if (lowestCosine < GOLDEN_COSINE_MIN) {
      throw new AtelierError(
        "misconfigured",
        `${folder.title} gives other embeddings here than where its folder was made: cosine similarity ${lowestCosine.toFixed(3)}, at least ${GOLDEN_COSINE_MIN} is needed. Remove it and pull it again.`,
      );
    }
    const { title, path, space } = folder;
    const speeds = await measureSpeed(embedder, signal, now);
    const { dim } = embedder.model;
    return {
      title,
      path,
      space,
      dim,
      ...speeds,
      lowestCosine: golden === null ? null : lowestCosine,
    };
  } finally {
    await embedder.close();
  }
}

async function recordInto(
  { path, name, title, manifest }: ClipModelFolder,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<NonNullable<OpenModel["golden"]>> {
  const drawn = goldenPictures();
  const pictures = drawn.map(({ png }) => png);
  const golden = await recordGolden(embedder, { texts: goldenTexts, pictures }, { signal });
  await mkdir(join(path, "golden"), { recursive: true }).catch(explain(path));
  const files = drawn.map((picture) => `golden/${picture.name}.png`);
  await Promise.all(files.map((file, at) => writeFile(join(path, file), pictures[at] ?? "")));
  const withGolden: ModelManifest = {
    ...(manifest ?? { name, title }),
    golden: {
      texts: golden.texts.map(({ text, embedding }) => ({ text, embedding: [...embedding] })),
      pictures: golden.pictures.map(({ embedding }, at) => ({
        file: files[at] ?? "",
        embedding: [...embedding],
      })),
    },
  };
  const manifestFile = join(path, "atelier.json");
  await writeFile(manifestFile, `${JSON.stringify(withGolden)}\n`).catch(explain(manifestFile));
  return golden;
}

async function measureSpeed(
  embedder: Embedder,
  signal: AbortSignal,
  now: () => number,
): Promise<Pick<Verified, "textsPerSecond" | "picturesPerSecond">> {
  const perSecond = async (embed: () => Promise<unknown>) => {
    const startMs = now();
    await embed();
    return (SPEED_ROUNDS * 1000) / Math.max(1, now() - startMs);
  };
  const texts = Array.from({ length: SPEED_ROUNDS }, (_, at) => `${goldenTexts[0]} ${at}`);
  const [picture] = goldenPictures();
  const pictures = Array<Uint8Array>(SPEED_ROUNDS).fill(picture?.png ?? new Uint8Array());
  return {
    textsPerSecond: await perSecond(() => embedder.embedTexts(texts, { signal })),
    picturesPerSecond: await perSecond(() => embedder.embedPictures(pictures, { signal })),
  };
}
