import { darker, mix } from "./color.ts";
import type { Random } from "./random.ts";
import { below, rollingRidge, type Stage, sheet } from "./stage.ts";
import { box, disc, gradient, line, n, oval, path } from "./svg-shapes.ts";

/** Light from above, rocks, weeds and bubbles. */
export function drawUnderwater(stage: Stage): string {
  const { palette, plan, widthPx: w, heightPx: h, floorPx } = stage;
  const random = stage.random.fork("underwater");
  const night = palette.isNight ? 0.45 : 0;
  const [top, middle, deep] = (
    random.chance(0.5) ? ["#8fe0d8", "#2f9fb4", "#0f4a78"] : ["#a8e8e0", "#3aa8a0", "#14566a"]
  ).map((color) => mix(mix(color, plan.tint ?? color, 0.4), "#081838", night)) as [
    string,
    string,
    string,
  ];
  const list = [
    gradient("deep", [
      [0, top],
      [0.4, middle],
      [1, deep],
    ]),
    box(0, 0, w, h, "url(#deep)"),
    gradient("ray", [
      [0, "#ffffff", 0.34],
      [1, "#ffffff", 0],
    ]),
  ];
  for (let i = 0; i < 7; i++) {
    const x = w * (stage.orbX + random.between(-0.5, 0.5));
    const [thin, spread] = [w * random.between(0.01, 0.03), w * random.between(0.04, 0.12)];
    const lean = (x - stage.orbX * w) * 0.9;
    list.push(
      path(
        `M${n(x - thin)},-10 L${n(x + thin)},-10 L${n(x + lean + spread)},${n(h * 0.85)} L${n(x + lean - spread)},${n(h * 0.85)} Z`,
        "url(#ray)",
      ),
    );
  }
  for (let i = 0; i < 3; i++) {
    const ridge = rollingRidge(
      random,
      w,
      floorPx - h * (0.16 - i * 0.06),
      h * (0.055 - i * 0.015),
      random.between(1, 1.9),
    );
    const tone = mix(middle, deep, 0.42 + i * 0.28);
    list.push(sheet(below(ridge, w, h), tone));
    list.push(
      weeds(
        random,
        w,
        ridge,
        h * (0.09 + i * 0.04),
        mix(mix("#1f8a6a", "#e0607a", random.next() * 0.8), tone, 0.5 - i * 0.16),
      ),
    );
  }
  const sand = mix(mix("#e8d3a0", middle, 0.36), "#081838", night);
  const ridge = rollingRidge(random, w, floorPx - h * 0.03, h * 0.014, 1.1);
  list.push(
    gradient("sand", [
      [0, sand],
      [1, mix(sand, deep, 0.6)],
    ]),
    sheet(below(ridge, w, h), "url(#sand)"),
  );
  for (let i = 0; i < 7; i++)
    list.push(
      coral(
        random,
        random.chance(0.5) ? random.between(0, 0.3) * w : random.between(0.7, 1) * w,
        floorPx + random.between(0, 0.07) * h,
        h * random.between(0.1, 0.17),
        mix(random.pick(["#f2785c", "#ee7fa8", "#f2b84b", "#a97fd8"]), deep, 0.16 + night * 0.6),
      ),
    );
  for (let i = 0; i < 26; i++) {
    const [x, y, r] = [random.between(0, w), random.between(0.05, 0.9) * h, random.between(2, 9)];
    list.push(
      disc(x, y, r, "none", `stroke="#ffffff" stroke-width="1.4" opacity=".5"`) +
        disc(x - r * 0.3, y - r * 0.3, r * 0.24, "#ffffff", `opacity=".7"`),
    );
  }
  return list.join("");
}

function weeds(
  random: Random,
  w: number,
  ridge: (x: number) => number,
  tall: number,
  color: string,
): string {
  const list: string[] = [];
  for (let clump = 0; clump < 5; clump++) {
    const foot = random.between(0, w);
    for (let i = 0; i < 4; i++) {
      const x = foot + (i - 1.5) * tall * 0.13;
      const high = tall * random.between(0.6, 1.3);
      const bend = random.between(0.08, 0.18) * tall;
      list.push(
        line(
          `M${n(x)},${n(ridge(x) + 6)} q${n(-bend)},${n(-high * 0.25)} 0,${n(-high * 0.5)} q${n(bend)},${n(-high * 0.25)} 0,${n(-high * 0.5)}`,
          color,
          tall * 0.055,
        ),
      );
    }
  }
  return list.join("");
}

function coral(random: Random, x: number, y: number, tall: number, color: string): string {
  if (random.chance(0.4))
    return (
      oval(x, y - tall * 0.2, tall * 0.5, tall * 0.34, darker(color, 0.14)) +
      [0, 1, 2, 3]
        .map((i) =>
          disc(
            x + (i - 1.5) * tall * 0.22,
            y - tall * 0.28 - (i % 2) * tall * 0.1,
            tall * 0.16,
            color,
          ),
        )
        .join("")
    );
  let d = `M${n(x)},${n(y)} v${n(-tall * 0.5)} `;
  for (const [side, at] of [
    [-1, 0.2],
    [1, 0.32],
    [-1, 0.46],
    [1, 0.5],
  ] as const) {
    d += `M${n(x)},${n(y - tall * at)} q${n(side * tall * 0.26)},${n(-tall * 0.04)} ${n(side * tall * random.between(0.22, 0.34))},${n(-tall * random.between(0.34, 0.52))} `;
  }
  return line(d, color, tall * 0.1);
}
