/**
 * What the demo model knows, and every word for it. The first word of a thing, a colour, a place
 * or a time is the one shown to people; scenes are written in these first words.
 */

/** Singular words for each thing; the plural is formed in `pluralOf`. */
export const things = {
  cat: ["cat", "kitten", "kitty"],
  dog: ["dog", "puppy", "hound"],
  horse: ["horse", "pony"],
  rabbit: ["rabbit", "bunny", "hare"],
  bird: ["bird", "sparrow", "pigeon"],
  fish: ["fish"],
  butterfly: ["butterfly"],
  snake: ["snake", "serpent"],
  turtle: ["turtle", "tortoise"],
  elephant: ["elephant"],
  car: ["car", "automobile", "auto"],
  bus: ["bus", "coach"],
  bicycle: ["bicycle", "bike", "cycle"],
  boat: ["boat", "sailboat", "ship"],
  plane: ["plane", "airplane", "aeroplane", "aircraft"],
  helicopter: ["helicopter", "chopper"],
  rocket: ["rocket", "spaceship"],
  balloon: ["balloon"],
  tree: ["tree", "oak"],
  flower: ["flower", "blossom", "daisy"],
  mushroom: ["mushroom", "toadstool"],
  cactus: ["cactus"],
  house: ["house", "cottage", "hut"],
  castle: ["castle", "fortress"],
  tent: ["tent"],
  lighthouse: ["lighthouse"],
  windmill: ["windmill", "mill"],
  chair: ["chair", "seat"],
  lamp: ["lamp", "lantern"],
  clock: ["clock"],
  cup: ["cup", "mug"],
  guitar: ["guitar"],
  umbrella: ["umbrella", "parasol"],
  ball: ["ball", "football"],
  kite: ["kite"],
  apple: ["apple"],
  banana: ["banana"],
  cake: ["cake"],
  person: ["person", "man", "woman", "somebody", "someone"],
  robot: ["robot", "android"],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export const colours = {
  red: ["red", "scarlet", "crimson"],
  orange: ["orange"],
  yellow: ["yellow"],
  green: ["green"],
  blue: ["blue"],
  purple: ["purple", "violet"],
  pink: ["pink", "rosy"],
  brown: ["brown"],
  black: ["black"],
  white: ["white"],
  grey: ["grey", "gray"],
} as const satisfies Record<string, readonly [string, ...string[]]>;

/** `phrases` follow a thing ("a cat on the beach"); `words` stand alone ("beach, cat"). */
interface Setting {
  phrases: readonly [string, ...string[]];
  words: readonly [string, ...string[]];
}

export const places = {
  beach: {
    words: ["beach", "seaside", "shore", "coast", "sea"],
    phrases: ["on the beach", "at the beach", "by the sea", "at the seaside", "on the shore"],
  },
  city: {
    words: ["city", "town", "downtown", "street", "skyline"],
    phrases: ["in the city", "in town", "downtown", "in the street", "in a city"],
  },
  forest: {
    words: ["forest", "woods", "wood", "woodland", "jungle"],
    phrases: ["in the forest", "in the woods", "in a wood", "in the jungle", "in a forest"],
  },
  desert: {
    words: ["desert", "dunes", "dune"],
    phrases: ["in the desert", "among the dunes", "in a desert", "in the dunes"],
  },
  mountains: {
    words: ["mountains", "mountain", "hills", "peaks", "alps"],
    phrases: ["in the mountains", "in the hills", "on a mountain", "in the alps"],
  },
  park: {
    words: ["park", "meadow", "field", "grass", "garden", "lawn"],
    phrases: ["in the park", "on the grass", "in a meadow", "in the garden", "in a park"],
  },
  room: {
    words: ["room", "indoors", "inside", "home"],
    phrases: ["in a room", "indoors", "inside a room", "at home", "in the room"],
  },
  snow: {
    words: ["snow", "winter", "ice", "snowy"],
    phrases: ["in the snow", "on the ice", "in winter", "on snow"],
  },
} as const satisfies Record<string, Setting>;

export const times = {
  morning: {
    words: ["morning", "sunrise", "dawn"],
    phrases: ["in the morning", "at sunrise", "at dawn", "early in the morning"],
  },
  day: {
    words: ["day", "daytime", "noon", "midday", "daylight"],
    phrases: ["by day", "at noon", "during the day", "in the daytime", "in daylight"],
  },
  evening: {
    words: ["evening", "sunset", "dusk"],
    phrases: ["in the evening", "at sunset", "at dusk", "early in the evening"],
  },
  night: {
    words: ["night", "midnight", "moonlight", "dark"],
    phrases: ["at night", "by night", "at midnight", "in the moonlight", "after dark"],
  },
} as const satisfies Record<string, Setting>;

/** What ffmpeg's test sources show: the first videos that people make by themselves. */
export const testPictures = {
  bars: ["colour bars", "color bars", "smpte bars", "test bars"],
  pattern: ["test pattern", "test picture pattern", "test card pattern"],
  screen: ["screen", "plain screen", "empty screen", "blank screen"],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type Thing = keyof typeof things;
export type Colour = keyof typeof colours;
export type Place = keyof typeof places;
export type Time = keyof typeof times;
export type TestPicture = keyof typeof testPictures;

/** Words that may stand in any query and carry nothing; the model learns to pass over them. */
export const stopWords =
  "a an the of in on at with and is are was be being been there this that these those it its some any one by from for to into near next beside behind before after during early while where which who when as we you i me us our my his her he she they them can could do does see sees seen look looks looking show shows showing find get give want please picture pictures image photo frame frames scene scenes moment moments shot shots clip video part something thing things color colour colored coloured under over around through out up down among time well".split(
    " ",
  );

const irregular: Readonly<Record<string, string>> = {
  person: "people",
  man: "men",
  woman: "women",
  somebody: "persons",
  someone: "persons",
  fish: "fish",
  aircraft: "aircraft",
  cactus: "cacti",
};

export function pluralOf(word: string): string {
  const known = irregular[word];
  if (known !== undefined) return known;
  if (/(s|ch|sh|x)$/u.test(word)) return `${word}es`;
  return /[^aeiou]y$/u.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

export function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): [K, ...K[]] {
  return Object.keys(record) as [K, ...K[]];
}
