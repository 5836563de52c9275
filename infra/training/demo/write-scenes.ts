/** Writes a set of scenes: `write-scenes.ts <folder> <count> <seed> <training|held-out>`. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import sharp from "sharp";
import { createRandom, type Random } from "../../../src/drivers/sketch/random.ts";
import { drawScene } from "./draw-scene.ts";
import { changeOne, createScene, facts, factsOf, type Scene } from "./scene-grammar.ts";
import { describe, type Extent } from "./sentences.ts";
import { testSourceFrames } from "./test-sources.ts";
import { createVocabulary, MAX_TOKENS, tokenIds } from "./vocabulary.ts";
import { heldOut, training } from "./wordings.ts";
import { colours, keysOf } from "./words.ts";

const EDGE_PX = 112;
const MAX_FACTS = 12;
const MAX_NEEDS = 8;
/** Of each scene: sentences that are true of it, then such with one thing changed. */
const extents = ["full", "full", "full", "part", "part", "part", "one", "one", "one"] as const;
const foils = ["full", "full", "part"] as const;

const [folder = "scenes", countText = "1000", seedText = "1", kind = "training"] =
  process.argv.slice(2);
const count = Number(countText);
const root = createRandom(Number(seedText));
const wording = kind === "held-out" ? heldOut : training;
const vocabulary = createVocabulary();
const share = (part: number) => Math.ceil(count * part);
const [bars, patterns] = await Promise.all([
  testSourceFrames("bars", share(0.01), EDGE_PX),
  testSourceFrames("pattern", share(0.012), EDGE_PX),
]);

function sceneAt(index: number, random: Random): Scene {
  if (index < bars.length) return { kind: "test", picture: "bars" };
  if (index < bars.length + patterns.length) return { kind: "test", picture: "pattern" };
  const at = random.next();
  if (at < 0.015) return { kind: "test", picture: "screen", colour: random.pick(keysOf(colours)) };
  return at < 0.045 ? { kind: "nothing" } : createScene(random);
}

async function pixelsOf(index: number, scene: Scene, random: Random): Promise<Buffer> {
  const ready = bars[index] ?? patterns[index - bars.length];
  if (ready !== undefined) return ready;
  const drawn = drawScene(scene, { random, widthPx: EDGE_PX, heightPx: EDGE_PX });
  const image = sharp(Buffer.from(drawn)).removeAlpha();
  if (random.chance(0.5)) return image.raw().toBuffer();
  // Half of the frames have been through a lossy encode with subsampled colour.
  const jpeg = await image.jpeg({ quality: random.whole(40, 92) }).toBuffer();
  return sharp(jpeg).raw().toBuffer();
}

function sentencesOf(scene: Scene, random: Random) {
  const told = scene.kind === "nothing" ? createScene(random) : scene;
  const tell = (of: Scene, extent: Extent) => describe(of, { random, extent, wording });
  return [
    ...extents.map((extent) => tell(told, extent)),
    ...foils.map((extent) => tell(changeOne(told, random), extent)),
  ];
}

function padded(values: readonly number[], length: number, filler: number): number[] {
  return Array.from({ length }, (_, at) => values[at] ?? filler);
}

await mkdir(folder, { recursive: true });
const pixels = createWriteStream(join(folder, "pixels.u8"));
const perScene = extents.length + foils.length;
const sceneFacts = new Int16Array(count * MAX_FACTS);
const tokens = new Uint16Array(count * perScene * MAX_TOKENS);
const needs = new Int16Array(count * perScene * MAX_NEEDS);
const batch = 16 * availableParallelism();
for (let from = 0; from < count; from += batch) {
  const indices = Array.from({ length: Math.min(batch, count - from) }, (_, at) => from + at);
  const buffers = await Promise.all(
    indices.map((index) => {
      const random = root.fork(`scene ${index}`);
      const scene = sceneAt(index, random);
      sceneFacts.set(padded(factsOf(scene), MAX_FACTS, -1), index * MAX_FACTS);
      sentencesOf(scene, random.fork("words")).forEach((sentence, at) => {
        const row = index * perScene + at;
        tokens.set(padded(tokenIds(sentence.text, vocabulary), MAX_TOKENS, 0), row * MAX_TOKENS);
        needs.set(padded(sentence.needs, MAX_NEEDS, -1), row * MAX_NEEDS);
      });
      return pixelsOf(index, scene, random.fork("picture"));
    }),
  );
  if (!pixels.write(Buffer.concat(buffers))) await once(pixels, "drain");
}
pixels.end();
await finished(pixels);
await writeFile(join(folder, "facts.i16"), sceneFacts);
await writeFile(join(folder, "tokens.u16"), tokens);
await writeFile(join(folder, "needs.i16"), needs);
const shape = {
  count,
  edgePx: EDGE_PX,
  maxFacts: MAX_FACTS,
  maxNeeds: MAX_NEEDS,
  maxTokens: MAX_TOKENS,
  vocabulary: vocabulary.size,
  facts: { total: facts.total, ...facts.counts },
  extents,
  foils,
};
await writeFile(join(folder, "shape.json"), `${JSON.stringify(shape, null, 2)}\n`);
