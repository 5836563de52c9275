import { darker, lighter, mix } from "./color.ts";
import type { Random } from "./random.ts";
import { below, landAt, type Ridge, rollingRidge, type Stage, sheet } from "./stage.ts";
import { box, disc, gradient, line, n, path } from "./svg-shapes.ts";

/** Hills that fade into the air, one behind the other. */
export function drawHills(stage: Stage): string {
  const { widthPx: w, heightPx: h, horizonPx, floorPx } = stage;
  const random = stage.random.fork("hills");
  const layers = random.whole(4, 5);
  const list: string[] = [];
  for (let i = 0; i < layers; i++) {
    const depth = i / layers;
    const y = horizonPx + (floorPx - h * 0.05 - horizonPx) * depth;
    const ridge = rollingRidge(
      random,
      w,
      y,
      h * random.between(0.035, 0.06) * (1.25 - depth * 0.5),
      random.between(0.8, 1.5),
    );
    list.push(layer(stage, ridge, depth, `hill${i}`));
    if (i > 0 && !stage.plan.refused.has("trees"))
      list.push(plantTrees(stage, random.fork(`trees${i}`), ridge, depth, random.whole(3, 9)));
  }
  return list.join("");
}

/** Peaks with a lit and a shaded side and snow on top, then foothills. */
export function drawMountains(stage: Stage): string {
  const { widthPx: w, heightPx: h, horizonPx, floorPx } = stage;
  const random = stage.random.fork("mountains");
  const list: string[] = [];
  for (const [i, depth] of [0, 0.34].entries()) {
    const base = horizonPx + h * (0.04 + 0.06 * i);
    list.push(drawRange(stage, random.fork(`range${i}`), base, depth, h * (0.36 - 0.12 * i), i));
  }
  for (const [i, depth] of [0.5, 0.74].entries()) {
    const y = horizonPx + (floorPx - horizonPx) * (0.35 + i * 0.42);
    const ridge = rollingRidge(random, w, y, h * 0.03, 1.6);
    list.push(layer(stage, ridge, depth, `foot${i}`));
    if (!stage.plan.refused.has("trees"))
      list.push(plantTrees(stage, random.fork(`firs${i}`), ridge, depth, 16 - i * 4, "pine"));
  }
  return list.join("");
}

function drawRange(
  stage: Stage,
  random: Random,
  base: number,
  depth: number,
  tall: number,
  index: number,
): string {
  const { palette, widthPx: w } = stage;
  const rock = mix(mix(landAt(palette, depth), palette.sky[0], 0.4), "#4a4a6a", 0.14);
  const lit = mix(lighter(rock, 0.16), palette.orb, 0.16);
  const snow = mix("#ffffff", palette.haze, 0.12 + (palette.isNight ? 0.45 : 0));
  const count = Math.max(3, Math.round((w / tall) * random.between(0.72, 0.95)));
  const sunLeft = stage.orbX < 0.5 ? -1 : 1;
  const peaks: { x: number; top: number; half: number }[] = [];
  for (let i = 0; i <= count; i++) {
    const x = ((i + random.between(-0.25, 0.25)) / count) * w;
    const high = tall * random.between(0.45, 1);
    peaks.push({ x, top: base - high, half: high * random.between(0.95, 1.3) });
  }
  // Low peaks stand in front of high ones, so that each keeps its foot.
  peaks.sort((a, b) => a.top - b.top);
  const list = [
    gradient(`range${index}`, [
      [0, rock],
      [1, mix(rock, palette.haze, 0.72)],
    ]),
    gradient(`lit${index}`, [
      [0, lit],
      [1, mix(lit, palette.haze, 0.72)],
    ]),
  ];
  for (const { x, top, half } of peaks) {
    const high = base - top;
    const bend = random.between(-0.1, 0.1) * half;
    const middle = `${n(x + bend)},${n(top + high * 0.3)} ${n(x - bend * 1.4)},${n(top + high * 0.62)} ${n(x + bend)},${n(base + 4)}`;
    list.push(
      path(
        `M${n(x - half)},${n(base + 4)} L${n(x)},${n(top)} L${n(x + half)},${n(base + 4)} Z`,
        `url(#range${index})`,
      ),
    );
    list.push(
      path(
        `M${n(x + sunLeft * half)},${n(base + 4)} L${n(x)},${n(top)} L${middle} Z`,
        `url(#lit${index})`,
      ),
    );
    const cap = random.between(0.24, 0.36);
    const edge = (t: number, side: number) => `${n(x + side * half * t)},${n(top + high * t)}`;
    const d = `M${n(x)},${n(top)} L${edge(cap, -1)} L${n(x - half * cap * 0.5)},${n(top + high * cap * 0.72)} L${n(x - half * cap * 0.2)},${n(top + high * cap * 1.18)} L${n(x + half * cap * 0.16)},${n(top + high * cap * 0.76)} L${n(x + half * cap * 0.5)},${n(top + high * cap * 1.1)} L${edge(cap * 0.94, 1)} Z`;
    list.push(path(d, snow));
    list.push(
      path(
        `M${n(x)},${n(top)} L${edge(cap * 0.94, -sunLeft)} L${n(x - sunLeft * half * cap * 0.42)},${n(top + high * cap * 0.86)} L${n(x + bend * 0.4)},${n(top + high * cap * 0.6)} Z`,
        mix(snow, rock, 0.34),
      ),
    );
  }
  return list.join("");
}

/** Dunes: each with a lit slope and a sharp, shaded one. */
export function drawDesert(stage: Stage): string {
  const { palette, widthPx: w, heightPx: h, horizonPx, floorPx } = stage;
  const random = stage.random.fork("desert");
  const list: string[] = [];
  const mesa = mix(landAt(palette, 0.1), "#a8503c", 0.3);
  for (let i = 0; i < random.whole(1, 3); i++) {
    const [x, wide, tall] = [
      random.between(0.05, 0.95) * w,
      random.between(0.1, 0.2) * w,
      random.between(0.07, 0.15) * h,
    ];
    list.push(
      path(
        `M${n(x - wide * 0.62)},${n(horizonPx + 20)} L${n(x - wide * 0.46)},${n(horizonPx - tall * 0.5)} L${n(x - wide * 0.4)},${n(horizonPx - tall)} L${n(x + wide * 0.38)},${n(horizonPx - tall * 0.96)} L${n(x + wide * 0.46)},${n(horizonPx - tall * 0.4)} L${n(x + wide * 0.62)},${n(horizonPx + 20)} Z`,
        mesa,
      ),
    );
    list.push(
      path(
        `M${n(x + wide * 0.1)},${n(horizonPx + 20)} L${n(x + wide * 0.16)},${n(horizonPx - tall * 0.97)} L${n(x + wide * 0.38)},${n(horizonPx - tall * 0.96)} L${n(x + wide * 0.46)},${n(horizonPx - tall * 0.4)} L${n(x + wide * 0.62)},${n(horizonPx + 20)} Z`,
        darker(mesa, 0.16),
      ),
    );
  }
  for (let i = 0; i < 4; i++) {
    const depth = 0.15 + i * 0.22;
    const y = horizonPx + (floorPx - h * 0.05 - horizonPx) * (i / 4);
    const ridge = rollingRidge(random, w, y, h * 0.045, random.between(0.6, 1.1));
    list.push(layer(stage, ridge, depth, `dune${i}`));
    const crest = random.between(0.2, 0.8) * w;
    const far = crest + random.between(0.3, 0.5) * w;
    const shade = darker(landAt(palette, depth), 0.22);
    list.push(
      path(
        `M${n(crest)},${n(ridge(crest))} Q${n(crest + w * 0.05)},${n(ridge(crest) + h * 0.07)} ${n(crest - w * 0.08)},${n(ridge(crest) + h * 0.16)} Q${n(crest + w * 0.2)},${n(ridge(far) + h * 0.1)} ${n(far)},${n(ridge(far))} ${points(ridge, far, crest)} Z`,
        shade,
        `opacity=".5"`,
      ),
    );
  }
  for (let i = 0; i < random.whole(2, 4); i++)
    list.push(
      cactus(
        palette.leaf,
        random.between(0.04, 0.96) * w,
        floorPx - random.between(-0.01, 0.07) * h,
        h * random.between(0.05, 0.1),
      ),
    );
  return list.join("");
}

function points(ridge: Ridge, from: number, to: number): string {
  const list: string[] = [];
  for (let i = 1; i <= 16; i++) {
    const x = from + ((to - from) * i) / 16;
    list.push(`L${n(x)},${n(ridge(x))}`);
  }
  return list.join(" ");
}

function cactus(color: string, x: number, y: number, tall: number): string {
  const d = `M${n(x)},${n(y)} v${n(-tall)} M${n(x)},${n(y - tall * 0.35)} h${n(-tall * 0.24)} v${n(-tall * 0.3)} M${n(x)},${n(y - tall * 0.5)} h${n(tall * 0.24)} v${n(-tall * 0.24)}`;
  return (
    line(d, darker(color, 0.3), tall * 0.15) +
    line(d, color, tall * 0.08, `transform="translate(${n(-tall * 0.02)},0)"`)
  );
}

/** Trunks and firs in rows, lighter the farther they are. */
export function drawForest(stage: Stage): string {
  const { palette, widthPx: w, heightPx: h, horizonPx, floorPx } = stage;
  const random = stage.random.fork("forest");
  const list: string[] = [];
  for (let i = 0; i < 4; i++) {
    const depth = 0.1 + i * 0.25;
    const y = horizonPx + (floorPx - h * 0.03 - horizonPx) * (i / 3.4);
    const ridge = rollingRidge(random, w, y, h * 0.02, 1.2);
    const tall = h * (0.2 + i * 0.08);
    const count = Math.round((w / tall) * (5.2 - i * 1.1));
    // The middle stays open in front, so that the subject has room.
    for (let k = 0; k <= count; k++) {
      const along = (k + random.between(-0.4, 0.4)) / count;
      if (i >= 2 && Math.abs(along - 0.5) < 0.12 + i * 0.06) continue;
      list.push(
        fir(
          along * w,
          ridge(along * w) + 6,
          tall * random.between(0.7, 1.15),
          mix(landAt(palette, depth), palette.leaf, 0.3 + depth * 0.3),
          palette.isNight,
        ),
      );
    }
    list.push(layer(stage, ridge, depth, `floor${i}`));
  }
  return list.join("");
}

/** Small trees on a ridge, darker than the land they stand on. */
export function plantTrees(
  stage: Stage,
  random: Random,
  ridge: Ridge,
  depth: number,
  count: number,
  kind?: "pine" | "round",
): string {
  const { palette, widthPx: w, heightPx: h } = stage;
  const color = mix(palette.leaf, landAt(palette, depth), 0.45 - depth * 0.2);
  const list: string[] = [];
  const wood =
    kind ?? (stage.plan.season === "winter" ? "pine" : random.pick(["pine", "round", "round"]));
  let x = random.between(0, w);
  for (let i = 0; i < count; i++) {
    x = random.chance(0.3) ? random.between(0, w) : (x + random.between(0.02, 0.06) * w) % w;
    const tall = h * random.between(0.03, 0.055) * (0.6 + depth * 1.3);
    if (wood === "pine") list.push(fir(x, ridge(x) + 3, tall * 1.25, color, palette.isNight));
    else
      list.push(
        box(x - tall * 0.05, ridge(x) - tall * 0.4, tall * 0.1, tall * 0.5, darker(color, 0.4)) +
          disc(x, ridge(x) - tall * 0.66, tall * 0.4, darker(color, 0.14)) +
          disc(x - tall * 0.08, ridge(x) - tall * 0.7, tall * 0.3, lighter(color, 0.06)),
      );
  }
  return list.join("");
}

function fir(x: number, y: number, tall: number, color: string, isNight: boolean): string {
  const half = tall * 0.24;
  const tiers = [0, 0.24, 0.48]
    .map(
      (up) =>
        `M${n(x - half * (1 - up * 0.9))},${n(y - tall * (0.1 + up))} L${n(x)},${n(y - tall * Math.min(1, up + 0.52))} L${n(x + half * (1 - up * 0.9))},${n(y - tall * (0.1 + up))} Z`,
    )
    .join(" ");
  const shade = [0, 0.24, 0.48]
    .map(
      (up) =>
        `M${n(x)},${n(y - tall * (0.1 + up))} L${n(x)},${n(y - tall * Math.min(1, up + 0.52))} L${n(x + half * (1 - up * 0.9))},${n(y - tall * (0.1 + up))} Z`,
    )
    .join(" ");
  return (
    box(x - tall * 0.025, y - tall * 0.14, tall * 0.05, tall * 0.16, darker(color, 0.5)) +
    path(tiers, isNight ? darker(color, 0.08) : color) +
    path(shade, darker(color, 0.25))
  );
}

/** One sheet of land that turns to mist at its foot. */
export function layer(stage: Stage, ridge: Ridge, depth: number, id: string): string {
  const color = landAt(stage.palette, depth);
  const foot = mix(color, stage.palette.haze, 0.42 * (1 - depth) + 0.06);
  return (
    gradient(id, [
      [0, color],
      [0.3, foot],
      [1, foot],
    ]) + sheet(below(ridge, stage.widthPx, stage.heightPx), `url(#${id})`)
  );
}
