import type { Random } from "../../../src/drivers/sketch/random.ts";
import { type ColouredThing, facts, type Scene } from "./scene-grammar.ts";
import { fill, pad, training, type Wording } from "./wordings.ts";
import { colours, places, pluralOf, stopWords, testPictures, things, times } from "./words.ts";

/** A sentence, and the facts that a scene must have for it to be true. */
export interface Sentence {
  text: string;
  needs: readonly number[];
}

/** How much of a scene a sentence tells. */
export type Extent = "full" | "part" | "one";

export interface SentenceOptions {
  random: Random;
  extent: Extent;
  wording: Wording;
}

interface Told {
  things: { one: ColouredThing; withColour: boolean }[];
  place: boolean;
  time: boolean;
}

/** One sentence about a scene: everything in it, a part of it, or one word. */
export function describe(scene: Scene, { random, extent, wording }: SentenceOptions): Sentence {
  if (scene.kind === "nothing") throw new Error("No sentence describes a scene of nothing.");
  const sentence =
    scene.kind === "test"
      ? describeTest(scene, random, wording)
      : extent === "one"
        ? describeOne(scene, random, wording)
        : describeView(
            scene,
            extent === "full" ? all(scene) : some(scene, random),
            random,
            wording,
          );
  const isTraining = wording === training;
  return isTraining && random.chance(0.2)
    ? { ...sentence, text: pad(sentence.text, stopWords, random) }
    : sentence;
}

type View = Extract<Scene, { kind: "view" }>;

function all(scene: View): Told {
  const told = scene.things.map((one) => ({ one, withColour: true }));
  return { things: told, place: true, time: true };
}

function some(scene: View, random: Random): Told {
  const told = scene.things
    .filter(() => random.chance(0.65))
    .map((one) => ({ one, withColour: random.chance(0.6) }));
  const place = random.chance(0.4);
  const time = random.chance(0.35);
  const first = scene.things[random.whole(0, scene.things.length - 1)];
  if (told.length === 0 && (!(place && time) || random.chance(0.5)) && first)
    told.push({ one: first, withColour: random.chance(0.75) });
  return { things: told, place, time };
}

function describeOne(scene: View, random: Random, wording: Wording): Sentence {
  const at = random.next();
  const one = scene.things[random.whole(0, scene.things.length - 1)];
  if (at < 0.7 && one) {
    const text = writeThing({ one, withColour: false }, random, wording);
    return { text, needs: [facts.thing(one.thing)] };
  }
  if (at < 0.8 && one) {
    const text = `${random.pick(["", "something "])}${random.pick(colours[one.colour])}`;
    return { text, needs: [facts.colour(one.colour)] };
  }
  return at < 0.9
    ? { text: random.pick(places[scene.place].words), needs: [facts.place(scene.place)] }
    : { text: random.pick(times[scene.time].words), needs: [facts.time(scene.time)] };
}

function describeTest(
  scene: Extract<Scene, { kind: "test" }>,
  random: Random,
  wording: Wording,
): Sentence {
  const name = random.pick(testPictures[scene.picture]);
  const needs = [facts.test(scene.picture)];
  const opening = random.chance(0.4) ? `${random.pick(wording.openings)} ` : "";
  if (scene.picture !== "screen" || random.chance(0.2))
    return { text: `${opening}${name}`.trim(), needs };
  const colour = random.pick(colours[scene.colour]);
  const text = `${opening}${name.replace("screen", `${colour} screen`)}`.trim();
  return { text, needs: [...needs, facts.colour(scene.colour)] };
}

function describeView(scene: View, told: Told, random: Random, wording: Wording): Sentence {
  const needs = told.things.map(({ one, withColour }) =>
    withColour ? facts.pair(one) : facts.thing(one.thing),
  );
  if (told.place) needs.push(facts.place(scene.place));
  if (told.time) needs.push(facts.time(scene.time));
  const isBare = random.chance(0.2);
  const place = isBare ? places[scene.place].words : places[scene.place].phrases;
  const time = isBare ? times[scene.time].words : times[scene.time].phrases;
  const joint = isBare ? " " : random.pick(wording.joints);
  const parts: Readonly<Record<string, string>> = {
    T: shuffled(told.things, random)
      .map((each) => (isBare ? bareThing(each, random) : writeThing(each, random, wording)))
      .join(joint),
    P: told.place ? random.pick(place) : "",
    M: told.time ? random.pick(time) : "",
  };
  const order = [...random.pick(isBare ? wording.bareOrders : wording.orders)];
  const between = isBare ? " " : random.pick(wording.breaks);
  const body = order.map((part) => parts[part] ?? "").filter((text) => text !== "");
  const opening = isBare ? "" : random.pick(wording.openings);
  return { text: `${opening} ${body.join(between)}`.trim(), needs };
}

function writeThing(told: Told["things"][number], random: Random, wording: Wording): string {
  const t = random.pick(things[told.one.thing]);
  const c = random.pick(colours[told.one.colour]);
  const pattern = random.pick(told.withColour ? wording.coloured : wording.plain);
  return fill(pattern, { c, t, ts: pluralOf(t) });
}

function bareThing(told: Told["things"][number], random: Random): string {
  const thing = random.pick(things[told.one.thing]);
  return told.withColour ? `${random.pick(colours[told.one.colour])} ${thing}` : thing;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Every word of the demo model's vocabulary that tells something about a picture. */
export function contentWords(): string[] {
  const named = Object.values(things).flatMap((words) =>
    words.flatMap((word) => [word, pluralOf(word)]),
  );
  const settings = [...Object.values(places), ...Object.values(times)].flatMap(
    ({ words, phrases }) => [...words, ...phrases.flatMap((phrase) => phrase.split(" "))],
  );
  const tests = Object.values(testPictures).flatMap((names) =>
    names.flatMap((name) => name.split(" ")),
  );
  const list = [...named, ...Object.values(colours).flat(), ...settings, ...tests];
  return [...new Set(list)].filter((word) => !stopWords.includes(word)).sort();
}
