import { type Color, darker, lighter, mix, shift } from "./color.ts";
import type { Random } from "./random.ts";
import {
  box,
  disc,
  group,
  line,
  n,
  oval,
  path,
  type SubjectArt,
  type Tones,
} from "./svg-shapes.ts";

/** A crown of overlapping discs, lit from the left. */
export const tree: SubjectArt = (t, random) => {
  const lobes: readonly (readonly [number, number, number])[] = [
    [-20, -58, 20],
    [19, -56, 21],
    [-8, -80, 21],
    [13, -78, 18],
    [0, -60, 24],
  ];
  const jitter = lobes.map(
    ([x, y, r]) => [x + random.between(-4, 4), y + random.between(-3, 3), r] as const,
  );
  return [
    path("M-5,0 C-3,-16 -4,-30 -6,-44 L6,-44 C4,-30 4,-14 8,0 Z", mix("#6b4a34", t.ink, 0.25)),
    line("M0,-30 L-12,-46 M1,-34 L13,-48", mix("#6b4a34", t.ink, 0.25), 4),
    jitter.map(([x, y, r]) => disc(x + 2, y + 2, r, t.dark)).join(""),
    jitter.map(([x, y, r]) => disc(x - 2, y - 2, r * 0.88, t.base)).join(""),
    jitter
      .map(([x, y, r]) => disc(x - r * 0.32, y - r * 0.34, r * 0.42, t.light, `opacity=".75"`))
      .join(""),
  ].join("");
};

export const pine: SubjectArt = (t) =>
  box(-3, -14, 6, 14, mix("#5a4030", t.ink, 0.3)) +
  [0, 1, 2, 3]
    .map((i) => {
      const y = -8 - i * 22;
      const half = 30 - i * 6;
      return (
        path(`M${-half},${y} Q0,${y + 6} ${half},${y} L0,${y - 38} Z`, t.dark) +
        path(
          `M${-half},${y} Q${-half / 2},${y + 4} ${n(half * 0.12)},${y + 2} L0,${y - 38} Z`,
          t.base,
        )
      );
    })
    .join("");

function blossom(t: Tones, x: number, y: number, r: number, petals: number, heart: Color): string {
  const list: string[] = [];
  for (let i = 0; i < petals; i++) {
    const angle = (360 / petals) * i;
    const fill = i % 2 === 0 ? t.base : t.light;
    list.push(
      oval(
        x,
        y - r * 0.62,
        r * 0.3,
        r * 0.46,
        fill,
        `transform="rotate(${n(angle)} ${n(x)} ${n(y)})"`,
      ),
    );
  }
  return `${list.join("")}${disc(x, y, r * 0.36, darker(heart, 0.18))}${disc(x - r * 0.04, y - r * 0.05, r * 0.28, heart)}`;
}

export const flower: SubjectArt = (t, random) => {
  const stem = mix("#3f8a4e", t.ink, 0.2);
  const petals = random.whole(7, 11);
  return [
    line("M0,0 C-4,-24 4,-44 0,-70", stem, 4),
    path(
      "M-1,-14 C-22,-16 -32,-32 -34,-44 C-16,-42 -4,-30 -1,-14 Z M1,-24 C18,-26 28,-38 30,-50 C14,-48 4,-38 1,-24 Z",
      stem,
    ),
    path(
      "M-1,-14 C-12,-22 -24,-34 -34,-44 C-16,-42 -4,-30 -1,-14 Z M1,-24 C8,-34 20,-44 30,-50 C14,-48 4,-38 1,-24 Z",
      lighter(stem, 0.18),
    ),
    blossom(t, 0, -76, 28, petals, mix("#f2b33d", t.ink, 0.05)),
  ].join("");
};

export const mushroom: SubjectArt = (t) =>
  [
    path("M-12,0 C-8,-16 -9,-34 -11,-48 L11,-48 C9,-34 8,-16 14,0 Z", t.pale),
    path("M4,-48 L11,-48 C9,-34 8,-16 14,0 L4,0 C6,-16 6,-34 4,-48 Z", t.ink, `opacity=".14"`),
    path(
      "M-46,-46 C-46,-84 -22,-100 0,-100 C22,-100 46,-84 46,-46 C30,-38 -30,-38 -46,-46 Z",
      t.base,
    ),
    path("M12,-99 C32,-94 46,-78 46,-46 C38,-42 28,-41 18,-40.5 C30,-56 28,-82 12,-99 Z", t.dark),
    oval(-18, -72, 8, 9, t.pale) +
      oval(8, -82, 9, 8, t.pale) +
      oval(22, -60, 6, 7, t.pale) +
      oval(-32, -54, 4.5, 5, t.pale) +
      oval(-2, -56, 6, 5, t.pale),
    path("M-46,-46 C-30,-38 30,-38 46,-46 C30,-50 -30,-50 -46,-46 Z", mix(t.pale, t.dark, 0.35)),
  ].join("");

export const car: SubjectArt = (t) =>
  [
    path("M-34,-34 C-28,-54 -20,-58 -8,-58 L14,-58 C26,-58 32,-48 38,-34 Z", t.dark),
    path(
      "M-28,-35 C-23,-50 -18,-53 -8,-53 L0,-53 L0,-35 Z M4,-53 L13,-53 C22,-53 27,-46 31,-35 L4,-35 Z",
      t.lampsAreLit ? mix("#a8dcec", t.ink, 0.25) : "#bfe6f0",
    ),
    path(
      "M-60,-14 C-62,-28 -54,-35 -40,-36 L40,-36 C56,-34 62,-28 61,-14 C61,-10 58,-9 54,-9 L-54,-9 C-58,-9 -60,-10 -60,-14 Z",
      t.base,
    ),
    path("M-60,-18 L61,-18 C61,-10 58,-9 54,-9 L-54,-9 C-58,-9 -60,-11 -60,-18 Z", t.dark),
    line("M2,-35 L2,-14 M-10,-29 L-5,-29 M24,-29 L29,-29", t.dark, 1.4),
    path("M52,-30 C58,-29 61,-26 61,-22 L53,-22 Z", "#ffe9a8") +
      box(-60.5, -28, 4, 7, "#e4574c", `rx="2"`),
    t.lampsAreLit ? path("M60,-26 L130,-36 L130,-2 L60,-20 Z", "#ffe9a8", `opacity=".25"`) : "",
    [-34, 36]
      .map(
        (x) =>
          disc(x, -10, 13, darker(t.ink, 0.3)) +
          disc(x, -10, 7.4, t.pale) +
          disc(x, -10, 3, t.dark),
      )
      .join(""),
    box(-64, -13, 10, 4, t.pale, `rx="2"`) + box(55, -13, 10, 4, t.pale, `rx="2"`),
  ].join("");

export const train: SubjectArt = (t) =>
  [
    [0, 1, 2, 3]
      .map((i) =>
        oval(
          26 - i * 15,
          -80 - i * 11,
          8 + i * 4,
          7 + i * 3,
          t.pale,
          `opacity="${n(0.75 - i * 0.16)}"`,
        ),
      )
      .join(""),
    box(-58, -62, 34, 46, t.base, `rx="3"`) +
      box(-62, -66, 42, 6, t.dark, `rx="3"`) +
      box(-51, -54, 20, 15, t.lamp, `rx="2"`),
    box(-26, -46, 72, 28, t.base, `rx="6"`) + box(-26, -30, 72, 12, t.dark, `rx="4" opacity=".6"`),
    box(20, -72, 12, 28, t.dark) +
      path("M16,-76 L36,-76 L32,-66 L20,-66 Z", t.accent) +
      path("M-10,-46 C-10,-58 8,-58 8,-46 Z", t.accent),
    line("M-6,-46 V-18 M14,-46 V-18 M34,-46 V-18", t.accent, 2.4),
    disc(48, -34, 6, t.dark) + disc(49, -34, 4, "#ffe9a8"),
    box(-60, -20, 110, 8, t.ink, `rx="2"`) + path("M46,-16 L66,0 L44,0 Z", t.accent),
    [-44, -8, 14, 36]
      .map(
        (x, i) =>
          disc(x, i === 0 ? -13 : -10, i === 0 ? 13 : 10, darker(t.ink, 0.25)) +
          disc(x, i === 0 ? -13 : -10, i === 0 ? 8 : 6, t.accent) +
          disc(x, i === 0 ? -13 : -10, 2.4, t.ink),
      )
      .join(""),
    line("M-8,-10 L36,-10", t.pale, 2.4),
  ].join("");

/** For words that are in no table: a paper sculpture whose form comes from the words themselves. */
export const sculpture: SubjectArt = (t, random) =>
  random.pick([rosette, stones, arches, crystals])(t, random);

function rosette(t: Tones, random: Random): string {
  const rings = random.whole(3, 5);
  const petals = random.whole(6, 13);
  const list: string[] = [line("M0,0 L0,-40", t.dark, 5)];
  for (let ring = 0; ring < rings; ring++) {
    const r = 48 - ring * (40 / rings);
    const fill = [t.dark, t.base, t.light, t.accent, t.pale][ring % 5] ?? t.base;
    let d = "";
    for (let i = 0; i < petals; i++) {
      const a = ((i + (ring % 2) / 2) / petals) * Math.PI * 2;
      const half = Math.PI / petals;
      const at = (angle: number, reach: number) =>
        `${n(Math.cos(angle) * reach)},${n(-56 + Math.sin(angle) * reach)}`;
      d += `M0,-56 Q${at(a - half * 1.5, r * 0.8)} ${at(a, r)} Q${at(a + half * 1.5, r * 0.8)} 0,-56 Z `;
    }
    list.push(path(d, fill));
  }
  return `${list.join("")}${disc(0, -56, 6, t.accent)}`;
}

function stones(t: Tones, random: Random): string {
  const list: string[] = [];
  let y = 0;
  let half = 42;
  for (let i = 0; i < 5; i++) {
    const tall = half * random.between(0.5, 0.66);
    const x = random.between(-5, 5);
    const fill = [t.dark, t.base, t.accent, t.light, t.pale][i] ?? t.base;
    list.push(oval(x, y - tall / 2, half, tall / 2, fill));
    list.push(
      oval(x - half * 0.24, y - tall * 0.66, half * 0.5, tall * 0.16, "#ffffff", `opacity=".28"`),
    );
    y -= tall * 0.94;
    half *= random.between(0.7, 0.84);
  }
  return list.join("");
}

function arches(t: Tones, random: Random): string {
  const turn = random.between(-30, 30);
  const colors = [t.dark, t.base, t.light, t.pale, t.accent, shift(t.accent, turn), t.base];
  const list: string[] = [];
  for (let i = 0; i < colors.length; i++) {
    const half = 48 - i * 6.6;
    const top = -96 + i * 9;
    list.push(
      path(
        `M${n(-half)},0 V${n(top + half)} A${n(half)},${n(half)} 0 0 1 ${n(half)},${n(top + half)} V0 Z`,
        colors[i] ?? t.base,
      ),
    );
  }
  return list.join("") + disc(random.pick([-46, 46]), -92, 9, t.accent);
}

function crystals(t: Tones, random: Random): string {
  const list: string[] = [];
  for (const [x, h, lean] of [
    [-26, 58, -14],
    [27, 66, 13],
    [-8, 100, -3],
    [12, 78, 6],
  ] as const) {
    const w = random.between(11, 15);
    const tall = h + random.between(-8, 8);
    const body =
      path(
        `M${n(-w)},0 L${n(-w)},${n(-tall * 0.72)} L0,${n(-tall)} L${n(w)},${n(-tall * 0.72)} L${n(w)},0 Z`,
        t.base,
      ) +
      path(
        `M${n(w * 0.2)},0 L${n(w * 0.2)},${n(-tall * 0.66)} L0,${n(-tall)} L${n(w)},${n(-tall * 0.72)} L${n(w)},0 Z`,
        t.dark,
      ) +
      path(
        `M${n(-w)},${n(-tall * 0.72)} L0,${n(-tall)} L${n(w * 0.2)},${n(-tall * 0.66)} Z`,
        random.chance(0.5) ? t.light : t.accent,
      );
    list.push(group(body, `transform="translate(${x},0) rotate(${lean})"`));
  }
  return list.join("");
}
