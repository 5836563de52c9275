import type { Color } from "./color.ts";

/**
 * The vocabulary of places, light and colour. Each list is words in the singular, separated by
 * spaces. Where a scene has room for one entry only, the first word of the prompt wins.
 */
export const backdropWords = {
  underwater: "underwater reef coral seabed aquarium submarine ocean-floor jellyfish mermaid",
  space:
    "space galaxy cosmos cosmic planet nebula orbit mars asteroid universe spacewalk saturn jupiter lunar interstellar",
  city: "city skyline town street downtown skyscraper metropolis urban tokyo york london paris alley rooftop cyberpunk building",
  sea: "sea ocean beach coast coastal harbor harbour lake island wave shore bay river surf fjord lagoon water pond",
  mountains: "mountain peak alp alpine summit cliff himalaya everest volcano glacier valley canyon",
  desert: "desert dune sahara sand cactus pyramid oasis savanna camel",
  forest: "forest wood woodland jungle grove taiga rainforest",
  hills:
    "hill meadow field prairie countryside pasture garden park farm farmland vineyard landscape grass lavender",
} as const satisfies Record<string, string>;
export type Backdrop = keyof typeof backdropWords;

export const timeWords = {
  night:
    "night midnight moonlight moonlit starry nocturnal nighttime moon star aurora firefly lantern",
  dawn: "dawn sunrise morning daybreak misty",
  sunset: "sunset dusk evening twilight golden sundown",
  day: "day noon sunny daylight midday bright summer afternoon",
} as const satisfies Record<string, string>;
export type Time = keyof typeof timeWords;

export const seasonWords = {
  winter:
    "winter snow snowy snowfall snowing ice icy frozen frost frosty arctic christmas blizzard glacier",
  autumn: "autumn fall autumnal harvest october halloween",
  spring: "spring blossom cherry sakura easter april",
  summer: "summer tropical",
} as const satisfies Record<string, string>;
export type Season = keyof typeof seasonWords;

export const weatherWords = {
  snow: "snow snowy snowfall snowing blizzard",
  rain: "rain rainy raining storm stormy drizzle thunderstorm monsoon",
  fog: "fog foggy mist misty haze hazy",
} as const satisfies Record<string, string>;
export type Weather = keyof typeof weatherWords;

/** Things of the sky and the ground that are there by default or on request, and can be refused. */
export const featureWords = {
  sun: "sun sunlight sunshine",
  moon: "moon moonlight moonlit crescent",
  stars: "star starry constellation",
  clouds: "cloud cloudy overcast",
  birds: "bird flock seagull gull",
  rainbow: "rainbow",
  aurora: "aurora borealis",
  trees: "tree pine forest wood",
  flowers: "flower wildflower blossom bloom lavender poppy poppies",
} as const satisfies Record<string, string>;
export type Feature = keyof typeof featureWords;

export const colorWords: ReadonlyMap<string, Color> = new Map(
  Object.entries({
    red: "#d23b34",
    crimson: "#b3203a",
    scarlet: "#e03a2c",
    maroon: "#7a2434",
    orange: "#ee8130",
    amber: "#f0a030",
    copper: "#b86a3c",
    yellow: "#f3c53c",
    gold: "#e0ac3a",
    golden: "#e6b040",
    green: "#3f9a52",
    emerald: "#1f8f68",
    lime: "#8fc93a",
    olive: "#7f8438",
    mint: "#8fd9b6",
    teal: "#1f8a8a",
    turquoise: "#38bdb4",
    cyan: "#3cc4dc",
    blue: "#3a6fd0",
    azure: "#3f97e8",
    navy: "#24386e",
    indigo: "#4a45a8",
    purple: "#7d48b8",
    violet: "#8a5ad0",
    lavender: "#a98fd8",
    lilac: "#b99ad8",
    magenta: "#cf3f9a",
    pink: "#ee7fa8",
    rose: "#e2687f",
    peach: "#f7b48c",
    brown: "#87593a",
    beige: "#d8c3a0",
    cream: "#f4e6c8",
    white: "#f6f4ef",
    silver: "#b9c2cc",
    gray: "#8b929c",
    grey: "#8b929c",
    black: "#2b2b36",
  }),
);

export const countWords: ReadonlyMap<string, number> = new Map(
  Object.entries({
    one: 1,
    two: 2,
    pair: 2,
    couple: 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    several: 4,
    many: 6,
    group: 4,
    herd: 5,
    flock: 6,
    school: 6,
    fleet: 5,
    "2": 2,
    "3": 3,
    "4": 4,
    "5": 5,
    "6": 6,
  }),
);

export const sizeWords: ReadonlyMap<string, number> = new Map(
  Object.entries({
    tiny: 0.5,
    small: 0.7,
    little: 0.72,
    baby: 0.65,
    distant: 0.45,
    lone: 0.8,
    big: 1.25,
    large: 1.25,
    giant: 1.5,
    huge: 1.45,
    enormous: 1.5,
    portrait: 1.4,
    closeup: 1.5,
  }),
);

/** Words that carry no picture of their own; all others that are unknown flavour the scene. */
export const plainWords = new Set(
  `a an the of in on at by to with and or over under from into through for is are its his her their my
  very near next above below behind beside between as like this that some sitting standing flying
  walking running looking sleeping wearing holding playing watching beautiful nice detailed high
  quality best picture image photo photograph painting drawing illustration style scene view art
  artwork background wide shot render`.split(/\s+/),
);
