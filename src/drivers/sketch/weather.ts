import { mix } from "./color.ts";
import type { Stage } from "./stage.ts";
import { box, disc, gradient, line, n, oval, path } from "./svg-shapes.ts";

/** Banks of mist between the land and the subjects. */
export function drawFog(stage: Stage): string {
  const { plan, palette, widthPx: w, heightPx: h, horizonPx } = stage;
  if (!plan.weather.has("fog") || plan.backdrop === "underwater" || plan.backdrop === "space")
    return "";
  const random = stage.random.fork("fog");
  const mist = mix(palette.haze, "#ffffff", palette.isNight ? 0.1 : 0.4);
  const list = [
    gradient("fog", [
      [0, mist, 0],
      [0.55, mist, 0.7],
      [1, mist, 0],
    ]),
    gradient(
      "bank",
      [
        [0, mist, 0.75],
        [0.5, mist, 0.5],
        [1, mist, 0],
      ],
      "radial",
    ),
  ];
  list.push(box(0, horizonPx - h * 0.16, w, h * 0.46, "url(#fog)"));
  for (let i = 0; i < 6; i++) {
    const [x, y] = [random.between(0, 1) * w, horizonPx + random.between(-0.04, 0.28) * h];
    list.push(
      oval(x, y, w * random.between(0.25, 0.5), h * random.between(0.025, 0.06), "url(#bank)"),
    );
  }
  return list.join("");
}

/** What falls or drifts in front of everything. */
export function drawWeather(stage: Stage): string {
  const { plan, palette, widthPx: w, heightPx: h } = stage;
  const random = stage.random.fork("weather");
  const list: string[] = [];
  if (plan.weather.has("snow")) {
    for (let i = 0; i < 190; i++) {
      const r = random.next() ** 2.6 * 6 + 1.3;
      list.push(
        disc(
          random.between(0, w),
          random.between(0, h),
          r,
          "#ffffff",
          `opacity="${n(r > 5 ? 0.6 : 0.85)}"`,
        ),
      );
    }
  }
  if (plan.weather.has("rain")) {
    let d = "";
    const slant = random.between(-0.22, -0.1);
    for (let i = 0; i < 170; i++) {
      const [x, y, long] = [
        random.between(-0.05, 1.1) * w,
        random.between(-0.05, 1) * h,
        random.between(16, 46),
      ];
      d += `M${n(x)},${n(y)} l${n(slant * long)},${n(long)} `;
    }
    list.push(line(d, mix("#dcecf4", palette.sky[1], 0.25), 1.7, `opacity=".5"`));
  }
  if (plan.season === "spring" || plan.season === "autumn") list.push(petals(stage));
  return list.join("");
}

/** Leaves or petals on the wind. */
function petals(stage: Stage): string {
  const { plan, palette, widthPx: w, heightPx: h } = stage;
  if (["underwater", "space", "city", "desert"].includes(plan.backdrop)) return "";
  const random = stage.random.fork("petals");
  const color =
    plan.season === "autumn"
      ? mix("#e8842f", palette.ambient, palette.ambientAmount)
      : mix("#f7b4c8", palette.ambient, palette.ambientAmount);
  const list: string[] = [];
  for (let i = 0; i < 24; i++) {
    const [x, y, r] = [random.between(0, w), random.between(0.15, 0.95) * h, random.between(3, 7)];
    list.push(
      path(
        `M${n(x)},${n(y)} q${n(r)},${n(-r)} ${n(r * 2)},0 q${n(-r)},${n(r)} ${n(-r * 2)},0 Z`,
        color,
        `opacity=".8" transform="rotate(${n(random.between(0, 180))} ${n(x)} ${n(y)})"`,
      ),
    );
  }
  return list.join("");
}
