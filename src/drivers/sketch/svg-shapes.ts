import { type Color, darker, lighter, mix } from "./color.ts";
import type { Random } from "./random.ts";

/** Coordinates with one decimal: enough for a picture of one megapixel, and short. */
export function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export const path = (d: string, fill: Color, more = "") =>
  `<path d="${d}" fill="${fill}" ${more}/>`;

export const line = (d: string, stroke: Color, width: number, more = "") =>
  `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${n(width)}" stroke-linecap="round" stroke-linejoin="round" ${more}/>`;

export const disc = (x: number, y: number, r: number, fill: string, more = "") =>
  `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${fill}" ${more}/>`;

export const oval = (x: number, y: number, rx: number, ry: number, fill: string, more = "") =>
  `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}" ${more}/>`;

export const box = (x: number, y: number, w: number, h: number, fill: string, more = "") =>
  `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" fill="${fill}" ${more}/>`;

export const group = (content: string, more: string) => `<g ${more}>${content}</g>`;

/** Colour stops from `from` to `to`; `id` is unique in a scene. */
export function gradient(
  id: string,
  stops: readonly (readonly [offset: number, color: Color, opacity?: number])[],
  kind: "down" | "across" | "radial" = "down",
): string {
  const list = stops
    .map(
      ([at, color, opacity = 1]) =>
        `<stop offset="${at}" stop-color="${color}" stop-opacity="${opacity}"/>`,
    )
    .join("");
  if (kind === "radial") return `<radialGradient id="${id}">${list}</radialGradient>`;
  const end = kind === "down" ? `x2="0" y2="1"` : `x2="1" y2="0"`;
  return `<linearGradient id="${id}" x1="0" y1="0" ${end}>${list}</linearGradient>`;
}

/** The tones that a subject is cut from, already in the light of the scene. */
export interface Tones {
  base: Color;
  light: Color;
  dark: Color;
  /** For small parts: a beak, a scarf, a flag. */
  accent: Color;
  pale: Color;
  ink: Color;
  /** Lamps and windows: warm when they are lit. */
  lamp: Color;
  lampsAreLit: boolean;
}

export function tonesOf(
  base: Color,
  accent: Color,
  light: { ambient: Color; amount: number; lampsAreLit: boolean },
): Tones {
  const lit = (color: Color) => mix(color, light.ambient, light.amount);
  return {
    base: lit(base),
    light: lit(lighter(base, 0.28)),
    dark: lit(darker(base, 0.3)),
    accent: lit(accent),
    pale: lit(mix("#fff6e8", base, 0.08)),
    ink: lit("#2a2433"),
    lamp: light.lampsAreLit ? "#ffd879" : lit("#6fa3bd"),
    lampsAreLit: light.lampsAreLit,
  };
}

/** Draws one subject on the ground line y = 0, centred on x = 0, about 100 high. */
export type SubjectArt = (tones: Tones, random: Random) => string;
