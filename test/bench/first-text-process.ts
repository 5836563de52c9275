import { readClipModelFolder } from "../../src/drivers/onnx/clip-model-folder.ts";
import { createOnnxEmbedder } from "../../src/drivers/onnx/onnx-embedder.ts";

/** Started by `first-text.ts`: embeds one text with the model in the folder given, and says so. */
const [folder = ""] = process.argv.slice(2);
const embedder = await createOnnxEmbedder({ folder: await readClipModelFolder(folder) });
const { signal } = new AbortController();
await embedder.embedTexts(["a red car at night"], { signal });
process.stdout.write("embedded\n");
await embedder.close();
