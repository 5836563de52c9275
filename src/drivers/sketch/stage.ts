import { type Color, mix } from "./color.ts";
import type { Palette } from "./palette.ts";
import type { Random } from "./random.ts";
import type { ScenePlan } from "./scene-plan.ts";
import { n, path } from "./svg-shapes.ts";

/** What every layer of one scene is given. */
export interface Stage {
  plan: ScenePlan;
  palette: Palette;
  random: Random;
  widthPx: number;
  heightPx: number;
  /** Where the sky ends. */
  horizonPx: number;
  /** The height at which subjects on the ground stand. */
  floorPx: number;
  /** Where the sun or moon is, as a share of the width. */
  orbX: number;
}

/** The upper edge of a layer: its height at every x. */
export type Ridge = (x: number) => number;

/** A soft line of hills: three waves whose lengths and phases are the seed's. */
export function rollingRidge(
  random: Random,
  widthPx: number,
  y: number,
  amplitude: number,
  waves = 1.4,
): Ridge {
  const shares = [
    [1, 0.62],
    [2.1, 0.27],
    [4.3, 0.11],
  ] as const;
  const parts = shares.map(([multiple, share]) => ({
    length: (widthPx / (waves * multiple)) * random.between(0.8, 1.25),
    phase: random.between(0, Math.PI * 2),
    height: amplitude * share,
  }));
  return (x) =>
    parts.reduce(
      (sum, part) => sum + Math.sin((x / part.length) * Math.PI * 2 + part.phase) * part.height,
      y,
    );
}

/** The area below a ridge, down to `bottom`. */
export function below(ridge: Ridge, widthPx: number, bottom: number): string {
  const step = widthPx / 72;
  let d = `M0,${n(bottom)} L0,${n(ridge(0))} `;
  for (let i = 1; i <= 72; i++) d += `L${n(i * step)},${n(ridge(i * step))} `;
  return `${d}L${n(widthPx)},${n(bottom)} Z`;
}

/** A layer of cut paper: a faint shadow above its edge, then the sheet. */
export function sheet(d: string, fill: Color | string): string {
  return (
    path(d, "#120c22", `opacity=".05" transform="translate(0,-7)"`) +
    path(d, "#120c22", `opacity=".07" transform="translate(0,-3)"`) +
    path(d, fill)
  );
}

/** The land's colour at a depth, 0 at the horizon and 1 in front, with the air before it. */
export function landAt(palette: Palette, depth: number): Color {
  const color = mix(palette.landFar, palette.landNear, depth);
  return mix(color, palette.haze, (1 - depth) * 0.5);
}
