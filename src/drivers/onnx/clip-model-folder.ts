import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { z } from "zod";
import { AtelierError } from "../../errors.ts";
import type { PicturePreprocessing } from "./clip-preprocessing.ts";
import {
  modelConfigSchema,
  preprocessorConfigSchema,
  tokenizerConfigSchema,
} from "./hub-configs.ts";
import { type ModelManifest, modelManifestSchema } from "./model-manifest.ts";

/** Raise it when the same weights give other embeddings because we prepare their input differently. */
const PREPROCESSING_VERSION = 1;

/** Where a model's weights come as several files, which ones are taken. */
export type Precision = "int8" | "fp32";

const variants: Readonly<Record<Precision, readonly string[]>> = {
  int8: ["_int8", "_quantized", "_uint8", "", "_fp16"],
  fp32: ["", "_fp16", "_int8", "_quantized", "_uint8"],
};

/** What a text becomes before the graph; see `clip-tokenizer.ts`. */
interface TextPreprocessing {
  tokensMax: number;
  /** SigLIP reads its feature at the last position, so every text has the full length. */
  isPaddedToFull: boolean;
  isLowerCased: boolean;
  padToken: string | null;
}

/** A model in the hub's layout, read and checked; plain data, so that a worker can be given it. */
export interface ClipModelFolder {
  path: string;
  name: string;
  title: string;
  /** Of `EmbeddingModel`. */
  space: string;
  /** Paths of the graphs; the same one twice where a single graph holds both towers. */
  graphs: { text: string; vision: string };
  pictures: PicturePreprocessing;
  texts: TextPreprocessing;
  manifest: ModelManifest | null;
}

/**
 * Reads a model folder: `config.json`, `preprocessor_config.json`, `tokenizer.json`,
 * `tokenizer_config.json`, `onnx/…` and, where there is one, `atelier.json`. The name is that
 * of `atelier.json`, else the folder's. Rejects with `misconfigured`, naming the file that is
 * missing or wrong.
 */
export async function readClipModelFolder(
  path: string,
  { precision = "int8" }: { precision?: Precision } = {},
): Promise<ClipModelFolder> {
  const manifest = await readManifest(path);
  const name = manifest?.name ?? plainName(basename(path));
  const graphs = await findGraphs(path, precision, name);
  const config = await readJson(path, "config.json", modelConfigSchema, name);
  const processor = await readJson(
    path,
    "preprocessor_config.json",
    preprocessorConfigSchema,
    name,
  );
  const tokenizer = await readJson(path, "tokenizer_config.json", tokenizerConfigSchema, name);
  const isSiglip = config.model_type.startsWith("siglip");
  const pad = tokenizer.pad_token ?? null;
  const pictures = picturePreprocessing(processor);
  const texts: TextPreprocessing = {
    tokensMax: config.text_config?.max_position_embeddings ?? (isSiglip ? 64 : 77),
    isPaddedToFull: isSiglip,
    isLowerCased: isSiglip,
    padToken: pad === null || typeof pad === "string" ? pad : pad.content,
  };
  const fingerprint = await hashModel(path, graphs, { pictures, texts }, name);
  const space = `${name}-${fingerprint.slice(0, 8)}-p${PREPROCESSING_VERSION}`;
  return { path, name, title: manifest?.title ?? name, space, graphs, pictures, texts, manifest };
}

async function readManifest(path: string): Promise<ModelManifest | null> {
  const text = await readFile(join(path, "atelier.json"), "utf8").catch((cause: unknown) => {
    if (isAbsent(cause)) return null;
    throw broken(join(path, "atelier.json"), "cannot be read", cause);
  });
  return text === null ? null : parse(join(path, "atelier.json"), text, modelManifestSchema);
}

async function readJson<Schema extends z.ZodType>(
  path: string,
  file: string,
  schema: Schema,
  name: string,
): Promise<z.infer<Schema>> {
  const text = await readFile(join(path, file), "utf8").catch((cause: unknown) => {
    throw missing(join(path, file), name, cause);
  });
  return parse(join(path, file), text, schema);
}

function parse<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
): z.infer<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw broken(file, "is not JSON", cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw broken(file, `has a wrong ${issue?.path.join(".")}: ${issue?.message}`, parsed.error);
}

async function findGraphs(
  path: string,
  precision: Precision,
  name: string,
): Promise<ClipModelFolder["graphs"]> {
  const folder = join(path, "onnx");
  const files = new Set(await readdir(folder).catch(() => []));
  const find = (tower: string) =>
    variants[precision].map((suffix) => `${tower}${suffix}.onnx`).find((file) => files.has(file));
  const text = find("text_model");
  const vision = find("vision_model");
  const both = find("model");
  if (text !== undefined && vision !== undefined) {
    return { text: join(folder, text), vision: join(folder, vision) };
  }
  if (both !== undefined) return { text: join(folder, both), vision: join(folder, both) };
  const absent = text === undefined ? "text_model.onnx" : "vision_model.onnx";
  throw missing(join(folder, absent), name);
}

function picturePreprocessing(
  config: z.infer<typeof preprocessorConfigSchema>,
): PicturePreprocessing {
  const { size, crop } = config;
  return {
    resize:
      "shortest_edge" in size
        ? { shortestEdgePx: size.shortest_edge }
        : { widthPx: size.width, heightPx: size.height },
    crop: crop === null ? null : { widthPx: crop.width, heightPx: crop.height },
    kernel: config.resample === 2 ? "linear" : "cubic",
    scale: config.do_rescale ? config.rescale_factor : 1,
    mean: config.do_normalize ? config.image_mean : [0, 0, 0],
    std: config.do_normalize ? config.image_std : [1, 1, 1],
  };
}

/** SHA-256 over the weights, the tokenizer and what is done to their inputs. */
async function hashModel(
  path: string,
  graphs: ClipModelFolder["graphs"],
  preprocessing: object,
  name: string,
): Promise<string> {
  const hash = createHash("sha256");
  const beside = new Set(await readdir(join(path, "onnx")));
  for (const graph of new Set([graphs.text, graphs.vision])) {
    await addFile(hash, graph);
    // Graphs over 2 GB keep their weights in a file of their own.
    if (beside.has(`${basename(graph)}_data`)) await addFile(hash, `${graph}_data`);
  }
  const tokenizer = join(path, "tokenizer.json");
  await addFile(hash, tokenizer).catch((cause: unknown) => {
    throw missing(tokenizer, name, cause);
  });
  return hash.update(JSON.stringify(preprocessing)).digest("hex");
}

async function addFile(hash: ReturnType<typeof createHash>, file: string): Promise<void> {
  for await (const chunk of createReadStream(file, { highWaterMark: 1_048_576 }))
    hash.update(chunk);
}

function missing(file: string, name: string, cause?: unknown): AtelierError {
  return new AtelierError(
    "misconfigured",
    `The model's file ${file} is missing or cannot be read. Pull the model with "npm run model -- pull ${name}", or set CLIP_MODEL_DIR to the folder of a complete one.`,
    { cause },
  );
}

function broken(file: string, what: string, cause: unknown): AtelierError {
  return new AtelierError("misconfigured", `The model's file ${file} ${what}.`, { cause });
}

function plainName(folder: string): string {
  return (
    folder
      .toLowerCase()
      .replace(/[^a-z0-9.-]+/gu, "-")
      .replace(/^[.-]+|[.-]+$/gu, "") || "model"
  );
}

function isAbsent(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}
