import { lighter, mix } from "./color.ts";
import type { Random } from "./random.ts";
import type { Stage } from "./stage.ts";
import { box, disc, gradient, group, line, n, oval, path } from "./svg-shapes.ts";

/** The air, what shines in it, and the clouds; behind all else. */
export function drawSky(stage: Stage): string {
  const { palette, plan, widthPx: w, heightPx: h } = stage;
  const random = stage.random.fork("sky");
  const [top, middle, low] = palette.sky;
  const parts = [
    gradient("sky", [
      [0, top],
      [0.55, middle],
      [1, low],
    ]),
    box(0, 0, w, h, low),
    box(0, 0, w, stage.horizonPx + h * 0.12, "url(#sky)"),
  ];
  const stars = shows(stage, "stars", palette.isNight && plan.weather.size === 0);
  if (stars) parts.push(drawStars(stage, random.fork("stars"), 1));
  if (shows(stage, "aurora", false)) parts.push(drawAurora(stage, random.fork("aurora")));
  if (shows(stage, "rainbow", false)) parts.push(drawRainbow(stage));
  parts.push(drawOrb(stage, random.fork("orb")));
  if (shows(stage, "clouds", plan.time !== "night" || plan.weather.size > 0))
    parts.push(drawClouds(stage, random.fork("clouds")));
  if (shows(stage, "birds", !palette.isNight && plan.weather.size === 0 && random.chance(0.75)))
    parts.push(drawFlock(stage, random.fork("flock")));
  return parts.join("");
}

function shows(
  stage: Stage,
  feature: "sun" | "moon" | "stars" | "aurora" | "rainbow" | "clouds" | "birds",
  byDefault: boolean,
): boolean {
  return !stage.plan.refused.has(feature) && (byDefault || stage.plan.wanted.has(feature));
}

export function drawStars(stage: Stage, random: Random, density: number): string {
  const { widthPx: w, horizonPx } = stage;
  const list: string[] = [];
  const count = Math.round(150 * density);
  for (let i = 0; i < count; i++) {
    const y = random.next() ** 1.4 * horizonPx;
    const r = random.next() ** 4 * 2.4 + 0.7;
    list.push(
      disc(random.between(0, w), y, r, "#fdf6e0", `opacity="${n(random.between(0.35, 0.95))}"`),
    );
  }
  for (let i = 0; i < 7; i++) {
    const [x, y, r] = [
      random.between(0.05, 0.95) * w,
      random.between(0.04, 0.5) * horizonPx,
      random.between(6, 12),
    ];
    list.push(
      path(
        `M${n(x)},${n(y - r)} Q${n(x)},${n(y)} ${n(x + r)},${n(y)} Q${n(x)},${n(y)} ${n(x)},${n(y + r)} Q${n(x)},${n(y)} ${n(x - r)},${n(y)} Q${n(x)},${n(y)} ${n(x)},${n(y - r)} Z`,
        "#fffbe8",
      ),
    );
  }
  return list.join("");
}

function drawOrb(stage: Stage, random: Random): string {
  const { palette, plan, widthPx: w, heightPx: h, horizonPx } = stage;
  const isMoon = palette.isNight || (plan.wanted.has("moon") && !plan.wanted.has("sun"));
  if (!shows(stage, isMoon ? "moon" : "sun", !plan.weather.has("rain"))) return "";
  const side = Math.min(w, h);
  const isLow = plan.time === "sunset" || plan.time === "dawn";
  const r =
    side *
    (isMoon
      ? random.between(0.06, 0.085)
      : isLow
        ? random.between(0.1, 0.135)
        : random.between(0.055, 0.075));
  const x = stage.orbX * w;
  const y = isLow
    ? horizonPx - r * random.between(0.35, 1.3)
    : Math.max(r * 2, horizonPx * random.between(0.2, 0.36));
  const glow =
    gradient(
      "glow",
      [
        [0, palette.orb, 0.85],
        [0.3, palette.orb, 0.34],
        [1, palette.orb, 0],
      ],
      "radial",
    ) + disc(x, y, r * (isLow ? 5.2 : 4), "url(#glow)", `opacity="${isMoon ? 0.5 : 0.75}"`);
  if (!isMoon)
    return `${glow}${disc(x, y, r * 1.45, palette.orb, `opacity=".28"`)}${disc(x, y, r, lighter(palette.orb, 0.35))}`;
  const crater = mix(palette.orb, palette.sky[1], 0.22);
  return [
    glow,
    disc(x, y, r, palette.orb),
    disc(x - r * 0.3, y - r * 0.2, r * 0.22, crater),
    disc(x + r * 0.28, y + r * 0.3, r * 0.28, crater),
    disc(x + r * 0.34, y - r * 0.4, r * 0.13, crater),
    disc(x - r * 0.36, y + r * 0.46, r * 0.12, crater),
  ].join("");
}

function drawClouds(stage: Stage, random: Random): string {
  const { palette, plan, widthPx: w, heightPx: h, horizonPx } = stage;
  const heavy = plan.weather.has("rain") || plan.weather.has("snow") || plan.wanted.has("clouds");
  const count = heavy ? 8 : random.whole(2, 5);
  const list: string[] = [];
  for (let i = 0; i < count; i++) {
    const depth = i / count;
    const wide = Math.min(w, h) * random.between(0.2, 0.34) * (0.7 + depth * 0.6);
    const [x, y] = [random.between(-0.05, 1.05) * w, horizonPx * random.between(0.1, 0.62)];
    list.push(
      drawCloud(
        random,
        x,
        y,
        wide,
        palette.cloud,
        mix(palette.cloud, palette.sky[1], 0.45),
        heavy ? 0.9 : 0.55 + depth * 0.35,
      ),
    );
  }
  return list.join("");
}

/** Bumps on a flat base, and the same shape again behind it as its shade. */
function drawCloud(
  random: Random,
  x: number,
  y: number,
  wide: number,
  color: string,
  shade: string,
  opacity: number,
): string {
  const lobes = random.whole(3, 5);
  const tall = wide * 0.11;
  const shape = [box(x - wide / 2, y - tall, wide, tall, color, `rx="${n(tall / 2)}"`)];
  for (let i = 0; i < lobes; i++) {
    const along = (i + 0.5) / lobes;
    const r = wide * (0.07 + 0.1 * Math.sin(along * Math.PI)) * random.between(0.85, 1.25);
    shape.push(disc(x + (along - 0.5) * wide * 0.82, y - tall * 0.6 - r * 0.25, r, color));
  }
  const behind = shape.join("").replaceAll(color, shade);
  const moved = `transform="translate(${n(wide * 0.07)},${n(-wide * 0.035)})"`;
  return group(group(behind, moved) + shape.join(""), `opacity="${n(opacity)}"`);
}

function drawAurora(stage: Stage, random: Random): string {
  const { widthPx: w, horizonPx } = stage;
  const list: string[] = [];
  for (const [i, color] of ["#5ef2b0", "#58c8f0", "#b47cf2"].entries()) {
    const y = horizonPx * random.between(0.28, 0.52);
    const tall = horizonPx * random.between(0.25, 0.42);
    const [a, b] = [random.between(-0.16, 0.16), random.between(-0.16, 0.16)].map(
      (bend) => bend * horizonPx,
    ) as [number, number];
    const id = `aurora${i}`;
    list.push(
      gradient(id, [
        [0, color, 0],
        [0.7, color, 0.55],
        [1, color, 0],
      ]),
    );
    list.push(
      path(
        `M0,${n(y)} C${n(w * 0.3)},${n(y + a)} ${n(w * 0.6)},${n(y + b)} ${n(w)},${n(y - a)} V${n(y - a - tall)} C${n(w * 0.6)},${n(y + b - tall)} ${n(w * 0.3)},${n(y + a - tall)} 0,${n(y - tall)} Z`,
        `url(#${id})`,
      ),
    );
  }
  return list.join("");
}

function drawRainbow(stage: Stage): string {
  const { widthPx: w, horizonPx } = stage;
  const r = Math.min(w * 0.62, horizonPx * 1.1);
  const bands = ["#e4574c", "#f2a14c", "#f5dc6a", "#7cc47a", "#5aa3dc", "#8a6ac8"];
  const step = r * 0.03;
  const arcs = bands.map(
    (color, i) =>
      `<circle cx="${n(w * (1 - stage.orbX))}" cy="${n(horizonPx + r * 0.1)}" r="${n(r - i * step)}" fill="none" stroke="${color}" stroke-width="${n(step + 0.5)}"/>`,
  );
  return group(arcs.join(""), `opacity=".55"`);
}

function drawFlock(stage: Stage, random: Random): string {
  const { widthPx: w, horizonPx, palette } = stage;
  const [cx, cy] = [
    w * (1 - stage.orbX + random.between(-0.12, 0.12)),
    horizonPx * random.between(0.22, 0.5),
  ];
  const ink = mix(palette.landNear, "#2a2433", 0.55);
  const list: string[] = [];
  for (let i = 0; i < random.whole(3, 7); i++) {
    const s = random.between(6, 13);
    const [x, y] = [cx + random.between(-0.1, 0.1) * w, cy + random.between(-0.06, 0.06) * w];
    list.push(
      line(
        `M${n(x - s)},${n(y - s * 0.3)} Q${n(x - s * 0.4)},${n(y - s * 0.6)} ${n(x)},${n(y)} Q${n(x + s * 0.4)},${n(y - s * 0.6)} ${n(x + s)},${n(y - s * 0.3)}`,
        ink,
        2,
      ),
    );
  }
  return list.join("");
}

/** A soft shadow on the ground. */
export const contactShadow = (x: number, y: number, half: number) =>
  oval(x, y, half, half * 0.13, "#14101f", `opacity=".22"`);
