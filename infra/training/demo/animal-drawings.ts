import { box, disc, line, oval, path } from "../../../src/drivers/sketch/svg-shapes.ts";
import type { ThingArt } from "./thing-paint.ts";

const eye = (x: number, y: number, r: number) =>
  disc(x, y, r, "#ffffff") + disc(x, y, r * 0.55, "#101014", `stroke="none"`);

const cat: ThingArt = (p, r) => {
  const tail = r.between(-12, 6);
  return (
    line(`M24 40 C48 38 46 ${8 + tail} 34 ${-2 + tail}`, p.main, 9) +
    oval(4, 28, 26, 23, p.main) +
    path("M-32 -14 L-31 -48 L-12 -30 Z M14 -14 L13 -48 L-6 -30 Z", p.main) +
    disc(-9, -14, 24, p.main) +
    path("M-28 -26 L-27 -39 L-18 -31 Z M10 -26 L9 -39 L0 -31 Z", p.light, `stroke="none"`) +
    eye(-18, -16, 5) +
    eye(0, -16, 5) +
    path("M-12 -7 L-6 -7 L-9 -3 Z", "#e77f8d") +
    line("M-14 -4 L-36 -8 M-14 -1 L-36 2 M-4 -4 L18 -8 M-4 -1 L18 2", p.ink, 1.5) +
    oval(-10, 46, 9, 5, p.light) +
    oval(12, 46, 9, 5, p.light)
  );
};

const dog: ThingArt = (p, r) => {
  const wag = r.between(-10, 8);
  return (
    line(`M36 4 C46 -4 48 ${-16 + wag} 44 ${-24 + wag}`, p.main, 7) +
    path("M-22 0 H38 V50 H26 V26 H-8 V50 H-20 Z", p.main) +
    oval(8, 8, 32, 15, p.main) +
    path(
      "M-44 -24 Q-34 -42 -14 -38 Q0 -32 -2 -6 L-20 4 Q-30 -6 -46 -8 Q-52 -18 -44 -24 Z",
      p.main,
    ) +
    path("M-14 -38 Q4 -42 6 -16 Q4 -4 -4 -6 Q-12 -18 -14 -38 Z", p.dark) +
    disc(-47, -18, 5, p.ink) +
    eye(-28, -26, 4.5) +
    line("M-46 -10 L-30 -8", p.ink, 2)
  );
};

const horse: ThingArt = (p, r) => {
  const step = r.between(-6, 6);
  return (
    path("M38 -6 Q52 4 46 36 L40 34 Q42 14 32 4 Z", p.dark) +
    path(
      `M-26 2 L${-30 + step} 50 H${-22 + step} L-14 22 L${-12 - step} 50 H${-5 - step} L-2 20 H22 L${20 + step} 50 H${28 + step} L32 22 L${36 - step} 50 H${43 - step} L40 0 Q36 -10 20 -10 H-10 L-22 -44 L-30 -48 L-32 -38 L-50 -20 L-45 -11 L-30 -16 Z`,
      p.main,
    ) +
    path("M-28 -47 Q-12 -42 -4 -10 L-14 -8 Q-18 -30 -28 -40 Z", p.dark) +
    disc(-33, -29, 2.5, p.ink)
  );
};

const rabbit: ThingArt = (p, r) => {
  const tilt = r.between(-14, 14);
  return (
    `<g transform="rotate(${tilt} -6 -10)">` +
    oval(-15, -31, 7, 20, p.main) +
    oval(4, -31, 7, 20, p.main) +
    oval(-15, -31, 3.5, 14, "#f3a7b5", `stroke="none"`) +
    oval(4, -31, 3.5, 14, "#f3a7b5", `stroke="none"`) +
    "</g>" +
    oval(4, 29, 25, 21, p.main) +
    disc(30, 36, 9, p.pale) +
    oval(-6, -1, 19, 17, p.main) +
    eye(-13, -4, 4) +
    eye(2, -4, 4) +
    disc(-6, 4, 3, "#e77f8d") +
    box(-9, 8, 6, 6, "#ffffff") +
    oval(-10, 47, 13, 4.5, p.light)
  );
};

const bird: ThingArt = (p, r) => {
  const flap = r.between(-34, -6);
  return (
    path("M20 6 L50 -2 L46 8 L50 18 Z", p.dark) +
    path("M-34 2 Q-10 -22 26 4 Q8 34 -18 26 Q-34 20 -34 2 Z", p.main) +
    disc(-26, -8, 16, p.main) +
    path("M-40 -10 L-50 -4 L-40 0 Z", "#f4a021") +
    path(`M-12 4 Q2 ${flap} 34 ${flap - 10} Q28 8 4 18 Z`, p.dark) +
    disc(-30, -12, 3, p.ink) +
    line("M-10 26 L-12 44 M-2 26 L0 44 M-18 46 L-6 44 M-6 46 L6 44", "#e08a1c", 3)
  );
};

const fish: ThingArt = (p, r) => {
  const fin = r.between(-6, 6);
  return (
    path(`M18 6 L50 ${-22 + fin} L42 6 L50 ${34 + fin} Z`, p.dark) +
    path("M-18 -14 Q0 -42 16 -12 Z M-6 28 L8 42 L12 22 Z", p.dark) +
    oval(-10, 6, 38, 25, p.main) +
    line("M-24 -14 Q-14 6 -24 26", p.dark, 3) +
    path(
      "M-6 -8 q10 6 0 12 M8 -6 q10 6 0 12 M-6 10 q10 6 0 12",
      "none",
      `stroke="${p.light}" stroke-width="3"`,
    ) +
    eye(-32, 0, 5.5)
  );
};

const butterfly: ThingArt = (p, r) => {
  const w = r.between(0.8, 1.05);
  return (
    `<g transform="scale(${w} 1)">` +
    path("M0 -6 Q-18 -56 -46 -40 Q-54 -8 0 4 Z M0 -6 Q18 -56 46 -40 Q54 -8 0 4 Z", p.main) +
    path("M0 2 Q-44 6 -36 36 Q-20 52 0 10 Z M0 2 Q44 6 36 36 Q20 52 0 10 Z", p.main) +
    disc(-30, -26, 8, p.light) +
    disc(30, -26, 8, p.light) +
    disc(-22, 24, 6, p.dark) +
    disc(22, 24, 6, p.dark) +
    "</g>" +
    oval(0, 2, 4.5, 26, p.ink) +
    line("M-1 -22 Q-6 -38 -14 -44 M1 -22 Q6 -38 14 -44", p.ink, 2.5)
  );
};

const snake: ThingArt = (p, r) => {
  const h = r.between(10, 20);
  return (
    line(
      `M48 46 C30 ${46 - h * 2} 22 ${46 - h * 2} 12 38 S-12 ${60} -22 38 S-38 0 -22 -20`,
      p.main,
      13,
    ) +
    line(
      `M48 46 C30 ${46 - h * 2} 22 ${46 - h * 2} 12 38 S-12 ${60} -22 38 S-38 0 -22 -20`,
      p.light,
      4,
      `stroke-dasharray="6 9"`,
    ) +
    oval(-18, -26, 17, 11, p.main) +
    eye(-14, -30, 4) +
    line("M-1 -24 L14 -20 L20 -25 M14 -20 L20 -15", "#e0263c", 2.5)
  );
};

const turtle: ThingArt = (p, r) => {
  const stretch = r.between(0, 6);
  return (
    oval(-26, 44, 9, 7, p.light) +
    oval(24, 44, 9, 7, p.light) +
    path("M38 36 L50 42 L36 44 Z", p.light) +
    oval(-42 - stretch / 2, 20, 9, 10, p.light) +
    box(-40, 24, 14, 12, p.light, `stroke="none"`) +
    path("M-36 40 Q-32 -14 2 -14 Q38 -14 40 40 Z", p.main) +
    line(
      "M-18 -4 L-8 20 L-16 38 M22 -4 L12 20 L20 38 M-8 20 H12 M-30 16 L-8 20 M34 16 L12 20",
      p.dark,
      3.5,
    ) +
    disc(-45 - stretch / 2, 17, 2.2, p.ink)
  );
};

const elephant: ThingArt = (p, r) => {
  const trunk = r.between(-8, 10);
  return (
    line("M44 4 Q50 14 47 24", p.main, 4) +
    path("M-14 0 V50 H0 V30 H20 V50 H36 Q46 26 44 6 Q36 -18 6 -18 H-14 Z", p.main) +
    disc(-18, -16, 22, p.main) +
    line(`M-34 -10 C-46 4 -40 26 ${-44 + trunk} 38`, p.main, 11) +
    oval(0, -14, 16, 21, p.dark) +
    path("M-34 4 Q-38 16 -26 18 L-27 13 Q-32 12 -30 4 Z", "#fffbe9") +
    disc(-28, -20, 3, p.ink)
  );
};

export const animals = {
  cat,
  dog,
  horse,
  rabbit,
  bird,
  fish,
  butterfly,
  snake,
  turtle,
  elephant,
} satisfies Record<string, ThingArt>;
