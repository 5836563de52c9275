import { type Color, darker, lighter, mix } from "../../../src/drivers/sketch/color.ts";
import type { Random } from "../../../src/drivers/sketch/random.ts";
import type { Colour, Time } from "./words.ts";

/** The tones that one thing is drawn in; the silhouette is `main`, the rest are details. */
export interface Paint {
  main: Color;
  light: Color;
  dark: Color;
  /** Wheels, eyes, stems: the same whatever the thing's colour. */
  ink: Color;
  pale: Color;
  glass: Color;
  wood: Color;
}

/** Draws a thing into the square from (-50, -50) to (50, 50), standing on y = 50. */
export type ThingArt = (paint: Paint, random: Random) => string;

export const shades = {
  red: ["#e02424", "#c81e1e", "#f03a3a", "#d0142c"],
  orange: ["#f97d16", "#ff8c1a", "#ee7011"],
  yellow: ["#fcdc24", "#f5d000", "#ffe74a"],
  green: ["#2f9e3f", "#22b14c", "#1f8a34", "#4cc35a"],
  blue: ["#2563eb", "#1d4ed8", "#3b82f6", "#1e49c0"],
  purple: ["#7e22ce", "#9333ea", "#6b21a8"],
  pink: ["#f472b6", "#ff8ac6", "#f06aa8"],
  brown: ["#7a4a21", "#8b5a2b", "#6b3f1d"],
  black: ["#1a1a1a", "#0e0e12", "#262628"],
  white: ["#fafafa", "#ffffff", "#f1f1f1"],
  grey: ["#8a8f98", "#9ca3af", "#757b85"],
} as const satisfies Record<Colour, readonly [Color, ...Color[]]>;

const light: Record<Time, readonly [Color, number]> = {
  morning: ["#ffe9c9", 0.06],
  day: ["#ffffff", 0],
  evening: ["#7a2a1a", 0.1],
  night: ["#0a1030", 0.18],
};

export function paintOf(colour: Colour, time: Time, random: Random): Paint {
  const [ambient, amount] = light[time];
  const lit = (tone: Color) => mix(tone, ambient, amount);
  const base = random.pick(shades[colour]);
  const main = random.chance(0.5)
    ? lighter(base, random.between(0, 0.08))
    : darker(base, random.between(0, 0.08));
  const isDark = colour === "black";
  return {
    main: lit(main),
    light: lit(lighter(main, isDark ? 0.22 : 0.3)),
    dark: lit(isDark ? lighter(main, 0.12) : darker(main, 0.28)),
    ink: lit(isDark ? "#4a4a52" : "#1d1a22"),
    pale: lit("#fff8ea"),
    glass: lit("#bfe3f2"),
    wood: lit("#7b5232"),
  };
}
