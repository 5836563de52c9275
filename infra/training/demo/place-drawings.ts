import { darker, lighter, mix } from "../../../src/drivers/sketch/color.ts";
import type { Random } from "../../../src/drivers/sketch/random.ts";
import { box, disc, gradient, line, oval, path } from "../../../src/drivers/sketch/svg-shapes.ts";
import type { Place, Time } from "./words.ts";

export const FRAME_WIDTH = 640;
export const FRAME_HEIGHT = 360;

interface Light {
  sky: readonly [string, string];
  ambient: string;
  amount: number;
}

const lights: Record<Time, Light> = {
  morning: { sky: ["#b7d7ee", "#ffe3b8"], ambient: "#ffdcae", amount: 0.22 },
  day: { sky: ["#4aa3ea", "#bfe4fb"], ambient: "#ffffff", amount: 0.02 },
  evening: { sky: ["#5b2f72", "#ff7a3c"], ambient: "#8a2f3a", amount: 0.4 },
  night: { sky: ["#060a22", "#1c2a58"], ambient: "#070c28", amount: 0.66 },
};

function skyOf(time: Time, random: Random): string {
  const { sky } = lights[time];
  const x = random.between(60, 580);
  const base = `<defs>${gradient("sky", [
    [0, sky[0]],
    [1, sky[1]],
  ])}</defs>${box(0, 0, FRAME_WIDTH, FRAME_HEIGHT, "url(#sky)")}`;
  if (time === "night") {
    const stars = Array.from({ length: 26 }, () =>
      disc(random.between(0, 640), random.between(0, 170), random.between(1.2, 2.8), "#fdf6d8"),
    );
    return `${base}${stars.join("")}${disc(x, 56, 27, "#f7f3d6")}${disc(x + 12, 49, 23, sky[0])}`;
  }
  const cloud = (cx: number, cy: number, tone: string) =>
    oval(cx, cy, 52, 17, tone) +
    oval(cx - 24, cy + 7, 38, 13, tone) +
    oval(cx + 32, cy + 6, 36, 12, tone);
  const clouds = (tone: string) =>
    cloud(random.between(40, 600), random.between(30, 80), tone) +
    cloud(random.between(40, 600), random.between(60, 120), tone);
  if (time === "day") return base + disc(x, 52, 32, "#fff6b0") + clouds("#ffffff");
  if (time === "morning") return base + disc(x, 168, 40, "#ffd35c") + clouds("#ffeede");
  const stripes = [70, 105, 138].map((y) => oval(random.between(80, 560), y, 150, 8, "#c4446a"));
  return base + disc(x, 172, 48, "#ff3b1f") + stripes.join("");
}

type PlaceArt = (lit: (tone: string) => string, random: Random, time: Time) => string;

const beach: PlaceArt = (lit, r) => {
  const shore = r.between(216, 240);
  const waves = [14, 30].map((dy) =>
    line(`M0 ${178 + dy} q40 -7 80 0 t80 0 t80 0 t80 0 t80 0 t80 0 t80 0 t80 0`, lit("#d8f2fa"), 3),
  );
  return (
    box(0, 175, 640, 185, lit("#1e8fb8")) +
    waves.join("") +
    path(
      `M0 ${shore} Q160 ${shore - 18} 330 ${shore} T640 ${shore - 6} V360 H0 Z`,
      lit("#f0d79a"),
    ) +
    line(`M0 ${shore} Q160 ${shore - 18} 330 ${shore} T640 ${shore - 6}`, lit("#ffffff"), 5)
  );
};

const city: PlaceArt = (lit, r, time) => {
  const isLit = time === "night" || time === "evening";
  let towers = "";
  for (let x = -10; x < 640; ) {
    const w = r.between(52, 88);
    const top = r.between(60, 150);
    towers += box(
      x,
      top,
      w - 5,
      260 - top,
      lit(r.pick(["#7c8796", "#97848a", "#6a7484", "#a39a8c"])),
    );
    for (let wy = top + 12; wy < 225; wy += 24)
      for (let wx = x + 9; wx < x + w - 18; wx += 20)
        if (r.chance(0.8)) towers += box(wx, wy, 10, 13, isLit ? "#ffd768" : lit("#c9dbe6"));
    x += w;
  }
  const dashes = [0, 1, 2, 3, 4].map((i) => box(20 + i * 135, 312, 70, 7, lit("#f2f2ea")));
  return `${towers}${box(0, 246, 640, 20, lit("#b4b2ac"))}${box(0, 264, 640, 96, lit("#4d5057"))}${dashes.join("")}`;
};

const forest: PlaceArt = (lit, r) => {
  let pines = "";
  for (let row = 0; row < 2; row++)
    for (let x = r.between(-20, 10); x < 660; x += r.between(44, 62)) {
      const base = 225 + row * 22;
      const h = r.between(140, 190);
      const tone = lit(row === 0 ? "#1d5130" : "#2a6b3c");
      pines += box(x - 5, base - 20, 10, 26, lit("#4a3322"));
      pines += path(
        `M${x} ${base - h} L${x + 34} ${base - h * 0.45} H${x + 16} L${x + 42} ${base - 14} H${x - 42} L${x - 16} ${base - h * 0.45} H${x - 34} Z`,
        tone,
      );
    }
  return `${pines}${path("M0 236 Q160 222 320 236 T640 232 V360 H0 Z", lit("#5a4a2c"))}`;
};

const desert: PlaceArt = (lit, r) => {
  const peak = r.between(150, 480);
  return (
    path(
      `M0 236 Q${peak - 120} 236 ${peak} 164 Q${peak + 60} 220 640 230 V360 H0 Z`,
      lit("#d89a4e"),
    ) +
    path(`M${peak} 164 Q${peak + 60} 220 640 230 V260 H${peak - 60} Z`, lit("#b87534")) +
    path(`M0 262 Q180 226 360 256 T640 244 V360 H0 Z`, lit("#e6b566")) +
    line(`M40 300 q60 -14 120 0 M300 320 q70 -14 140 0 M480 292 q50 -12 100 0`, lit("#c98f45"), 4)
  );
};

const mountains: PlaceArt = (lit, r) => {
  const peaks = [r.between(60, 150), r.between(280, 360), r.between(480, 580)];
  const shapes = peaks.map((x) => {
    const top = r.between(42, 96);
    const w = r.between(150, 190);
    return (
      path(`M${x - w} 256 L${x} ${top} L${x + w} 256 Z`, lit("#6d7385")) +
      path(`M${x} ${top} L${x + w} 256 H${x + 30} Z`, lit("#545a6c")) +
      path(
        `M${x} ${top} L${x + 42} ${top + 44} L${x + 14} ${top + 36} L${x - 8} ${top + 54} L${x - 40} ${top + 42} Z`,
        lit("#f6f9ff"),
      )
    );
  });
  return `${shapes.join("")}${path("M0 250 Q200 232 400 248 T640 244 V360 H0 Z", lit("#7b8a5a"))}`;
};

const park: PlaceArt = (lit, r) => {
  const flowers = Array.from({ length: 16 }, () =>
    disc(r.between(0, 640), r.between(262, 352), 5, lit(r.pick(["#ffffff", "#ffe14d", "#ff9ecb"]))),
  );
  const bushes = [0, 1, 2, 3, 4, 5, 6].map((i) =>
    oval(i * 105 + r.between(-20, 20), 214, 66, r.between(24, 40), lit("#3f9a48")),
  );
  const fence = Array.from({ length: 17 }, (_, i) => box(i * 40 + 8, 196, 10, 46, lit("#f5efe0")));
  return (
    bushes.join("") +
    fence.join("") +
    box(0, 206, 640, 8, lit("#f5efe0")) +
    box(0, 236, 640, 124, lit("#6cc24a")) +
    flowers.join("")
  );
};

const room: PlaceArt = (lit, r, time) => {
  const wall = lit(r.pick(["#e8d3b5", "#d6c3d4", "#cfdcc6"]));
  const x = r.between(60, 330);
  const pane = lights[time].sky;
  const planks = [276, 300, 328].map((y) => line(`M0 ${y} H640`, darker(lit("#a8703f"), 0.2), 3));
  const star = time === "night" ? disc(x + 60, 70, 16, "#f7f3d6") : "";
  const sun = time === "day" ? disc(x + 60, 70, 18, "#fff6b0") : "";
  const low = time === "morning" ? disc(x + 120, 140, 26, "#ffd35c") : "";
  const red = time === "evening" ? disc(x + 120, 140, 30, "#ff3b1f") : "";
  return (
    box(0, 0, 640, 360, wall) +
    `<defs>${gradient("pane", [
      [0, pane[0]],
      [1, pane[1]],
    ])}</defs>` +
    box(x, 24, 240, 150, "url(#pane)") +
    star +
    sun +
    low +
    red +
    line(`M${x} 24 h240 v150 h-240 Z M${x + 120} 24 v150 M${x} 99 h240`, lit("#fdfaf2"), 10) +
    box(0, 246, 640, 114, lit("#a8703f")) +
    planks.join("") +
    box(0, 238, 640, 10, lighter(wall, 0.4))
  );
};

const snow: PlaceArt = (lit, r, time) => {
  const bright = (tone: string) => mix(tone, lit(tone), 0.6);
  const flakes = Array.from({ length: 42 }, () =>
    disc(
      r.between(0, 640),
      r.between(0, 350),
      r.between(2.5, 4.5),
      time === "night" ? "#dfe8ff" : "#ffffff",
    ),
  );
  const firs = Array.from({ length: 4 }, () => {
    const x = r.between(20, 620);
    return (
      path(`M${x} 130 L${x + 44} 236 H${x - 44} Z`, lit("#cfdfe8")) +
      path(`M${x} 130 L${x + 18} 174 H${x - 18} Z`, bright("#ffffff"))
    );
  });
  return (
    firs.join("") +
    path("M0 232 Q160 206 330 230 T640 222 V360 H0 Z", bright("#f3f8ff")) +
    path("M0 290 Q220 262 420 290 T640 284 V360 H0 Z", bright("#dfeaf8")) +
    flakes.join("")
  );
};

const ground: Record<Place, PlaceArt> = {
  beach,
  city,
  forest,
  desert,
  mountains,
  park,
  room,
  snow,
};

/** The scene without its things, 640 × 360. */
export function drawPlace(place: Place, time: Time, random: Random): string {
  const { ambient, amount } = lights[time];
  const lit = (tone: string) => mix(tone, ambient, amount);
  return (
    (place === "room" ? "" : skyOf(time, random.fork("sky"))) + ground[place](lit, random, time)
  );
}
