import { createWriteStream, existsSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { clipReference } from "../fixtures/clip-reference.ts";
import { type OnnxGraph, writeOnnxParts } from "../fixtures/onnx-writer.ts";
import { createGraphBuilder, type GraphBuilder } from "./graph-builder.ts";

/**
 * Writes a model folder of CLIP ViT-B/32's shape with random weights, as int8 (dynamically
 * quantised, as the hub's are) and fp32: as large and as slow as the real one, without its meaning.
 */
export async function writeRandomClip(folder: string): Promise<void> {
  await mkdir(join(folder, "onnx"), { recursive: true });
  for (const isQuantized of [false, true]) {
    const suffix = isQuantized ? "_int8" : "";
    await writeGraph(join(folder, `onnx/vision_model${suffix}.onnx`), visionTower(isQuantized));
    await writeGraph(join(folder, `onnx/text_model${suffix}.onnx`), textTower(isQuantized));
  }
  const json = (name: string, value: object) =>
    writeFile(join(folder, name), JSON.stringify(value));
  const square = { height: 224, width: 224 };
  await json("config.json", { model_type: "clip", projection_dim: 512, text_config: {} });
  await json("preprocessor_config.json", {
    image_processor_type: "CLIPFeatureExtractor",
    do_resize: true,
    size: { shortest_edge: 224 },
    resample: 3,
    do_center_crop: true,
    crop_size: square,
    do_rescale: true,
    do_normalize: true,
    rescale_factor: 1 / 255,
    image_mean: [0.48145466, 0.4578275, 0.40821073],
    image_std: [0.26862954, 0.26130258, 0.27577711],
  });
  // The real tokenizer takes its time to load; words will do where it is not here.
  if (existsSync(join(clipReference, "tokenizer.json"))) {
    for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
      await copyFile(join(clipReference, name), join(folder, name));
    }
    return;
  }
  const vocab = { a: 320, red: 736, car: 1615, "<|startoftext|>": 49406, "<|endoftext|>": 49407 };
  await json("tokenizer_config.json", {
    tokenizer_class: "PreTrainedTokenizerFast",
    pad_token: "<|endoftext|>",
  });
  await json("tokenizer.json", {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "Whitespace" },
    post_processor: null,
    decoder: null,
    model: { type: "WordLevel", vocab, unk_token: "<|endoftext|>" },
  });
}

async function writeGraph(path: string, graph: OnnxGraph): Promise<void> {
  await pipeline(Readable.from(writeOnnxParts(graph)), createWriteStream(path));
}

function visionTower(isQuantized: boolean): OnnxGraph {
  const graph = createGraphBuilder({ isQuantized });
  const kernel = graph.weight([768, 3, 32, 32], 0.02);
  const patches = graph.add("Conv", ["pixel_values", kernel], {
    strides: [32, 32],
    kernel_shape: [32, 32],
  });
  const flat = graph.add("Reshape", [patches, graph.shape([1, 768, 49])]);
  const rows = graph.add("Transpose", [flat], { perm: [0, 2, 1] });
  const all = graph.add("Concat", [graph.weight([1, 1, 768], 0.02), rows], { axis: 1 });
  const placed = graph.add("Add", [all, graph.weight([50, 768], 0.02)]);
  const hidden = layers(graph, graph.norm(placed, 768), { width: 768, heads: 12, mask: null });
  const first = graph.add("Gather", [hidden, graph.index(0)], { axis: 1 });
  graph.add("MatMul", [graph.norm(first, 768), graph.weight([768, 512], 0.04)], {}, "image_embeds");
  return graph.finish(
    [{ name: "pixel_values", type: "float", shape: ["batch", 3, 224, 224] }],
    [{ name: "image_embeds", type: "float", shape: ["batch", 512] }],
  );
}

function textTower(isQuantized: boolean): OnnxGraph {
  const graph = createGraphBuilder({ isQuantized });
  const tokens = graph.lookUp([49_408, 512], "input_ids");
  const size = graph.add("Shape", ["input_ids"]);
  const length = graph.add("Slice", [size, graph.shape([1]), graph.shape([2])]);
  const start = graph.shape([0]);
  const places = graph.weight([77, 512], 0.01);
  const place = graph.add("Slice", [places, start, length, graph.shape([0])]);
  const twice = graph.add("Concat", [length, length], { axis: 0 });
  const from = graph.shape([0, 0]);
  const mask = graph.add("Slice", [graph.causalMask(77), from, twice, graph.shape([0, 1])]);
  const placed = graph.add("Add", [tokens, place]);
  const hidden = graph.norm(layers(graph, placed, { width: 512, heads: 8, mask }), 512);
  const end = graph.add("ArgMax", ["input_ids"], { axis: 1, keepdims: 0 });
  const first = graph.add("Squeeze", [hidden, graph.shape([0])]);
  const feature = graph.add("Gather", [first, end], { axis: 0 });
  graph.add("MatMul", [feature, graph.weight([512, 512], 0.04)], {}, "text_embeds");
  return graph.finish(
    [{ name: "input_ids", type: "int64", shape: ["batch", "length"] }],
    [{ name: "text_embeds", type: "float", shape: ["batch", 512] }],
  );
}

/** Twelve transformer layers, normalised before each half, as CLIP has them. */
function layers(
  graph: GraphBuilder,
  input: string,
  { width, heads, mask }: { width: number; heads: number; mask: string | null },
): string {
  const split = graph.shape([1, -1, heads, 64]);
  const merge = graph.shape([1, -1, width]);
  const headwise = (from: string, perm: readonly number[]) =>
    graph.add("Transpose", [graph.add("Reshape", [from, split])], { perm });
  let hidden = input;
  for (let layer = 0; layer < 12; layer++) {
    const normed = graph.norm(hidden, width);
    const q = headwise(graph.linear(normed, width, width), [0, 2, 1, 3]);
    const k = headwise(graph.linear(normed, width, width), [0, 2, 3, 1]);
    const v = headwise(graph.linear(normed, width, width), [0, 2, 1, 3]);
    const scores = graph.add("Mul", [graph.add("MatMul", [q, k]), graph.scalar(0.125)]);
    const masked = mask === null ? scores : graph.add("Add", [scores, mask]);
    const shares = graph.add("Softmax", [masked], { axis: -1 });
    const seen = graph.add("Transpose", [graph.add("MatMul", [shares, v])], { perm: [0, 2, 1, 3] });
    const attended = graph.linear(graph.add("Reshape", [seen, merge]), width, width);
    hidden = graph.add("Add", [hidden, attended]);
    const wide = graph.linear(graph.norm(hidden, width), width, width * 4);
    // CLIP's quick GELU.
    const gate = graph.add("Sigmoid", [graph.add("Mul", [wide, graph.scalar(1.702)])]);
    const narrow = graph.linear(graph.add("Mul", [wide, gate]), width * 4, width);
    hidden = graph.add("Add", [hidden, narrow]);
  }
  return hidden;
}
