import type { Random } from "../../../src/drivers/sketch/random.ts";
import {
  type Colour,
  colours,
  keysOf,
  type Place,
  places,
  type TestPicture,
  type Thing,
  type Time,
  testPictures,
  things,
  times,
} from "./words.ts";

export interface ColouredThing {
  thing: Thing;
  colour: Colour;
}

/** What a picture shows: things at a place and a time of day, or one of ffmpeg's test pictures. */
export type Scene =
  | { kind: "view"; things: readonly ColouredThing[]; place: Place; time: Time }
  | { kind: "test"; picture: Exclude<TestPicture, "screen"> }
  | { kind: "test"; picture: "screen"; colour: Colour }
  /** Shapes that mean nothing: no sentence describes them. */
  | { kind: "nothing" };

const allThings = keysOf(things);
const allColours = keysOf(colours);
const allPlaces = keysOf(places);
const allTimes = keysOf(times);
const allTestPictures = keysOf(testPictures);

const thingAt = (thing: Thing) => allThings.indexOf(thing);
const colourAt = (colour: Colour) => allThings.length + allColours.indexOf(colour);
const placeAt = (place: Place) => allThings.length + allColours.length + allPlaces.indexOf(place);
const timeAt = (time: Time) => placeAt(allPlaces[0]) + allPlaces.length + allTimes.indexOf(time);
const testAt = (picture: TestPicture) =>
  timeAt(allTimes[0]) + allTimes.length + allTestPictures.indexOf(picture);
const pairsFrom = testAt(allTestPictures[0]) + allTestPictures.length;
const pairAt = ({ thing, colour }: ColouredThing) =>
  pairsFrom + thingAt(thing) * allColours.length + allColours.indexOf(colour);

/**
 * Facts are numbered: things, colours, places, times, test pictures, then a thing in a colour.
 * A sentence is true of a scene when every fact that it needs is among the scene's facts.
 */
export const facts = {
  thing: thingAt,
  colour: colourAt,
  place: placeAt,
  time: timeAt,
  test: testAt,
  pair: pairAt,
  counts: {
    things: allThings.length,
    colours: allColours.length,
    places: allPlaces.length,
    times: allTimes.length,
    tests: allTestPictures.length,
  },
  total: pairsFrom + allThings.length * allColours.length,
};

export function factsOf(scene: Scene): number[] {
  if (scene.kind === "nothing") return [];
  if (scene.kind === "test") {
    return scene.picture === "screen"
      ? [testAt("screen"), colourAt(scene.colour)]
      : [testAt(scene.picture)];
  }
  const each = scene.things.flatMap((one) => [
    thingAt(one.thing),
    colourAt(one.colour),
    pairAt(one),
  ]);
  return [...new Set([...each, placeAt(scene.place), timeAt(scene.time)])];
}

/** A scene of one to three different things. `count` fixes how many. */
export function createScene(random: Random, count = thingCount(random)): Scene {
  const chosen: ColouredThing[] = [];
  while (chosen.length < count) {
    const thing = random.pick(allThings);
    if (chosen.some((one) => one.thing === thing)) continue;
    chosen.push({ thing, colour: random.pick(allColours) });
  }
  return {
    kind: "view",
    things: chosen,
    place: random.pick(allPlaces),
    time: random.pick(allTimes),
  };
}

function thingCount(random: Random): number {
  const at = random.next();
  if (at < 0.4) return 1;
  return at < 0.8 ? 2 : 3;
}

/** The same scene with one thing, colour, place or time changed; colours may change places. */
export function changeOne(scene: Scene, random: Random): Scene {
  if (scene.kind !== "view") return createScene(random);
  const which = random.whole(0, scene.things.length - 1);
  const replace = (change: (one: ColouredThing) => ColouredThing): Scene => ({
    ...scene,
    things: scene.things.map((one, at) => (at === which ? change(one) : one)),
  });
  const what = random.next();
  if (what < 0.3) {
    const free = allThings.filter((thing) => scene.things.every((one) => one.thing !== thing));
    const thing = free[random.whole(0, free.length - 1)] ?? "cat";
    return replace(({ colour }) => ({ thing, colour }));
  }
  if (what < 0.5) return replace(({ thing }) => ({ thing, colour: random.pick(allColours) }));
  if (what < 0.8 && scene.things.length > 1) {
    const paints = scene.things.map(({ colour }) => colour);
    const turned = [...paints.slice(1), ...paints.slice(0, 1)];
    const swapped = scene.things.map(({ thing }, at) => ({ thing, colour: turned[at] ?? "red" }));
    return { ...scene, things: swapped };
  }
  return what < 0.9
    ? { ...scene, place: random.pick(allPlaces) }
    : { ...scene, time: random.pick(allTimes) };
}
