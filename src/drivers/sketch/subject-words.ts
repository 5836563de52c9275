import type { Color } from "./color.ts";
import type { Backdrop } from "./setting-words.ts";
import { bear, cat, deer, dog, fox, horse, rabbit, wolf } from "./subject-animals.ts";
import {
  astronaut,
  castle,
  house,
  lighthouse,
  person,
  robot,
} from "./subject-people-and-places.ts";
import {
  balloon,
  bird,
  boat,
  butterfly,
  fish,
  owl,
  penguin,
  rocket,
  saucer,
  whale,
} from "./subject-sea-and-sky.ts";
import { car, flower, mushroom, pine, sculpture, train, tree } from "./subject-things.ts";
import type { SubjectArt } from "./svg-shapes.ts";

/** Where a subject is put: on the land, on the water, in the sky, or in the water. */
type Habitat = "ground" | "water" | "air" | "deep";

export interface Subject {
  art: SubjectArt;
  /** Singular words, separated by spaces; plurals are found by rule. */
  words: string;
  color: Color;
  accent: Color;
  /** Height against that of an animal. */
  size: number;
  habitat: Habitat;
  /** The backdrop it brings along when the prompt names none. */
  home?: Backdrop;
}

const entry = (
  art: SubjectArt,
  words: string,
  [color, accent]: readonly [Color, Color],
  size: number,
  habitat: Habitat = "ground",
  home?: Backdrop,
): Subject => ({
  art,
  words,
  color,
  accent,
  size,
  habitat,
  ...(home === undefined ? {} : { home }),
});

export const subjects = {
  fox: entry(fox, "fox vixen", ["#dd6a2e", "#f4d6b0"], 0.86),
  wolf: entry(wolf, "wolf wolves husky coyote", ["#7f8a9c", "#f4d6b0"], 0.9),
  cat: entry(cat, "cat kitten kitty tiger lion", ["#e59a4a", "#f4d6b0"], 0.8),
  dog: entry(dog, "dog puppy hound corgi retriever", ["#c48a52", "#d8483c"], 0.84),
  rabbit: entry(rabbit, "rabbit bunny hare mouse", ["#b9a08c", "#f4d6b0"], 0.72),
  bear: entry(bear, "bear cub panda koala", ["#855a3c", "#f4d6b0"], 0.95),
  deer: entry(deer, "deer stag doe reindeer elk moose fawn", ["#b0743f", "#f4d6b0"], 1.08),
  horse: entry(horse, "horse pony stallion mare unicorn", ["#8f5a3a", "#3a2a24"], 1.02),
  owl: entry(owl, "owl", ["#8a6a4c", "#f0a63c"], 0.72),
  penguin: entry(penguin, "penguin", ["#2f3a55", "#f2a33c"], 0.74),
  bird: entry(
    bird,
    "bird sparrow robin parrot eagle raven crow duck swan hummingbird chicken",
    ["#3f83c8", "#f2a33c"],
    0.6,
  ),
  butterfly: entry(
    butterfly,
    "butterfly butterflies moth bee dragonfly",
    ["#e8743c", "#f7d06b"],
    0.55,
    "air",
  ),
  fish: entry(
    fish,
    "fish goldfish koi salmon shark",
    ["#f28a3a", "#f4d6b0"],
    0.6,
    "deep",
    "underwater",
  ),
  whale: entry(whale, "whale orca dolphin", ["#3f6f9e", "#f4d6b0"], 0.7, "water", "sea"),
  person: entry(
    person,
    "person man woman girl boy child kid people wanderer hiker traveler traveller explorer human knight wizard warrior samurai monk farmer sailor king queen prince princess",
    ["#c2453c", "#f2b84b"],
    0.84,
  ),
  astronaut: entry(
    astronaut,
    "astronaut cosmonaut spaceman diver",
    ["#f3f1ee", "#e8743c"],
    0.94,
    "ground",
    "space",
  ),
  robot: entry(robot, "robot android cyborg droid mech", ["#7fa9b8", "#f2a33c"], 0.9),
  house: entry(
    house,
    "house cottage cabin hut home farm barn village church temple",
    ["#b5483c", "#3f7f86"],
    0.92,
  ),
  castle: entry(castle, "castle palace fortress tower", ["#b7b0c2", "#b5483c"], 0.98),
  lighthouse: entry(lighthouse, "lighthouse beacon", ["#d0443c", "#f2b84b"], 1.12, "ground", "sea"),
  tree: entry(tree, "tree oak maple willow apple bonsai", ["#4f9a57", "#e8743c"], 1.2),
  blossom: entry(tree, "cherry blossom sakura almond peach-tree", ["#f0a0b8", "#e8743c"], 1.2),
  pine: entry(pine, "pine fir spruce", ["#2f7d5c", "#f4d6b0"], 1.15),
  flower: entry(
    flower,
    "flower rose tulip daisy sunflower poppy poppies lily lilies lotus orchid daisies bouquet",
    ["#e2506c", "#f2b84b"],
    0.72,
  ),
  mushroom: entry(mushroom, "mushroom toadstool fungus", ["#d6453c", "#f4d6b0"], 0.68),
  car: entry(car, "car truck van jeep taxi automobile bus", ["#d8483c", "#f2c14e"], 0.72),
  train: entry(train, "train locomotive tram", ["#3f6f86", "#d8a23c"], 0.78),
  boat: entry(
    boat,
    "boat ship sailboat yacht sail canoe kayak vessel",
    ["#b5483c", "#f2a65a"],
    0.8,
    "water",
    "sea",
  ),
  rocket: entry(
    rocket,
    "rocket spaceship shuttle spacecraft missile starship",
    ["#e0503c", "#3f83c8"],
    0.9,
    "air",
    "space",
  ),
  balloon: entry(balloon, "balloon airship zeppelin", ["#e0503c", "#f2b84b"], 0.78, "air"),
  saucer: entry(saucer, "ufo saucer alien", ["#8f9ab8", "#7ff2e4"], 0.6, "air"),
  sculpture: entry(sculpture, "", ["#d8694c", "#f2b84b"], 0.92),
} as const satisfies Record<string, Subject>;

export type SubjectName = keyof typeof subjects;

export const subjectNames = Object.keys(subjects).filter(
  (name): name is SubjectName => name in subjects,
);
