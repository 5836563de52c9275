import { type Color, darker, lighter, luma, mix, rgbOf, shift } from "./color.ts";
import { createRandom, hashText } from "./random.ts";
import type { ScenePlan } from "./scene-plan.ts";
import type { Season, Time } from "./setting-words.ts";

/** The colours of one scene; every layer takes its own from here. */
export interface Palette {
  sky: readonly [top: Color, middle: Color, low: Color];
  /** The sun or the moon, and the glow around it. */
  orb: Color;
  haze: Color;
  cloud: Color;
  landFar: Color;
  landNear: Color;
  waterFar: Color;
  waterNear: Color;
  leaf: Color;
  /** The light that falls on subjects, and how strongly it colours them. */
  ambient: Color;
  ambientAmount: number;
  isNight: boolean;
  lampsAreLit: boolean;
}

type Light = Pick<Palette, "sky" | "orb" | "haze" | "cloud" | "ambient" | "ambientAmount">;

/** Several skies for each time of day; the unknown words and the seed choose. */
const lights: Record<Time, readonly [Light, ...Light[]]> = {
  day: [
    light(["#3f93d2", "#8fcbe8", "#f4efd9"], "#fff3c4", "#dcebe6", "#ffffff", "#ffe9c0", 0.06),
    light(["#2f7fc0", "#79bfe0", "#dff0e8"], "#fff6d8", "#cfe6ea", "#ffffff", "#fff2d0", 0.05),
    light(["#58a6c9", "#a9d6d8", "#fbe8c8"], "#ffe9ae", "#e8ead2", "#fffaf0", "#ffe2b0", 0.08),
  ],
  dawn: [
    light(["#5d72b4", "#d9a3bf", "#fde0bd"], "#ffe6b4", "#f2cfc4", "#fbe3dc", "#e8a7b0", 0.16),
    light(["#7f8fc8", "#f0b8b4", "#fff0cc"], "#fff0c8", "#f4d8c8", "#fff0e8", "#f0b8a8", 0.14),
    light(["#3f6a9c", "#9fb8c8", "#fbd8a8"], "#ffe0a0", "#d8d4c8", "#f4e6d8", "#c8a8a8", 0.16),
  ],
  sunset: [
    light(["#3c2c6a", "#cc5370", "#ffbc6a"], "#ffe0a0", "#f08f68", "#f2a08c", "#6a2f5c", 0.26),
    light(["#23406e", "#e0745c", "#ffd488"], "#fff0b8", "#f0a274", "#f7b890", "#5a3052", 0.24),
    light(["#5a2a5e", "#e8636a", "#ffa65c"], "#ffd890", "#e87f70", "#f09a94", "#5c2450", 0.26),
  ],
  night: [
    light(["#0a1034", "#1f3270", "#4a6aa4"], "#fdf3d0", "#3c5890", "#34508c", "#1a2858", 0.4),
    light(["#120c38", "#36286e", "#7a5a9c"], "#ffeed8", "#58488c", "#4c3f82", "#241c50", 0.38),
    light(["#06182c", "#10445c", "#3f8a94"], "#f4f4dc", "#2f6c7c", "#22566c", "#0c2c40", 0.4),
  ],
};

function light(
  sky: readonly [Color, Color, Color],
  orb: Color,
  haze: Color,
  cloud: Color,
  ambient: Color,
  ambientAmount: number,
): Light {
  return { sky, orb, haze, cloud, ambient, ambientAmount };
}

const lands: Record<
  Season,
  readonly [readonly [far: Color, near: Color, leaf: Color], ...(readonly [Color, Color, Color])[]]
> = {
  summer: [
    ["#7fb3a2", "#2c7550", "#3f9456"],
    ["#8fb98c", "#47803c", "#5c9a42"],
    ["#7aa9b0", "#256a5c", "#2f8a68"],
  ],
  spring: [
    ["#a9d0a0", "#4f9c58", "#f2a3b8"],
    ["#b4d4b0", "#6aa84c", "#f7b8c4"],
  ],
  autumn: [
    ["#d3a878", "#a8502c", "#e0862f"],
    ["#c79a86", "#8a4636", "#d9642c"],
  ],
  winter: [
    ["#b4c9dc", "#eef4f8", "#4a7c80"],
    ["#bcc8e0", "#f3f3f8", "#43708a"],
  ],
};

export function paletteOf(plan: ScenePlan, seed: number): Palette {
  const random = createRandom(hashText(`palette:${seed}:${plan.flavour}`));
  const day = random.pick(lights[plan.time]);
  const [far, near, leaf] = random.pick(lands[plan.season]);
  const desert = plan.backdrop === "desert" && plan.season !== "winter";
  const isNight = plan.time === "night";
  const turn = random.between(-9, 9);
  const veil = plan.weather.has("rain")
    ? 0.42
    : plan.weather.has("fog")
      ? 0.25
      : plan.weather.has("snow")
        ? 0.16
        : 0;
  const grey = isNight ? "#2a3550" : "#aab8c2";

  // In order: the sky's variety, the weather's grey, the colour asked for, the mood.
  const air = (color: Color) =>
    mood(tinted(mix(shift(color, turn), grey, veil), plan.tint, 0.34), plan);
  const dim = { day: 0, dawn: 0.14, sunset: 0.33, night: 0.56 }[plan.time];
  const shade = {
    day: day.ambient,
    dawn: "#5a5a86",
    sunset: "#4a2450",
    night: mix(day.sky[0], day.sky[1], 0.35),
  }[plan.time];
  const land = (color: Color) =>
    mood(tinted(mix(mix(shift(color, turn), grey, veil * 0.5), shade, dim), plan.tint, 0.4), plan);

  const low = day.sky[2];
  return {
    sky: [air(day.sky[0]), air(day.sky[1]), air(low)],
    orb: mood(day.orb, plan),
    haze: air(day.haze),
    cloud: air(day.cloud),
    landFar: land(desert ? "#e6bb8a" : far),
    landNear: land(desert ? "#c67f42" : near),
    leaf: land(desert ? "#6a8a52" : leaf),
    waterFar: air(mix(low, "#3f9fb4", isNight ? 0.3 : 0.42)),
    waterNear: air(mix(mix(day.sky[0], "#17627e", 0.55), "#0d2a4a", isNight ? 0.35 : 0.1)),
    ambient: mood(mix(day.ambient, plan.tint ?? day.ambient, 0.25), plan),
    ambientAmount: Math.min(0.5, day.ambientAmount + veil * 0.3),
    isNight,
    lampsAreLit: plan.time === "night" || plan.time === "sunset" || plan.styles.includes("dark"),
  };
}

/** Pulls a colour towards the tint and keeps how light it is, so that the depth survives. */
function tinted(color: Color, tint: Color | null, amount: number): Color {
  if (tint === null) return color;
  const wanted = luma(...rgbOf(color));
  const has = luma(...rgbOf(tint));
  const level =
    has < wanted
      ? lighter(tint, (wanted - has) / (256 - has))
      : mix(tint, "#000000", 1 - wanted / Math.max(1, has));
  return mix(color, level, amount + 0.3);
}

/** What moods do to every colour, subjects included. */
export function mood(color: Color, plan: ScenePlan): Color {
  let result = color;
  for (const style of plan.styles) {
    if (style === "pastel") result = lighter(shift(result, 0, 0.72), 0.34);
    if (style === "dark") result = mix(shift(result, 0, 0.72), "#0c0e1c", 0.42);
    if (style === "neon") result = shift(mix(result, "#1a0a3c", 0.3), 0, 1.7);
    if (style === "contrast") result = shift(darker(result, 0.04), 0, 1.28);
  }
  return result;
}
