import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type InferenceSession, Tensor } from "onnxruntime-node";
import type { TextEmbedding } from "../../ports/index.ts";
import type { ClipModelFolder } from "./clip-model-folder.ts";
import {
  embed,
  integers,
  openSession,
  outputOf,
  pictureShape,
  shapeOf,
  unusable,
} from "./clip-session.ts";
import { createClipTokenizer } from "./clip-tokenizer.ts";

/** Lengths that CLIP's texts are padded to, before the longest. */
const SHORT_LENGTHS = [16, 32];

export interface TextEncoder {
  dim: number;
  encode(text: string): Promise<TextEmbedding>;
  close(): Promise<void>;
}

/** The folder's text tower on one thread, already warm. Rejects with `misconfigured`. */
export async function openTextEncoder(folder: ClipModelFolder): Promise<TextEncoder> {
  const session = await openSession(folder.graphs.text);
  const { tokensMax, isPaddedToFull, isLowerCased, padToken } = folder.texts;
  const fixed = shapeOf(session, "input_ids")?.at(1);
  const longest = typeof fixed === "number" ? fixed : tokensMax;
  const isAnyLength = typeof fixed !== "number" && !isPaddedToFull;
  const tokenizer = createClipTokenizer({
    tokenizer: await readObject(join(folder.path, "tokenizer.json")),
    config: await readObject(join(folder.path, "tokenizer_config.json")),
    lengths: [...(isAnyLength ? SHORT_LENGTHS.filter((each) => each < longest) : []), longest],
    padToken,
    isLowerCased,
  });
  const output = outputOf(session, folder.graphs.text, ["text_embeds", "pooler_output"]);
  const pixels = blankPixels(session, folder);
  const encode = async (text: string): Promise<TextEmbedding> => {
    const { ids, mask, isTruncated } = tokenizer.encode(text);
    const feeds = {
      ...pixels,
      ...integers(session, "input_ids", ids),
      ...integers(session, "attention_mask", mask),
    };
    return { embedding: await embed(session, feeds, output), isTruncated };
  };
  const { embedding } = await encode("a");
  return { dim: embedding.length, encode, close: () => session.release() };
}

/** A graph of both towers wants a picture with every text. */
function blankPixels(session: InferenceSession, folder: ClipModelFolder): Record<string, Tensor> {
  if (!session.inputNames.includes("pixel_values")) return {};
  const shape = pictureShape(folder.pictures);
  const [, , height, width] = shape;
  return { pixel_values: new Tensor("float32", new Float32Array(3 * height * width), shape) };
}

async function readObject(file: string): Promise<object> {
  const json: unknown = JSON.parse(await readFile(file, "utf8"));
  if (typeof json === "object" && json !== null) return json;
  throw unusable(file, "is not a JSON object");
}
