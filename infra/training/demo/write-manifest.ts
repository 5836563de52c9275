/** Measures the floors and writes atelier.json: `write-manifest.ts <model folder> [frames]`. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { recordGolden } from "../../../src/clip/golden.ts";
import { readClipModelFolder } from "../../../src/drivers/onnx/clip-model-folder.ts";
import { createOnnxEmbedder } from "../../../src/drivers/onnx/onnx-embedder.ts";
import { createRandom, type Random } from "../../../src/drivers/sketch/random.ts";
import { compare, floorsFor, indexSizes, type KnownFrame, type KnownQuery } from "./calibrate.ts";
import { drawScene } from "./draw-scene.ts";
import { HELD_OUT_SEED } from "./held-out-frames.ts";
import { createScene, factsOf, type Scene } from "./scene-grammar.ts";
import { contentWords, describe } from "./sentences.ts";
import { suggestions } from "./video-stories.ts";
import { heldOut } from "./wordings.ts";
import { colours, keysOf, places, stopWords, testPictures, things, times } from "./words.ts";

const QUERIES = 2400;
const signal = new AbortController().signal;
const [folder = "infra/demo/model", framesText = "10500"] = process.argv.slice(2);
const random = createRandom(HELD_OUT_SEED).fork("calibration");
const words = new Set(contentWords());
const basics = {
  name: "demo",
  title: "Demo model",
  knows: {
    things: keysOf(things),
    colours: keysOf(colours),
    places: keysOf(places),
    times: keysOf(times),
    "test pictures": Object.values(testPictures).map(([name]) => name),
  },
  contentWords: [...words],
  stopWords,
  suggestions,
};

const manifestPath = join(folder, "atelier.json");
await rm(manifestPath, { force: true });
const model = await readClipModelFolder(folder);
const embedder = await createOnnxEmbedder({ folder: model });

async function jpegOf(scene: Scene, stream: Random): Promise<Buffer> {
  const drawn = drawScene(scene, { random: stream, widthPx: 256, heightPx: 144 });
  return sharp(Buffer.from(drawn)).removeAlpha().jpeg({ quality: 80 }).toBuffer();
}

async function knownFrames(count: number): Promise<KnownFrame[]> {
  const frames: KnownFrame[] = [];
  for (let from = 0; from < count; from += 100) {
    const scenes = Array.from({ length: 100 }, () => createScene(random));
    const pictures = await Promise.all(
      scenes.map((scene, at) => jpegOf(scene, random.fork(`frame ${from + at}`))),
    );
    const embeddings = await embedder.embedPictures(pictures, { signal });
    scenes.forEach((scene, at) => {
      const embedding = embeddings[at] ?? new Float32Array();
      frames.push({ embedding, facts: new Set(factsOf(scene)) });
    });
  }
  return frames;
}

async function knownQueries(count: number): Promise<KnownQuery[]> {
  const sentences = Array.from({ length: count }, (_, at) => {
    const extent = (["one", "part", "part", "full"] as const)[at % 4] ?? "full";
    return describe(createScene(random), { random, extent, wording: heldOut });
  });
  const rows = await embedder.embedTexts(
    sentences.map(({ text }) => text),
    { signal },
  );
  return sentences.map(({ text, needs }, at) => ({
    embedding: rows[at]?.embedding ?? new Float32Array(),
    needs,
    contentWords: text.split(/[^\p{L}]+/u).filter((word) => words.has(word)).length,
  }));
}

const frames = await knownFrames(Number(framesText));
const queries = await knownQueries(QUERIES);
const similarities = queries.map((query) => compare(query, frames));
const calibration = {
  maybe: floorsFor(similarities, 0.05, random.fork("maybe")),
  strong: floorsFor(similarities, 0.005, random.fork("strong")),
};

await mkdir(join(folder, "golden"), { recursive: true });
const pictures = await Promise.all(
  ["first", "second", "third"].map(async (name) => {
    const drawn = drawScene(createScene(random.fork(name)), {
      random: random.fork(`golden ${name}`),
      widthPx: 160,
      heightPx: 90,
    });
    const file = `golden/${name}.png`;
    const picture = await sharp(Buffer.from(drawn)).removeAlpha().png().toBuffer();
    await writeFile(join(folder, file), picture);
    return { file, picture };
  }),
);
const recorded = await recordGolden(
  embedder,
  { texts: suggestions.slice(0, 3), pictures: pictures.map(({ picture }) => picture) },
  { signal },
);
const golden = {
  texts: recorded.texts,
  pictures: recorded.pictures.map(({ embedding }, at) => ({
    file: pictures[at]?.file ?? "",
    embedding,
  })),
};
await embedder.close();
const text = JSON.stringify({ ...basics, calibration, golden }, null, 1);
// Long lists of numbers and words on one line each: the file is read by people too.
const compact = text.replace(
  /\[\n\s+([^[\]{}]*?)\n\s+\]/gu,
  (_, list: string) => `[${list.replace(/,\n\s+/gu, ", ")}]`,
);
await writeFile(manifestPath, `${compact}\n`);
process.stdout.write(`${JSON.stringify({ indexSizes, ...calibration }, null, 1)}\n`);
