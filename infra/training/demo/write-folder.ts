/** Writes a model folder's files other than the graphs: `write-folder.ts <folder>`. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MAX_TOKENS, tokenizerFiles } from "./vocabulary.ts";

/** Of `scenes.py` and `train.py`. */
const INPUT_EDGE_PX = 80;
const MEAN = 0.5;
const STD = 0.25;

const [folder = "infra/demo/model"] = process.argv.slice(2);
const { tokenizer, config } = tokenizerFiles();
const files = {
  "config.json": {
    model_type: "clip",
    architectures: ["AtelierDemoModel"],
    projection_dim: 512,
    text_config: { max_position_embeddings: MAX_TOKENS },
    vision_config: { image_size: INPUT_EDGE_PX },
  },
  // Squashed, not cropped: a frame of 16:9 loses nothing at its sides.
  "preprocessor_config.json": {
    do_resize: true,
    size: { height: INPUT_EDGE_PX, width: INPUT_EDGE_PX },
    resample: 3,
    do_center_crop: false,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [MEAN, MEAN, MEAN],
    image_std: [STD, STD, STD],
  },
  "tokenizer.json": tokenizer,
  "tokenizer_config.json": config,
};
await mkdir(join(folder, "onnx"), { recursive: true });
for (const [name, content] of Object.entries(files))
  await writeFile(join(folder, name), `${JSON.stringify(content, null, 1)}\n`);
