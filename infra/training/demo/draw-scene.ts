import type { Random } from "../../../src/drivers/sketch/random.ts";
import { box, disc, gradient, path } from "../../../src/drivers/sketch/svg-shapes.ts";
import { animals } from "./animal-drawings.ts";
import { objects } from "./object-drawings.ts";
import { drawPlace, FRAME_HEIGHT, FRAME_WIDTH } from "./place-drawings.ts";
import { plantsAndBuildings } from "./plant-and-building-drawings.ts";
import type { ColouredThing, Scene } from "./scene-grammar.ts";
import { paintOf, shades, type ThingArt } from "./thing-paint.ts";
import { vehicles } from "./vehicle-drawings.ts";
import type { Thing, Time } from "./words.ts";

const drawings: Record<Thing, ThingArt> = {
  ...animals,
  ...vehicles,
  ...plantsAndBuildings,
  ...objects,
};

/** Things that may hang in the air; all others stand on the ground. */
const flying: ReadonlySet<Thing> = new Set<Thing>([
  "bird",
  "butterfly",
  "plane",
  "helicopter",
  "rocket",
  "balloon",
  "kite",
]);

/** Where a camera looks: 1 and 0, 0 show the whole scene. */
interface Camera {
  zoom: number;
  xPx: number;
  yPx: number;
}

export interface DrawSceneOptions {
  /** The same stream draws the same picture. */
  random: Random;
  widthPx: number;
  heightPx: number;
  camera?: Camera;
  /** How far each thing has moved to the right, in pixels of a frame 640 wide. */
  driftPx?: number;
}

/** An SVG of the scene; it fills the size asked for, whatever its aspect ratio. */
export function drawScene(scene: Scene, options: DrawSceneOptions): string {
  const { random, widthPx, heightPx, camera = { zoom: 1, xPx: 0, yPx: 0 } } = options;
  const [w, h] = [FRAME_WIDTH / camera.zoom, FRAME_HEIGHT / camera.zoom];
  const view = `${camera.xPx} ${camera.yPx} ${w} ${h}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="${view}" preserveAspectRatio="none">${content(scene, random, options.driftPx ?? 0)}</svg>`;
}

function content(scene: Scene, random: Random, driftPx: number): string {
  if (scene.kind === "nothing") return nothing(random);
  if (scene.kind === "test") {
    const colour = scene.picture === "screen" ? random.pick(shades[scene.colour]) : "#808080";
    return box(0, 0, FRAME_WIDTH, FRAME_HEIGHT, colour);
  }
  const place = drawPlace(scene.place, scene.time, random.fork("place"));
  const slots = slotsFor(scene.things.length, random.fork("slots"));
  const things = scene.things.map((one, at) => {
    const slot = slots[at] ?? { xPx: 320, sizePx: 200 };
    return drawThing(one, scene.time, slot, random.fork(`thing ${at}`), driftPx);
  });
  return place + things.join("");
}

interface Slot {
  xPx: number;
  sizePx: number;
}

function slotsFor(count: number, random: Random): Slot[] {
  const each = FRAME_WIDTH / count;
  const sizes = [
    [205, 285],
    [190, 262],
    [158, 204],
  ][count - 1] ?? [150, 190];
  return Array.from({ length: count }, (_, at) => {
    const sizePx = random.between(sizes[0] ?? 150, sizes[1] ?? 190);
    const room = Math.max(0, count === 1 ? each - sizePx * 1.1 : (each - sizePx) * 0.9);
    return { sizePx, xPx: each * (at + 0.5) + room * (random.next() - 0.5) };
  });
}

function drawThing(
  { thing, colour }: ColouredThing,
  time: Time,
  { xPx, sizePx }: Slot,
  random: Random,
  driftPx: number,
): string {
  const scale = sizePx / 100;
  const isUp = flying.has(thing) && random.chance(0.7);
  const y = isUp
    ? random.between(sizePx * 0.5 + 6, 190)
    : random.between(Math.max(262, sizePx + 8), 350) - sizePx / 2;
  const paint = paintOf(colour, time, random);
  const side = random.chance(0.5) ? -1 : 1;
  const stretch = random.between(0.9, 1.1);
  const turn = random.between(-5, 5);
  const outline = random.chance(0.75)
    ? `stroke="${colour === "black" ? "#cfd2d8" : random.pick(["#15131a", "#2b2733", "#3a2f2a"])}" stroke-width="${random.between(1, 2.4).toFixed(1)}" stroke-linejoin="round"`
    : `stroke="none"`;
  const move = `translate(${(xPx + driftPx).toFixed(1)} ${y.toFixed(1)}) rotate(${turn.toFixed(1)}) scale(${(side * scale * stretch).toFixed(3)} ${scale.toFixed(3)})`;
  return `<g transform="${move}" ${outline}>${drawings[thing](paint, random)}</g>`;
}

/** Gradients, discs and corners in any colours: what the model must not see anything in. */
function nothing(random: Random): string {
  const tone = () => {
    const value = random.whole(0, 0xffffff);
    return `#${value.toString(16).padStart(6, "0")}`;
  };
  const shapes = Array.from({ length: random.whole(0, 14) }, () => {
    const [x, y] = [random.between(0, 640), random.between(0, 360)];
    if (random.chance(0.4)) return disc(x, y, random.between(8, 130), tone());
    const point = () => `${x + random.between(-150, 150)} ${y + random.between(-150, 150)}`;
    return path(`M${point()} L${point()} L${point()} L${point()} Z`, tone());
  });
  const stops = [
    [0, tone()],
    [0.5, tone()],
    [1, tone()],
  ] as const;
  const turn = random.pick(["down", "across", "radial"] as const);
  return `<defs>${gradient("any", stops, turn)}</defs>${box(0, 0, 640, 360, "url(#any)")}${shapes.join("")}`;
}
