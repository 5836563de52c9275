import { AtelierError } from "#core";

export interface CatalogueFile {
  path: string;
  /** Where it is known; else the hub's own digest of that revision is taken. */
  sha256?: string;
}

/** A model that can be pulled, at one commit of its repository. */
export interface CatalogueModel {
  name: string;
  title: string;
  /** For people who choose. */
  about: string;
  repository: string;
  revision: string;
  files: readonly CatalogueFile[];
}

const hubFiles: readonly CatalogueFile[] = [
  { path: "config.json" },
  { path: "preprocessor_config.json" },
  { path: "tokenizer_config.json" },
];

/** Digests are those that the publishers' own pages give for these commits. */
export const modelCatalogue: readonly CatalogueModel[] = [
  {
    name: "clip-vit-base-patch32",
    title: "CLIP ViT-B/32",
    about: "OpenAI's CLIP, int8, 156 MB, MIT; for English. The usual choice.",
    repository: "Xenova/clip-vit-base-patch32",
    revision: "d15189d7028b43f1d3e65039190477f6af591c2a",
    files: [
      ...hubFiles,
      {
        path: "tokenizer.json",
        sha256: "f7f3b7af117d467b58374797691a6438d3e6b9e9cef800dfd5dced7f697a90cd",
      },
      {
        path: "onnx/text_model_quantized.onnx",
        sha256: "73baab855d406190da9faa498cfedf65f15cf309f4cc7385b7b032e6d08e5c3a",
      },
      {
        path: "onnx/vision_model_quantized.onnx",
        sha256: "583fd1110a514667812fee7d684952aaf82a99b959760c8d7dca7e0ab9839299",
      },
    ],
  },
  {
    name: "tinyclip",
    title: "TinyCLIP ViT-8M/16",
    about: "A small CLIP, int8, 28 MB, MIT; for English, for weak machines.",
    repository: "onnx-community/TinyCLIP-ViT-8M-16-Text-3M-YFCC15M-ONNX",
    revision: "9463a9c508a344c837ffefe9d724f3827bf2dc79",
    files: [
      ...hubFiles,
      { path: "tokenizer.json" },
      {
        path: "onnx/model_int8.onnx",
        sha256: "844d1a46ab18acf50c989e541b12fe3b6dc7f8d6004725b4e992d142788e0600",
      },
    ],
  },
  {
    name: "siglip2-base",
    title: "SigLIP 2 B/32",
    about: "Google's SigLIP 2 at 256 px, int8, about 410 MB, Apache-2.0; for many languages.",
    repository: "onnx-community/siglip2-base-patch32-256-ONNX",
    revision: "7efccb86b5b6601bfe9e14326e1c11b40b68d44c",
    files: [
      ...hubFiles,
      { path: "tokenizer.json" },
      { path: "onnx/text_model_quantized.onnx" },
      { path: "onnx/vision_model_quantized.onnx" },
    ],
  },
];

/** Throws `invalid_input` with the names that there are. */
export function catalogued(name: string, catalogue = modelCatalogue): CatalogueModel {
  const model = catalogue.find((each) => each.name === name);
  if (model !== undefined) return model;
  const names = catalogue.map((each) => each.name).join(", ");
  throw new AtelierError(
    "invalid_input",
    `There is no model "${name}" to pull; there are ${names}.`,
  );
}
