import { darker, lighter, mix } from "./color.ts";
import type { Random } from "./random.ts";
import { below, landAt, rollingRidge, type Stage, sheet } from "./stage.ts";
import { disc, gradient, group, line, n, oval, path } from "./svg-shapes.ts";

/** The strip in front: grass, sand, snow or quay, on which subjects stand. */
export function drawFloor(stage: Stage): string {
  const { palette, plan, widthPx: w, heightPx: h, floorPx } = stage;
  const random = stage.random.fork("floor");
  const amplitude = plan.backdrop === "sea" ? 0.014 : 0.018;
  const ridge = rollingRidge(random, w, floorPx - h * 0.045, h * amplitude, random.between(0.6, 1));
  const sand = plan.backdrop === "sea" && plan.season !== "winter";
  const top = sand
    ? mix(
        mix("#e9cf9a", palette.ambient, palette.isNight ? 0.62 : palette.ambientAmount * 1.3),
        palette.landNear,
        0.16,
      )
    : landAt(palette, 1);
  const list = [
    gradient("front", [
      [0, lighter(top, 0.05)],
      [1, darker(top, 0.34)],
    ]),
    sheet(below(ridge, w, h), "url(#front)"),
  ];
  const grass = plan.season !== "winter" && !sand && plan.backdrop !== "desert";
  if (grass) {
    let d = "";
    for (let i = 0; i < w / 9; i++) {
      const x = random.between(0, w);
      const y = ridge(x) + random.next() ** 1.6 * (h - ridge(x)) * 0.9;
      const tall = 5 + ((y - floorPx) / h) * 60 + random.between(4, 9);
      d += `M${n(x)},${n(y)} q${n(random.between(-3, 3))},${n(-tall * 0.6)} ${n(random.between(-6, 6))},${n(-tall)} `;
    }
    list.push(line(d, mix(lighter(top, 0.2), palette.leaf, 0.4), 2.2, `opacity=".55"`));
  }
  if (
    !plan.refused.has("flowers") &&
    grass &&
    (plan.wanted.has("flowers") || plan.season === "spring" || plan.backdrop === "hills")
  ) {
    list.push(bloom(stage, random.fork("bloom"), ridge, plan.wanted.has("flowers") ? 150 : 34));
  }
  return list.join("");
}

function bloom(stage: Stage, random: Random, ridge: (x: number) => number, count: number): string {
  const { palette, widthPx: w, heightPx: h } = stage;
  const colors = [
    random.pick(["#f2a3b8", "#f7d06b", "#b48ae0"]),
    random.pick(["#fff6e8", "#f28a6a"]),
    "#f7d06b",
  ];
  const dim = palette.isNight ? 0.5 : palette.ambientAmount;
  const list: string[] = [];
  for (let i = 0; i < count; i++) {
    const x = random.between(0, w);
    const down = random.next();
    const y = ridge(x) + 4 + down * (h - ridge(x)) * 0.92;
    const r = 2.2 + down * 4.4;
    const color = mix(colors[random.whole(0, 2)] ?? "#fff6e8", palette.ambient, dim);
    list.push(disc(x, y, r, color), disc(x, y, r * 0.38, mix("#f0b040", palette.ambient, dim)));
  }
  return list.join("");
}

/** Sprigs that lean in from the lower corners, close to the eye: they give the scene its depth. */
export function drawCorners(stage: Stage): string {
  const { plan, palette, widthPx: w, heightPx: h } = stage;
  const random = stage.random.fork("corners");
  if (!["hills", "mountains", "forest", "city"].includes(plan.backdrop)) return "";
  const side = Math.min(w, h);
  const winter = plan.season === "winter";
  const near = darker(mix(palette.landNear, palette.leaf, winter ? 0.9 : 0.45), 0.34);
  const list: string[] = [];
  for (const [x, lean] of [
    [0, 1],
    [w, -1],
  ] as const) {
    for (let i = 0; i < random.whole(4, 6); i++) {
      const long = side * random.between(0.13, 0.25);
      const turn = lean * random.between(2, 52);
      const color = mix(
        near,
        i % 2 === 0 ? palette.leaf : palette.landNear,
        random.between(0, 0.35),
      );
      const foot = x - lean * side * 0.015 + lean * i * side * 0.02;
      list.push(
        group(
          sprig(long, color, random),
          `transform="translate(${n(foot)},${n(h + side * 0.02)}) rotate(${n(turn)})"`,
        ),
      );
    }
  }
  return list.join("");
}

function sprig(long: number, color: string, random: Random): string {
  const pairs = random.whole(4, 6);
  const plump = random.between(0.16, 0.3);
  const list = [line(`M0,0 L0,${n(-long)}`, darker(color, 0.25), long * 0.022)];
  for (let i = 0; i < pairs; i++) {
    const y = -long * (0.2 + (0.74 * i) / pairs);
    const leaf = long * (0.34 - (0.16 * i) / pairs);
    for (const side of [1, -1]) {
      const d = `M0,${n(y)} q${n(side * leaf * 0.3)},${n(-leaf * (0.3 + plump * 1.6))} ${n(side * leaf)},${n(-leaf * 0.62)} q${n(-side * leaf * 0.2)},${n(leaf * (0.32 + plump))} ${n(-side * leaf)},${n(leaf * 0.62)} Z`;
      list.push(path(d, side === 1 ? color : lighter(color, 0.07)));
    }
  }
  return `${list.join("")}${oval(0, -long, long * 0.035, long * 0.09, color)}`;
}
