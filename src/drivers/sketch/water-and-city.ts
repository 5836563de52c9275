import { darker, lighter, mix } from "./color.ts";
import { layer, plantTrees } from "./land.ts";
import type { Random } from "./random.ts";
import { below, landAt, rollingRidge, type Stage } from "./stage.ts";
import { box, gradient, line, n, path } from "./svg-shapes.ts";

/** Open water with far islands, and light on it below the sun. */
export function drawSea(stage: Stage): string {
  const { palette, widthPx: w, heightPx: h, horizonPx } = stage;
  const random = stage.random.fork("sea");
  const list: string[] = [];
  for (let i = 0; i < 2; i++) {
    const ridge = rollingRidge(
      random,
      w,
      horizonPx - h * 0.012 * (1 - i),
      h * (0.05 - i * 0.02),
      random.between(0.9, 1.6),
    );
    list.push(
      path(
        below((x) => Math.min(horizonPx, ridge(x)), w, horizonPx + 2),
        landAt(palette, 0.05 + i * 0.16),
      ),
    );
  }
  list.push(
    gradient("sea", [
      [0, palette.waterFar],
      [0.45, mix(palette.waterFar, palette.waterNear, 0.62)],
      [1, palette.waterNear],
    ]),
  );
  list.push(box(0, horizonPx, w, h - horizonPx, "url(#sea)"));
  list.push(glints(stage, random.fork("glints")));
  for (let i = 0; i < 4; i++) {
    const y = horizonPx + (h - horizonPx) * (0.26 + i * 0.2);
    const ridge = rollingRidge(random, w, y, h * (0.006 + i * 0.003), 3.4 - i * 0.5);
    list.push(
      path(
        below(ridge, w, h),
        mix(palette.waterFar, palette.waterNear, 0.5 + i * 0.17),
        `opacity=".55"`,
      ),
    );
    list.push(crest(ridge, random, w, lighter(palette.waterFar, 0.5), 1.4 + i * 0.5));
  }
  return list.join("");
}

function glints(stage: Stage, random: Random): string {
  const { palette, widthPx: w, heightPx: h, horizonPx } = stage;
  const list: string[] = [];
  for (let i = 0; i < 46; i++) {
    const down = random.next() ** 1.5;
    const y = horizonPx + 4 + down * (h - horizonPx) * 0.7;
    const spread = w * (0.035 + down * 0.12);
    const x = stage.orbX * w + random.between(-1, 1) * spread;
    const long = w * random.between(0.012, 0.05) * (0.6 + down);
    list.push(
      line(
        `M${n(x - long / 2)},${n(y)} h${n(long)}`,
        lighter(palette.orb, 0.2),
        1.6 + down * 2.6,
        `opacity="${n(0.75 - down * 0.45)}"`,
      ),
    );
  }
  return list.join("");
}

function crest(
  ridge: (x: number) => number,
  random: Random,
  w: number,
  color: string,
  width: number,
): string {
  const list: string[] = [];
  for (let i = 0; i < 6; i++) {
    const x = random.between(0, w);
    const long = random.between(0.03, 0.09) * w;
    list.push(
      line(
        `M${n(x)},${n(ridge(x))} Q${n(x + long / 2)},${n(ridge(x + long / 2) - width)} ${n(x + long)},${n(ridge(x + long))}`,
        color,
        width,
        `opacity=".5"`,
      ),
    );
  }
  return list.join("");
}

/** Rows of houses with lit windows, and a bank of trees before them. */
export function drawCity(stage: Stage): string {
  const { widthPx: w, heightPx: h, horizonPx, floorPx } = stage;
  const random = stage.random.fork("city");
  const list: string[] = [];
  for (let i = 0; i < 3; i++) {
    const depth = 0.1 + i * 0.28;
    const foot = horizonPx + h * 0.06 + (floorPx - horizonPx) * (i / 4);
    list.push(drawRow(stage, random.fork(`row${i}`), foot, depth, i));
  }
  const ridge = rollingRidge(random, w, floorPx - h * 0.06, h * 0.012, 1.3);
  if (!stage.plan.refused.has("trees"))
    list.push(plantTrees(stage, random.fork("park"), (x) => ridge(x) + 4, 0.72, 16, "round"));
  list.push(layer(stage, ridge, 0.8, "park"));
  return list.join("");
}

function drawRow(stage: Stage, random: Random, foot: number, depth: number, index: number): string {
  const { palette, widthPx: w, heightPx: h } = stage;
  const tone = mix(
    mix(palette.landFar, palette.sky[0], 0.62),
    palette.isNight ? "#0c1230" : "#4a5578",
    0.1 + depth * 0.5,
  );
  const color = mix(tone, palette.haze, 0.62 * (1 - depth) - 0.1);
  const list: string[] = [];
  const lit = palette.lampsAreLit;
  let x = -w * 0.03;
  while (x < w) {
    const wide = Math.min(w, h) * random.between(0.055, 0.12);
    const tall = h * random.between(0.12, 0.36) * (1.1 - index * 0.24);
    const top = foot - tall;
    const fill = mix(
      color,
      random.pick(["#ffffff", "#0c0c20", palette.haze]),
      random.between(0, 0.12),
    );
    list.push(
      box(x, top, wide + 1, tall + h * 0.2, `url(#row${index})`),
      box(x, top, wide + 1, tall + h * 0.2, fill, `opacity=".55"`),
    );
    list.push(
      box(x + wide * 0.62, top, wide * 0.38 + 1, tall + h * 0.2, "#0c0c20", `opacity=".14"`),
    );
    list.push(roof(random, x, top, wide, fill));
    if (index > 0)
      list.push(
        windows(
          random,
          x,
          top,
          wide,
          foot,
          lit ? "#ffd879" : lighter(color, 0.3),
          lit ? 0.42 : 0.6,
        ),
      );
    x += wide * random.between(0.92, 1.12);
  }
  return (
    gradient(`row${index}`, [
      [0, color],
      [1, mix(color, palette.haze, 0.5)],
    ]) + list.join("")
  );
}

function roof(random: Random, x: number, top: number, wide: number, fill: string): string {
  switch (random.whole(0, 5)) {
    case 0:
      return path(
        `M${n(x)},${n(top + 1)} L${n(x + wide / 2)},${n(top - wide * 0.4)} L${n(x + wide)},${n(top + 1)} Z`,
        darker(fill, 0.15),
      );
    case 1:
      return (
        box(x + wide * 0.2, top - wide * 0.2, wide * 0.6, wide * 0.22, fill) +
        line(`M${n(x + wide / 2)},${n(top - wide * 0.2)} v${n(-wide * 0.5)}`, fill, 2)
      );
    case 2:
      return path(
        `M${n(x)},${n(top + 1)} V${n(top - wide * 0.24)} L${n(x + wide)},${n(top + 1)} Z`,
        fill,
      );
    case 3:
      return path(
        `M${n(x)},${n(top + 1)} A${n(wide / 2)},${n(wide * 0.42)} 0 0 1 ${n(x + wide)},${n(top + 1)} Z`,
        darker(fill, 0.1),
      );
    default:
      return "";
  }
}

function windows(
  random: Random,
  x: number,
  top: number,
  wide: number,
  foot: number,
  color: string,
  share: number,
): string {
  const columns = random.whole(3, 4);
  const step = wide / (columns + 0.6);
  let d = "";
  for (let y = top + step * 0.7; y < foot - step; y += step * 1.25) {
    for (let i = 0; i < columns; i++) {
      if (random.chance(share))
        d += `M${n(x + step * (i + 0.5))},${n(y)} h${n(step * 0.5)} v${n(step * 0.62)} h${n(-step * 0.5)} Z `;
    }
  }
  return path(d, color, `opacity=".85"`);
}
