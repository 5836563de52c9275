import { darker, lighter, mix, shift } from "./color.ts";
import type { Random } from "./random.ts";
import { drawStars } from "./sky.ts";
import { below, rollingRidge, type Stage, sheet } from "./stage.ts";
import { box, disc, gradient, group, line, n, oval, path } from "./svg-shapes.ts";

/** Nebulae, planets and the ground of some moon. */
export function drawSpace(stage: Stage): string {
  const { plan, widthPx: w, heightPx: h } = stage;
  const random = stage.random.fork("space");
  const deep = random.pick(["#0b0a2a", "#0a1430", "#160a30"]);
  const dust = plan.tint ?? random.pick(["#6a3fb0", "#2f6fb8", "#b03f7a", "#1f8a8a"]);
  const list = [
    gradient("space", [
      [0, deep],
      [0.6, mix(deep, dust, 0.34)],
      [1, mix(deep, dust, 0.62)],
    ]),
    box(0, 0, w, h, "url(#space)"),
  ];
  for (let i = 0; i < 4; i++) {
    const color = shift(dust, random.between(-50, 50), 1.1);
    list.push(
      gradient(
        `dust${i}`,
        [
          [0, color, 0.42],
          [1, color, 0],
        ],
        "radial",
      ),
    );
    list.push(
      oval(
        random.between(0, 1) * w,
        random.between(0.05, 0.7) * h,
        random.between(0.3, 0.55) * w,
        random.between(0.16, 0.3) * h,
        `url(#dust${i})`,
        `transform="rotate(${n(random.between(-24, 24))} ${n(w / 2)} ${n(h / 2)})"`,
      ),
    );
  }
  if (!plan.refused.has("stars"))
    list.push(drawStars({ ...stage, horizonPx: h }, random.fork("stars"), 2.2));
  const side = Math.min(w, h);
  list.push(
    planet(
      random,
      stage.orbX * w,
      h * random.between(0.2, 0.3),
      side * random.between(0.13, 0.18),
      shift(dust, random.between(90, 200), 1.1),
      true,
      "a",
    ),
  );
  list.push(
    planet(
      random,
      (1 - stage.orbX) * w * random.between(0.85, 1.1),
      h * random.between(0.36, 0.46),
      side * random.between(0.035, 0.06),
      shift(dust, random.between(-90, 60)),
      false,
      "b",
    ),
  );
  return list.join("");
}

function planet(
  random: Random,
  x: number,
  y: number,
  r: number,
  color: string,
  ringed: boolean,
  id: string,
): string {
  const tilt = random.between(-28, -10);
  const ring = (half: string) =>
    path(
      `M${n(x - r * 1.85)},${n(y)} A${n(r * 1.85)},${n(r * 0.42)} 0 0 ${half} ${n(x + r * 1.85)},${n(y)}`,
      "none",
      `stroke="${lighter(color, 0.45)}" stroke-width="${n(r * 0.13)}" stroke-linecap="round" opacity=".85"`,
    );
  const stripes = [
    [-0.5, 0.09],
    [-0.1, 0.14],
    [0.34, 0.1],
    [0.62, 0.06],
  ] as const;
  const bands = stripes.map(([at, tall], i) => {
    const half = Math.sqrt(1 - at * at) * r;
    return oval(
      x,
      y + at * r,
      half,
      r * tall,
      i % 2 === 0 ? lighter(color, 0.24) : darker(color, 0.16),
      `opacity=".7"`,
    );
  });
  const body =
    gradient(
      `planet-${id}`,
      [
        [0, color, 0.4],
        [1, color, 0],
      ],
      "radial",
    ) +
    disc(x, y, r * 1.7, `url(#planet-${id})`) +
    (ringed ? ring("1") : "") +
    disc(x, y, r, color) +
    bands.join("") +
    path(
      `M${n(x + r * 0.25)},${n(y - r * 0.968)} A${n(r)},${n(r)} 0 0 1 ${n(x + r * 0.25)},${n(y + r * 0.968)} A${n(r * 1.25)},${n(r * 1.25)} 0 0 0 ${n(x + r * 0.25)},${n(y - r * 0.968)} Z`,
      "#0a0818",
      `opacity=".35"`,
    ) +
    (ringed ? ring("0") : "");
  return group(body, `transform="rotate(${n(tilt)} ${n(x)} ${n(y)})"`);
}

/** Grey dust with craters: the floor of a scene in space. */
export function drawMoonFloor(stage: Stage): string {
  const { palette, plan, widthPx: w, heightPx: h, floorPx } = stage;
  const random = stage.random.fork("moon floor");
  const color = mix(
    plan.tint ?? random.pick(["#8d8aa6", "#a88a96", "#c2785a", "#7f93a8"]),
    "#1a1838",
    0.22,
  );
  const list: string[] = [];
  for (let i = 0; i < 3; i++) {
    const tone = mix(darker(color, 0.52), color, i / 2);
    const ridge = rollingRidge(
      random,
      w,
      floorPx - h * (0.05 + (2 - i) * 0.045),
      h * 0.022,
      random.between(0.7, 1.5),
    );
    list.push(
      gradient(`dustfloor${i}`, [
        [0, lighter(tone, 0.12)],
        [1, darker(tone, 0.3)],
      ]),
      sheet(below(ridge, w, h), `url(#dustfloor${i})`),
    );
  }
  for (let i = 0; i < 9; i++) {
    const [x, y, r] = [
      random.between(0, w),
      floorPx + random.between(0, 1) * (h - floorPx) * 0.95,
      random.between(10, 40),
    ];
    list.push(
      oval(x, y, r, r * 0.26, darker(color, 0.34)),
      oval(x, y + r * 0.07, r * 0.84, r * 0.19, darker(color, 0.18)),
      line(
        `M${n(x - r)},${n(y)} A${n(r)},${n(r * 0.26)} 0 0 0 ${n(x + r)},${n(y)}`,
        mix(lighter(color, 0.3), palette.orb, 0.2),
        1.6,
        `opacity=".6"`,
      ),
    );
  }
  return list.join("");
}
