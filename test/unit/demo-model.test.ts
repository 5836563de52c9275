import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, describe as suite } from "vitest";
import {
  bestOfOthers,
  compare,
  type Similarities,
  wordsKey,
} from "../../infra/training/demo/calibrate.ts";
import { facts, type Scene } from "../../infra/training/demo/scene-grammar.ts";
import { describe } from "../../infra/training/demo/sentences.ts";
import { heldOut } from "../../infra/training/demo/wordings.ts";
import { keysOf, places, things, times } from "../../infra/training/demo/words.ts";
import type { SimilarityFloor } from "../../src/ports/index.ts";
import {
  averagePrecision,
  cosine,
  type HeldOutCollection,
  heldOutCollection,
  mean,
  ranked,
} from "../fixtures/held-out-collection.ts";

const folder = join(import.meta.dirname, "../../infra/demo/model");
const COUNT = 500;

suite("the built-in demo model, on held-out scenes in held-out words after a real H.264 encode", () => {
  let collection: HeldOutCollection;
  beforeAll(async () => {
    collection = await heldOutCollection(folder, COUNT);
  });
  afterAll(() => collection.embedder.close());

  const holds = (needs: readonly number[]) => (frame: number) =>
    needs.every((fact) => collection.facts[frame]?.has(fact) === true);

  async function precisionOf(queries: readonly { text: string; needs: readonly number[] }[]) {
    const rows = await collection.embed(queries.map(({ text }) => text));
    return mean(
      rows.map((row, at) =>
        averagePrecision(ranked(row, collection.frames, holds(queries[at]?.needs ?? []))),
      ),
    );
  }

  function told(extent: "full" | "part") {
    const { random, scenes } = collection;
    return scenes.map((scene) => describe(scene, { random, extent, wording: heldOut }));
  }

  async function hits(queries: readonly { text: string; needs: readonly number[] }[]) {
    const rows = await collection.embed(queries.map(({ text }) => text));
    const lists = rows.map((row, at) =>
      ranked(row, collection.frames, holds(queries[at]?.needs ?? [])),
    );
    const within = (top: number) =>
      lists.filter((list) => list.slice(0, top).includes(true)).length / lists.length;
    return { first: within(1), five: within(5) };
  }

  it("finds full sentences, settings and single things as well as its card says", async () => {
    const full = await hits(told("full"));
    const part = await hits(told("part"));
    const settings = [
      ...keysOf(places).flatMap((place) =>
        places[place].words.map((text) => ({ text, needs: [facts.place(place)] })),
      ),
      ...keysOf(times).flatMap((time) =>
        times[time].words.map((text) => ({ text, needs: [facts.time(time)] })),
      ),
    ];
    const single = keysOf(things).flatMap((thing) =>
      things[thing].map((text) => ({ text, needs: [facts.thing(thing)] })),
    );
    const figures = {
      "full sentences, R@1": full.first,
      "full sentences, R@5": full.five,
      "places and times alone, mAP": await precisionOf(settings),
      "one thing alone, mAP": await precisionOf(single),
      "parts of a scene, R@1": part.first,
      "colours not exchanged, share": await boundColours(),
    };
    console.table(Object.fromEntries(Object.entries(figures).map(([k, v]) => [k, v.toFixed(3)])));
    expect(full.first).toBeGreaterThanOrEqual(0.93);
    expect(full.five).toBeGreaterThanOrEqual(0.99);
    expect(figures["places and times alone, mAP"]).toBeGreaterThanOrEqual(0.95);
    expect(figures["one thing alone, mAP"]).toBeGreaterThanOrEqual(0.65);
  });

  /** How often "a red cat and a blue dog" fits its frame better than with the colours exchanged. */
  async function boundColours(): Promise<number> {
    const { random, scenes, frames } = collection;
    const pairs = scenes.flatMap((scene, at) => {
      if (scene.kind !== "view" || scene.things.length !== 2) return [];
      const [one, other] = scene.things;
      if (!one || !other || one.colour === other.colour) return [];
      const exchanged: Scene = {
        ...scene,
        things: [
          { ...one, colour: other.colour },
          { ...other, colour: one.colour },
        ],
      };
      const seed = random.whole(0, 1e9);
      const tell = (of: Scene) =>
        describe(of, { random: random.fork(`${seed}`), extent: "full", wording: heldOut }).text;
      return [{ at, right: tell(scene), wrong: tell(exchanged) }];
    });
    const right = await collection.embed(pairs.map((pair) => pair.right));
    const wrong = await collection.embed(pairs.map((pair) => pair.wrong));
    const isBound = pairs.map(({ at }, index) => {
      const frame = frames[at] ?? new Float32Array();
      const [a, b] = [right[index], wrong[index]];
      return a !== undefined && b !== undefined && cosine(a, frame) > cosine(b, frame);
    });
    return isBound.filter(Boolean).length / isBound.length;
  }

  it("keeps its promise about queries that describe none of the frames", async () => {
    const { calibration, vocabulary } = collection.embedder.model;
    const known = new Set(vocabulary?.contentWords);
    const queries = [...told("full"), ...told("part"), ...told("part")];
    const rows = await collection.embed(queries.map(({ text }) => text));
    const frames = collection.frames.map((embedding, at) => ({
      embedding,
      facts: collection.facts[at] ?? new Set<number>(),
    }));
    const list = queries.map(({ text, needs }, at) => {
      const contentWords = text.split(/[^\p{L}]+/u).filter((word) => known.has(word)).length;
      return compare({ embedding: rows[at] ?? new Float32Array(), needs, contentWords }, frames);
    });
    for (const floor of [calibration?.maybe, calibration?.strong]) {
      if (floor === undefined) throw new Error("The demo model brings no calibration.");
      const share = passing(list, floor, 100);
      console.log(
        `floor for ${floor.falsePositiveRate}: ${share.wrong.toFixed(4)} of queries that describe none of 100 frames pass, ${share.right.toFixed(3)} of those that describe one`,
      );
      expect(share.wrong).toBeLessThanOrEqual(floor.falsePositiveRate * 1.5 + 0.005);
      expect(share.right).toBeGreaterThan(0.3);
    }
  });

  function passing(list: readonly Similarities[], floor: SimilarityFloor, size: number) {
    const { random } = collection;
    const least = (each: Similarities) =>
      floor.floors[wordsKey(each.contentWords)]?.[String(size)] ?? 1;
    const wrong = list.flatMap((each) =>
      bestOfOthers(each, size, random).map((best) => best >= least(each)),
    );
    const right = list.map((each) => each.fitting.some((score) => score >= least(each)));
    const share = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length;
    return { wrong: share(wrong), right: share(right) };
  }

  it("matches nothing to a sentence with a word that it does not know", async () => {
    const { calibration } = collection.embedder.model;
    const sentences = told("full").slice(0, 200);
    const spoilt = sentences.map(({ text }) => `${text} zebra`);
    const [plain, unknown] = [
      await collection.embed(sentences.map(({ text }) => text)),
      await collection.embed(spoilt),
    ];
    const best = (rows: readonly Float32Array[]) =>
      mean(rows.map((row) => Math.max(...collection.frames.map((frame) => cosine(row, frame)))));
    expect(calibration).not.toBeNull();
    expect(best(unknown)).toBeLessThan(best(plain) - 0.1);
  });
});

suite("the demo model's files", () => {
  it("has graphs of at most 3 MB together", () => {
    const names = readdirSync(join(folder, "onnx"));
    const sizes = names.map((name) => statSync(join(folder, "onnx", name)).size);
    expect(names.sort()).toEqual(["text_model.onnx", "vision_model.onnx"]);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(3_000_000);
  });

  it("lists every word of its tokenizer as carrying something or nothing", () => {
    const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
    const { contentWords, stopWords } = read("atelier.json");
    const words = Object.keys(read("tokenizer.json").model.vocab).slice(2);
    expect(words.sort()).toEqual([...contentWords, ...stopWords].sort());
  });
});
