import { darker, mix } from "./color.ts";
import { drawCorners, drawFloor } from "./foreground.ts";
import { drawDesert, drawForest, drawHills, drawMountains } from "./land.ts";
import { mood, paletteOf } from "./palette.ts";
import { createRandom, hashText } from "./random.ts";
import type { ScenePlan, SubjectPlan } from "./scene-plan.ts";
import { contactShadow, drawSky } from "./sky.ts";
import { drawMoonFloor, drawSpace } from "./space.ts";
import type { Stage } from "./stage.ts";
import { type Subject, subjects } from "./subject-words.ts";
import { box, gradient, group, line, n, tonesOf } from "./svg-shapes.ts";
import { drawUnderwater } from "./underwater.ts";
import { drawCity, drawSea } from "./water-and-city.ts";
import { drawFog, drawWeather } from "./weather.ts";

/** One copy of a subject, with its place among the others. */
interface Placed {
  plan: SubjectPlan;
  subject: Subject;
  /** Which copy of the same subject, from 0. */
  copy: number;
}

/** The whole picture as SVG. Holds numbers and colours only: no word of the prompt is written into it. */
export function sceneSvg(plan: ScenePlan, seed: number, widthPx: number, heightPx: number): string {
  const random = createRandom(hashText(`scene:${seed}:${plan.flavour}`));
  const horizonShare =
    plan.backdrop === "sea" ? random.between(0.5, 0.57) : random.between(0.48, 0.56);
  const stage: Stage = {
    plan,
    palette: paletteOf(plan, seed),
    random,
    widthPx,
    heightPx,
    horizonPx: heightPx * horizonShare,
    floorPx: heightPx * random.between(0.82, 0.86),
    orbX: random.chance(0.5) ? random.between(0.2, 0.36) : random.between(0.64, 0.8),
  };
  const content = [
    drawBackdrop(stage),
    drawFog(stage),
    drawSubjects(stage),
    drawCorners(stage),
    drawWeather(stage),
    drawVignette(stage),
  ].join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}">${content}</svg>`;
}

function drawBackdrop(stage: Stage): string {
  switch (stage.plan.backdrop) {
    case "hills":
      return drawSky(stage) + drawHills(stage) + drawFloor(stage);
    case "mountains":
      return drawSky(stage) + drawMountains(stage) + drawFloor(stage);
    case "desert":
      return drawSky(stage) + drawDesert(stage) + drawFloor(stage);
    case "forest":
      return drawSky(stage) + drawForest(stage) + drawFloor(stage);
    case "city":
      return drawSky(stage) + drawCity(stage) + drawFloor(stage);
    case "sea":
      return drawSky(stage) + drawSea(stage);
    case "space":
      return drawSpace(stage) + drawMoonFloor(stage);
    case "underwater":
      return drawUnderwater(stage);
  }
}

function drawSubjects(stage: Stage): string {
  const placed = stage.plan.subjects.flatMap((plan): Placed[] =>
    Array.from({ length: plan.count }, (_, copy) => ({ plan, subject: subjects[plan.name], copy })),
  );
  const onLand = placed.filter(({ subject }) => habitatIn(stage, subject) === "ground");
  const afloat = placed.filter((one) => !onLand.includes(one));
  // On the sea whoever needs land gets a beach; it is drawn over the water and before them.
  const beach = stage.plan.backdrop === "sea" && onLand.length > 0 ? drawFloor(stage) : "";
  return drawRow(stage, afloat, "afloat") + beach + drawRow(stage, onLand, "land");
}

function drawRow(stage: Stage, placed: readonly Placed[], label: string): string {
  const random = stage.random.fork(label);
  const spots = spread(random, placed.length, stage.plan.subjects.length > 1 || placed.length > 1);
  const drawn = placed.map((one, index) => {
    const [x, depth] = spots[index] ?? [0.5, 0.5];
    return {
      depth,
      svg: drawOne(stage, one, x, depth, placed.length, random.fork(`${one.plan.name}${one.copy}`)),
    };
  });
  return drawn
    .sort((a, b) => a.depth - b.depth)
    .map(({ svg }) => svg)
    .join("");
}

/** Where `count` things stand: a share of the width, and how far in front from 0 to 1. */
function spread(
  random: ReturnType<typeof createRandom>,
  count: number,
  isGroup: boolean,
): (readonly [number, number])[] {
  if (!isGroup) return [[random.pick([0.5, 0.42, 0.58]) + random.between(-0.03, 0.03), 0.6]];
  if (count === 1) return [[random.pick([0.34, 0.66]), 0.6]];
  const turned = random.chance(0.5);
  return Array.from({ length: count }, (_, i) => {
    const along = (i + 0.5) / count + random.between(-0.08, 0.08) / count;
    const x = 0.1 + 0.8 * along;
    return [turned ? 1 - x : x, random.between(0.15, 1)] as const;
  });
}

function drawOne(
  stage: Stage,
  one: Placed,
  xShare: number,
  depth: number,
  among: number,
  random: ReturnType<typeof createRandom>,
): string {
  const { palette, plan, widthPx: w, heightPx: h } = stage;
  const { subject } = one;
  const habitat = habitatIn(stage, subject);
  const unit = Math.min(w * 0.6, h * 0.5) / 100;
  const crowd = [1, 0.86, 0.74, 0.64, 0.56, 0.5][Math.min(5, among - 1)] ?? 0.5;
  const scale =
    unit *
    subject.size *
    one.plan.size *
    crowd *
    (among > 1 ? 0.78 + depth * 0.3 : 1) *
    random.between(0.95, 1.05);
  const x = xShare * w;
  const flip = random.chance(0.5) ? -1 : 1;

  const isInSpace = plan.backdrop === "space" || plan.backdrop === "underwater";
  const ambient =
    plan.backdrop === "underwater"
      ? mix("#1f7f98", plan.tint ?? "#1f7f98", 0.4)
      : isInSpace
        ? "#2a1f58"
        : palette.ambient;
  const color = one.plan.color ?? subject.color;
  const tones = tonesOf(mood(color, plan), mood(subject.accent, plan), {
    ambient,
    amount: isInSpace ? 0.16 : palette.ambientAmount * 0.62,
    lampsAreLit: palette.lampsAreLit || isInSpace,
  });
  const art = subject.art(tones, random);
  const place = (y: number, turn = 0) =>
    group(
      art,
      `transform="translate(${n(x)},${n(y)}) scale(${(scale * flip).toFixed(3)},${scale.toFixed(3)}) rotate(${n(turn)})"`,
    );

  switch (habitat) {
    case "ground": {
      const y = stage.floorPx + (among > 1 ? (depth - 0.3) * h * 0.05 : h * 0.012);
      return contactShadow(x, y, 44 * scale) + place(y);
    }
    case "water": {
      const y = stage.horizonPx + (h - stage.horizonPx) * (0.3 + depth * 0.3);
      return ripples(stage, x, y, scale, place(y, random.between(-2, 2)));
    }
    case "air":
      return place(h * 0.6 + (among > 1 ? (depth - 0.6) * 0.3 * h : 0), random.between(-4, 4));
    case "deep":
      return place(
        h * (0.34 + depth * 0.34) + (among > 1 ? random.between(-0.1, 0.06) * h : 0.1 * h),
        random.between(-8, 8),
      );
  }
}

/** Out of its element a subject takes the nearest one there is. */
function habitatIn(stage: Stage, subject: Subject): Subject["habitat"] {
  const { backdrop } = stage.plan;
  if (backdrop === "underwater") return subject.habitat === "ground" ? "ground" : "deep";
  if (subject.habitat === "water")
    return backdrop === "sea" ? "water" : backdrop === "space" ? "air" : "ground";
  if (subject.habitat === "deep") return backdrop === "sea" ? "water" : "air";
  return subject.habitat;
}

/** Water that closes over the foot of what floats on it. */
function ripples(stage: Stage, x: number, y: number, scale: number, content: string): string {
  const { palette } = stage;
  const water = mix(palette.waterFar, palette.waterNear, 0.75);
  const foam = mix(palette.waterFar, "#ffffff", 0.55);
  const wave = (dy: number, half: number, width: number, color: string, opacity: number) =>
    line(
      `M${n(x - half * scale)},${n(y + dy * scale)} q${n(half * 0.25 * scale)},${n(-3 * scale)} ${n(half * 0.5 * scale)},0 t${n(half * 0.5 * scale)},0 t${n(half * 0.5 * scale)},0 t${n(half * 0.5 * scale)},0`,
      color,
      width * scale,
      `opacity="${opacity}"`,
    );
  return (
    content +
    wave(3, 62, 6, water, 0.85) +
    wave(-1.5, 58, 1.6, foam, 0.8) +
    wave(8, 46, 1.4, foam, 0.45) +
    wave(14, 30, 1.2, foam, 0.3)
  );
}

function drawVignette(stage: Stage): string {
  const edge = darker(stage.palette.sky[0], 0.55);
  const { widthPx: w, heightPx: h } = stage;
  return (
    gradient(
      "edge",
      [
        [0, edge, 0],
        [0.68, edge, 0],
        [1, edge, 0.3],
      ],
      "radial",
    ).replace("<radialGradient", `<radialGradient cx=".5" cy=".48" r=".78"`) +
    box(0, 0, w, h, "url(#edge)")
  );
}
