import { box, disc, line, oval, path } from "../../../src/drivers/sketch/svg-shapes.ts";
import type { ThingArt } from "./thing-paint.ts";

const chair: ThingArt = (p, r) => {
  const back = r.between(-50, -40);
  return (
    line(`M-24 ${back + 4} V48 M26 10 V48 M10 14 V48`, p.dark, 6) +
    path(`M-29 ${back} H-19 V8 H-29 Z`, p.main) +
    box(-27, back + 4, 12, 50, p.main) +
    path("M-28 4 H32 V16 H-28 Z", p.main) +
    line(`M-21 ${back + 12} V-4`, p.light, 3)
  );
};

const lamp: ThingArt = (p, r) => {
  const w = r.between(30, 38);
  return (
    path(`M-20 -6 L-40 34 H40 L20 -6 Z`, "#fff0a0", `opacity="0.55" stroke="none"`) +
    line("M0 -6 V42", p.dark, 6) +
    path(`M-17 -46 H17 L${w} -2 H${-w} Z`, p.main) +
    line(`M${-w + 6} -7 H${w - 6}`, p.light, 4) +
    oval(0, 45, 22, 5.5, p.main)
  );
};

const clock: ThingArt = (p, r) => {
  const hand = (turn: number, length: number, width: number) =>
    `<path d="M0 0 V${-length}" stroke="${p.ink}" stroke-width="${width}" stroke-linecap="round" transform="rotate(${turn})"/>`;
  const ticks = Array.from(
    { length: 12 },
    (_, i) =>
      `<path d="M0 -31 V-25" stroke="${p.ink}" stroke-width="3" transform="rotate(${i * 30})"/>`,
  );
  return (
    line("M-26 36 L-34 48 M26 36 L34 48", p.dark, 7) +
    disc(0, 0, 45, p.main) +
    disc(0, 0, 34, p.pale) +
    ticks.join("") +
    hand(r.between(0, 360), 17, 5) +
    hand(r.between(0, 360), 26, 3.5) +
    disc(0, 0, 4, p.ink)
  );
};

const cup: ThingArt = (p, r) => {
  const steam = r.between(-6, 6);
  return (
    line(
      `M-12 -28 q${steam} -8 0 -18 M6 -28 q${-steam} -8 0 -18`,
      "#f2f2f2",
      3.5,
      `opacity="0.8"`,
    ) +
    `<path d="M28 -8 H38 Q48 -6 46 10 Q44 26 26 26" fill="none" stroke="${p.main}" stroke-width="8"/>` +
    path("M-38 -20 H30 L24 38 Q22 44 14 44 H-22 Q-30 44 -32 38 Z", p.main) +
    oval(-4, -20, 34, 6, "#5a3419") +
    line("M-26 -6 L-22 30", p.light, 5) +
    oval(-4, 47, 34, 3.5, p.dark)
  );
};

const guitar: ThingArt = (p, r) => {
  const turn = r.between(24, 42);
  return (
    `<g transform="rotate(${turn})">` +
    box(-4, -48, 8, 58, p.wood) +
    box(-7, -56, 14, 14, p.ink) +
    path(
      "M0 4 C-26 -4 -24 16 -16 22 C-34 30 -30 56 0 56 C30 56 34 30 16 22 C24 16 26 -4 0 4 Z",
      p.main,
    ) +
    disc(0, 24, 8, p.ink) +
    box(-10, 42, 20, 4, p.ink) +
    line("M-2 -44 V42 M2 -44 V42", "#e8e2d0", 1) +
    "</g>"
  );
};

const umbrella: ThingArt = (p, r) => {
  const turn = r.between(-14, 14);
  return (
    `<g transform="rotate(${turn})">` +
    `<path d="M0 -44 V36 Q0 48 -9 48 Q-16 47 -16 39" fill="none" stroke="${p.wood}" stroke-width="5" stroke-linecap="round"/>` +
    path(
      "M-48 4 Q-44 -40 0 -42 Q44 -40 48 4 Q40 -6 32 4 Q24 -6 16 4 Q8 -6 0 4 Q-8 -6 -16 4 Q-24 -6 -32 4 Q-40 -6 -48 4 Z",
      p.main,
    ) +
    line("M0 -42 Q-16 -24 -16 2 M0 -42 Q16 -24 16 2", p.dark, 3) +
    "</g>"
  );
};

const ball: ThingArt = (p, r) => {
  const turn = r.between(0, 72);
  return (
    `<g transform="translate(0 8) rotate(${turn})">` +
    disc(0, 0, 41, p.main) +
    path("M0 -14 L13 -4 L8 11 H-8 L-13 -4 Z", p.pale) +
    line("M0 -14 V-40 M13 -4 L38 -13 M8 11 L24 33 M-8 11 L-24 33 M-13 -4 L-38 -13", p.pale, 4) +
    "</g>"
  );
};

const kite: ThingArt = (p, r) => {
  const sway = r.between(-12, 12);
  return (
    line(`M0 20 Q${sway} 28 ${8 + sway} 36 T${18 + sway} 50`, p.ink, 2.5) +
    path("M0 -50 L30 -18 L0 22 L-30 -18 Z", p.main) +
    path("M0 -50 L30 -18 H0 Z M0 22 L-30 -18 H0 Z", p.light) +
    path(
      `M${2 + sway / 2} 30 l-9 -5 v9 Z M${2 + sway / 2} 30 l9 -5 v9 Z M${11 + sway} 42 l-8 -5 v9 Z M${11 + sway} 42 l8 -5 v9 Z`,
      p.dark,
    )
  );
};

const apple: ThingArt = (p, r) => {
  const lean = r.between(-8, 8);
  return (
    path(
      "M0 -20 C-14 -34 -46 -28 -44 8 C-42 36 -20 52 0 44 C20 52 42 36 44 8 C46 -28 14 -34 0 -20 Z",
      p.main,
    ) +
    line(`M0 -20 Q2 -34 ${lean} -46`, p.wood, 5) +
    path("M3 -32 Q20 -50 36 -40 Q24 -24 3 -32 Z", "#4cb050") +
    line("M-30 -4 Q-30 -14 -20 -18", p.light, 6)
  );
};

const banana: ThingArt = (p, r) => {
  const turn = r.between(-22, 18);
  return (
    `<g transform="rotate(${turn})">` +
    path("M-44 -34 L-36 -38 Q-28 10 40 12 L50 16 L48 24 Q-6 54 -36 14 Q-46 -4 -44 -34 Z", p.main) +
    line("M-38 -24 Q-28 24 38 19", p.dark, 3) +
    path("M-45 -34 L-36 -38 L-38 -48 L-45 -46 Z", "#5c4a1e") +
    "</g>"
  );
};

const cake: ThingArt = (p, r) => {
  const candles = r.whole(1, 3);
  const xs = candles === 1 ? [0] : candles === 2 ? [-14, 14] : [-22, 0, 22];
  return (
    xs.map((x) => box(x - 3, -34, 6, 22, "#f8f4e6") + oval(x, -41, 4, 7, "#ffb020")).join("") +
    box(-30, -14, 60, 28, p.main) +
    box(-42, 10, 84, 36, p.main) +
    path(
      "M-42 10 H42 V18 Q35 28 28 18 Q21 28 14 18 Q7 28 0 18 Q-7 28 -14 18 Q-21 28 -28 18 Q-35 28 -42 18 Z",
      p.pale,
    ) +
    path("M-30 -14 H30 V-8 Q22 0 15 -8 Q8 0 0 -8 Q-8 0 -15 -8 Q-22 0 -30 -8 Z", p.pale) +
    oval(0, 47, 48, 3.5, "#c9cdd4")
  );
};

const person: ThingArt = (p, r) => {
  const skin = r.pick(["#f0c29a", "#c98d5e", "#8a5a3a"]);
  const arm = r.between(-8, 20);
  return (
    line(`M-15 -12 L-28 ${16 - arm} M15 -12 L27 ${14 + arm / 2}`, p.main, 8) +
    disc(-29, 18 - arm, 4, skin) +
    disc(28, 16 + arm / 2, 4, skin) +
    line("M-7 24 L-10 47 M7 24 L10 47", p.ink, 9) +
    path("M-18 -18 Q0 -26 18 -18 L16 28 H-16 Z", p.main) +
    disc(0, -34, 13.5, skin) +
    path("M-14 -34 Q-14 -50 0 -50 Q14 -50 14 -34 Q8 -42 -14 -34 Z", "#3a2417")
  );
};

const robot: ThingArt = (p, r) => {
  const arm = r.between(-16, 16);
  return (
    line("M0 -40 V-48", p.ink, 3) +
    disc(0, -48, 4, "#ff4d4d") +
    box(-20, -40, 40, 28, p.main) +
    disc(-8, -27, 6, "#eaffff") +
    disc(8, -27, 6, "#eaffff") +
    disc(-8, -27, 2.5, p.ink, `stroke="none"`) +
    disc(8, -27, 2.5, p.ink, `stroke="none"`) +
    box(-27, -9, 54, 38, p.main) +
    box(-14, 0, 28, 16, p.light) +
    path(
      `M-27 -4 h-10 L${-46} ${18 + arm} h8 L-32 8 h5 Z M27 -4 h10 L46 ${18 - arm} h-8 L32 8 h-5 Z`,
      p.dark,
    ) +
    box(-20, 29, 13, 21, p.dark) +
    box(7, 29, 13, 21, p.dark)
  );
};

export const objects = {
  chair,
  lamp,
  clock,
  cup,
  guitar,
  umbrella,
  ball,
  kite,
  apple,
  banana,
  cake,
  person,
  robot,
} satisfies Record<string, ThingArt>;
