import { box, disc, line, path } from "../../../src/drivers/sketch/svg-shapes.ts";
import type { ThingArt } from "./thing-paint.ts";

const tree: ThingArt = (p, r) => {
  const s = r.between(17, 21);
  return (
    path("M-7 50 L-5 8 H5 L8 50 Z", p.wood) +
    line("M0 16 L-16 0 M0 10 L14 -4", p.wood, 4) +
    disc(-20, -4, s, p.main) +
    disc(20, -4, s, p.main) +
    disc(-11, -27, s, p.main) +
    disc(12, -28, s, p.main) +
    disc(0, -12, s + 3, p.main, `stroke="none"`) +
    disc(-10, -24, 6, p.light, `stroke="none"`) +
    disc(14, -8, 6, p.light, `stroke="none"`)
  );
};

const flower: ThingArt = (p, r) => {
  const petals = r.whole(5, 7);
  const turn = r.between(0, 60);
  const petal = (i: number) =>
    `<ellipse cx="0" cy="-20" rx="${66 / petals}" ry="15" fill="${p.main}" transform="translate(0 -17) rotate(${turn + (i * 360) / petals})"/>`;
  return (
    line("M0 0 Q4 26 0 50", "#2b8a3a", 6) +
    path("M1 36 Q22 34 26 16 Q8 18 1 36 Z M0 42 Q-20 42 -24 26 Q-8 26 0 42 Z", "#37a048") +
    Array.from({ length: petals }, (_, i) => petal(i)).join("") +
    disc(0, -17, 9.5, p.main === "#fcdc24" ? "#7a4a21" : "#f3c222")
  );
};

const mushroom: ThingArt = (p, r) => {
  const w = r.between(42, 49);
  return (
    path("M-13 0 Q-8 26 -17 50 H17 Q8 26 13 0 Z", "#f7ecd2") +
    path(`M${-w} 6 Q${-w + 4} -44 0 -46 Q${w - 4} -44 ${w} 6 Q0 16 ${-w} 6 Z`, p.main) +
    disc(-20, -14, 7, p.pale, `stroke="none"`) +
    disc(4, -28, 8, p.pale, `stroke="none"`) +
    disc(24, -10, 6, p.pale, `stroke="none"`) +
    disc(-2, -5, 5, p.pale, `stroke="none"`)
  );
};

const cactus: ThingArt = (p, r) => {
  const left = r.between(-22, -6);
  return (
    line(`M0 14 H-28 V${left}`, p.main, 14) +
    line(`M0 24 H28 V${-left - 30}`, p.main, 14) +
    line("M0 44 V-36", p.main, 23) +
    line("M-5 44 V-36 M5 44 V-36", p.dark, 2, `stroke-dasharray="3 5"`) +
    path("M-22 36 H22 L17 50 H-17 Z", "#b5653a")
  );
};

const house: ThingArt = (p, r) => {
  const door = r.chance(0.5) ? -24 : 8;
  return (
    box(20, -44, 11, 26, p.dark) +
    path("M-50 -4 L0 -46 L50 -4 Z", p.dark) +
    box(-40, -4, 80, 54, p.main) +
    box(door, 18, 17, 32, p.wood) +
    box(door > 0 ? -28 : 8, 10, 20, 18, "#ffe9a3") +
    line(`M${door > 0 ? -18 : 18} 10 V28`, p.ink, 2)
  );
};

const castle: ThingArt = (p, r) => {
  const flag = r.chance(0.5) ? 16 : -16;
  const teeth = (x: number, y: number, w: number) =>
    `M${x} ${y} h${w / 5} v7 h${w / 5} v-7 h${w / 5} v7 h${w / 5} v-7 h${w / 5}`;
  return (
    path(`${teeth(-22, -12, 44)} V50 H-22 Z`, p.main) +
    path(`${teeth(-50, -30, 28)} V50 H-50 Z ${teeth(22, -30, 28)} V50 H22 Z`, p.main) +
    line("M36 -30 V-50 M-36 -30 V-50", p.ink, 3) +
    path(`M-36 -50 l${flag} 5 l${-flag} 6 Z M36 -50 l${flag} 5 l${-flag} 6 Z`, p.light) +
    path("M-11 50 V28 Q0 14 11 28 V50 Z", p.ink) +
    path("M-40 -8 h8 v14 h-8 Z M32 -8 h8 v14 h-8 Z", p.ink)
  );
};

const tent: ThingArt = (p, r) => {
  const top = r.between(-8, 8);
  return (
    path(`M${top} -30 L50 48 H-50 Z`, p.main) +
    path(`M${top} -30 L16 48 H-16 Z`, p.dark) +
    path(`M${top} -30 L0 48 H-16 Z`, p.light) +
    line(`M${top} -28 L${top - 4} -38 M${top} -28 L${top + 4} -38`, p.wood, 3)
  );
};

const lighthouse: ThingArt = (p, r) => {
  const beam = r.chance(0.6);
  return (
    (beam ? path("M-8 -36 L-50 -46 V-22 Z", "#fff2a8", `opacity="0.85" stroke="none"`) : "") +
    path("M-13 -24 L-21 46 H21 L13 -24 Z", p.main) +
    path("M-15 -10 L-16.5 6 H16.5 L15 -10 Z M-18.5 22 L-20 36 H20 L18.5 22 Z", p.pale) +
    box(-17, -28, 34, 5, p.ink) +
    box(-9, -43, 18, 15, "#ffe27a") +
    path("M-14 -42 L0 -50 L14 -42 Z", p.ink) +
    path("M-30 50 Q0 38 30 50 Z", "#7d7f86")
  );
};

const windmill: ThingArt = (p, r) => {
  const turn = r.between(10, 80);
  const sail = (i: number) =>
    `<g transform="translate(0 -14) rotate(${turn + i * 90})">${line("M0 0 V-36", p.wood, 3)}${box(1, -36, 10, 26, p.pale)}</g>`;
  return (
    path("M-15 -14 L-26 50 H26 L15 -14 Z", p.main) +
    path("M-18 -14 Q0 -36 18 -14 Z", p.dark) +
    path("M-7 50 V34 Q0 26 7 34 V50 Z", p.ink) +
    [0, 1, 2, 3].map(sail).join("") +
    disc(0, -14, 4, p.ink)
  );
};

export const plantsAndBuildings = {
  tree,
  flower,
  mushroom,
  cactus,
  house,
  castle,
  tent,
  lighthouse,
  windmill,
} satisfies Record<string, ThingArt>;
