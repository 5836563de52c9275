import { box, disc, line, oval, path } from "../../../src/drivers/sketch/svg-shapes.ts";
import type { ThingArt } from "./thing-paint.ts";

const wheel = (x: number, y: number, r: number) =>
  disc(x, y, r, "#17171b") + disc(x, y, r * 0.45, "#b9bdc4", `stroke="none"`);

const car: ThingArt = (p, r) => {
  const roof = r.between(-22, -12);
  return (
    path(`M-30 8 Q-22 ${roof} -10 ${roof} H12 Q22 ${roof} 30 8 Z`, p.main) +
    path(
      `M-22 6 Q-16 ${roof + 6} -9 ${roof + 6} H-1 V6 Z M4 6 V${roof + 6} H11 Q18 ${roof + 6} 23 6 Z`,
      p.glass,
    ) +
    path("M-50 36 V18 Q-48 8 -32 6 H34 Q50 10 50 22 V36 Z", p.main) +
    box(-50, 27, 100, 4, p.dark, `stroke="none"`) +
    oval(-46, 19, 4, 4, "#fff3b0") +
    wheel(-27, 37, 12.5) +
    wheel(27, 37, 12.5)
  );
};

const bus: ThingArt = (p, r) => {
  const n = r.whole(3, 4);
  const step = 76 / n;
  const windows = Array.from({ length: n }, (_, i) =>
    box(-44 + i * step, -30, step - 6, 26, p.glass),
  );
  return (
    `<rect x="-50" y="-42" width="100" height="82" rx="8" fill="${p.main}"/>` +
    windows.join("") +
    box(34, -30, 12, 60, p.dark) +
    box(-50, 8, 84, 7, p.light, `stroke="none"`) +
    wheel(-26, 39, 11) +
    wheel(20, 39, 11)
  );
};

const bicycle: ThingArt = (p, r) => {
  const w = r.between(20, 23);
  const ring = (x: number) =>
    `<circle cx="${x}" cy="26" r="${w}" fill="none" stroke="${p.ink}" stroke-width="4.5"/>` +
    line(`M${x - 16} 26 H${x + 16} M${x} 10 V42 M${x - 11} 15 L${x + 11} 37`, "#9a9aa2", 1.3);
  return (
    ring(-27) +
    ring(27) +
    line("M-27 26 L-12 -10 H18 L0 26 Z M0 26 L-14 -18 M18 -10 L27 26 M18 -10 L14 -26", p.main, 8) +
    line("M14 -26 H28", p.ink, 5.5) +
    path("M-24 -24 H-4 L-8 -16 H-20 Z", p.ink)
  );
};

const boat: ThingArt = (p, r) => {
  const lean = r.between(-4, 4);
  return (
    line("M0 26 V-48", p.wood, 4) +
    path(`M4 -46 Q${34 + lean} -10 40 18 H4 Z`, p.pale) +
    path(`M-4 -38 Q${-24 + lean} -10 -32 18 H-4 Z`, p.main) +
    path("M-50 24 H50 Q42 48 26 50 H-28 Q-44 46 -50 24 Z", p.main) +
    line("M-45 33 H45", p.light, 4)
  );
};

const plane: ThingArt = (p, r) => {
  const tilt = r.between(-14, 10);
  return (
    `<g transform="rotate(${tilt})">` +
    path("M30 -4 L46 -34 L50 -34 L46 2 Z", p.dark) +
    path("M-4 -4 L18 -38 L28 -38 L16 -2 Z", p.dark) +
    path("M-50 4 Q-44 -10 -24 -11 H40 Q50 -8 50 0 Q46 10 20 13 H-28 Q-46 13 -50 4 Z", p.main) +
    path("M-8 6 L20 42 L32 42 L18 4 Z", p.light) +
    path("M-45 -1 Q-40 -8 -32 -8 V-1 Z", p.glass) +
    [-22, -11, 0, 11, 22].map((x) => disc(x, -3, 3, p.glass, `stroke="none"`)).join("") +
    "</g>"
  );
};

const helicopter: ThingArt = (p, r) => {
  const blade = r.between(-5, 5);
  return (
    path("M6 -6 L48 -10 L50 -22 L44 -24 L40 -14 L6 -16 Z", p.dark) +
    disc(47, -14, 9, "none", `stroke="${p.ink}" stroke-width="2.5"`) +
    line("M-12 -18 V-36", p.ink, 5) +
    line(`M-50 ${-36 + blade} L28 ${-36 - blade}`, p.ink, 5) +
    oval(-12, 3, 31, 23, p.main) +
    path("M-42 2 Q-38 -18 -14 -19 V2 Z", p.glass) +
    line("M-22 24 L-26 40 M2 24 L4 40 M-40 41 H18", p.ink, 4.5)
  );
};

const rocket: ThingArt = (p, r) => {
  const fire = r.between(36, 50);
  return (
    path(`M-10 28 Q-12 42 0 ${fire} Q12 42 10 28 Z`, "#ffb020") +
    path("M-14 2 L-32 28 V38 L-12 26 Z M14 2 L32 28 V38 L12 26 Z", p.dark) +
    path("M0 -50 Q20 -30 17 4 L12 29 H-12 L-17 4 Q-20 -30 0 -50 Z", p.main) +
    disc(0, -14, 8.5, p.glass, `stroke="${p.dark}" stroke-width="3"`) +
    box(-14, 12, 28, 5, p.light, `stroke="none"`)
  );
};

const balloon: ThingArt = (p, r) => {
  const w = r.between(34, 39);
  return (
    line(`M${-w * 0.55} 8 L-9 34 M${w * 0.55} 8 L9 34`, p.wood, 2.5) +
    path(
      `M0 -50 C${-w * 1.35} -50 ${-w * 1.15} 2 -12 20 H12 C${w * 1.15} 2 ${w * 1.35} -50 0 -50 Z`,
      p.main,
    ) +
    path("M0 -50 C-20 -46 -20 2 -5 20 H5 C20 2 20 -46 0 -50 Z", p.light) +
    box(-11, 33, 22, 16, p.wood)
  );
};

export const vehicles = {
  car,
  bus,
  bicycle,
  boat,
  plane,
  helicopter,
  rocket,
  balloon,
} satisfies Record<string, ThingArt>;
