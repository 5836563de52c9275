import { darker, lighter, mix } from "./color.ts";
import { box, disc, group, line, n, oval, path, type SubjectArt } from "./svg-shapes.ts";

export const bird: SubjectArt = (t) =>
  [
    line("M0,-16 L0,-1 M9,-17 L9,-1 M-4,0 L4,0 M5,0 L14,0", t.accent, 2),
    path(
      "M-54,-20 L-22,-38 C-14,-62 2,-78 20,-78 C36,-77 41,-62 36,-48 C30,-24 8,-12 -10,-16 C-24,-18 -38,-18 -54,-20 Z",
      t.base,
    ),
    path("M37,-52 C31,-26 9,-12 -9,-16 C8,-22 20,-38 22,-58 C26,-66 36,-62 37,-52 Z", t.pale),
    path("M-34,-28 C-18,-56 4,-58 16,-48 C12,-32 -8,-22 -34,-28 Z", t.dark),
    path("M-22,-30 C-10,-46 2,-48 10,-44 C4,-34 -8,-28 -22,-30 Z", t.light, `opacity=".7"`),
    path("M37,-66 L54,-60 L37,-55 Z", t.accent),
    disc(27, -65, 2.8, t.ink),
    disc(27.9, -66, 0.9, "#ffffff"),
  ].join("");

export const owl: SubjectArt = (t) =>
  [
    path("M-26,-92 L-20,-74 L20,-74 L26,-92 C34,-60 34,-20 0,0 C-34,-20 -34,-60 -26,-92 Z", t.base),
    path(
      "M-26,-92 C-34,-60 -34,-20 -6,-3 C-22,-28 -24,-50 -20,-70 Z M26,-92 C34,-60 34,-20 6,-3 C22,-28 24,-50 20,-70 Z",
      t.dark,
    ),
    path("M-14,-46 C-16,-26 -8,-10 0,-5 C8,-10 16,-26 14,-46 Z", t.pale),
    [0, 1, 2]
      .map((row) =>
        line(
          `M${-9 + row * 2},${-38 + row * 10} l4.5,4 l4.5,-4 l4.5,4 l4.5,-4`,
          t.dark,
          1.8,
          `opacity=".5"`,
        ),
      )
      .join(""),
    path("M-26,-92 C-12,-86 12,-86 26,-92 L0,-62 Z", t.dark),
    [-11, 11]
      .map(
        (x) =>
          disc(x, -68, 11.5, t.pale) +
          disc(x, -68, 6.8, "#f2b33d") +
          disc(x, -68, 3.6, t.ink) +
          disc(x + 1.4, -69.6, 1.1, "#ffffff"),
      )
      .join(""),
    path("M-4,-62 L4,-62 L0,-53 Z", t.accent),
    line("M-9,-1 L-9,1 M-5,-1 L-5,1 M5,-1 L5,1 M9,-1 L9,1", t.accent, 3),
  ].join("");

export const penguin: SubjectArt = (t) =>
  [
    path(
      "M-24,-70 C-40,-56 -42,-36 -36,-26 C-30,-36 -24,-46 -22,-58 Z M24,-70 C40,-56 42,-36 36,-26 C30,-36 24,-46 22,-58 Z",
      t.dark,
    ),
    path(
      "M0,-104 C20,-104 28,-86 28,-58 C30,-28 24,-4 0,-3 C-24,-4 -30,-28 -28,-58 C-28,-86 -20,-104 0,-104 Z",
      t.base,
    ),
    path(
      "M0,-84 C6,-92 19,-92 19,-78 C18,-70 22,-50 21,-34 C19,-14 10,-6 0,-6 C-10,-6 -19,-14 -21,-34 C-22,-50 -18,-70 -19,-78 C-19,-92 -6,-92 0,-84 Z",
      t.pale,
    ),
    disc(-9, -82, 2.6, t.ink),
    disc(9, -82, 2.6, t.ink),
    path("M-6,-77 L6,-77 L0,-69 Z", t.accent),
    oval(-12, -3, 11, 4.5, t.accent),
    oval(12, -3, 11, 4.5, t.accent),
  ].join("");

export const fish: SubjectArt = (t) =>
  group(
    [
      path(
        "M-34,-50 C-48,-62 -60,-78 -66,-74 C-62,-60 -62,-40 -66,-26 C-60,-22 -48,-38 -34,-50 Z",
        t.dark,
      ),
      path("M-8,-72 C2,-92 22,-88 26,-72 Z M-6,-28 C-2,-12 10,-12 14,-26 Z", t.dark),
      path("M-38,-50 C-20,-84 28,-86 50,-50 C28,-14 -20,-16 -38,-50 Z", t.base),
      path("M-38,-50 C-20,-16 28,-14 50,-50 C30,-36 -14,-34 -38,-50 Z", t.dark, `opacity=".35"`),
      path(
        "M18,-74 C11,-60 11,-40 18,-27 L28,-33 C21,-44 21,-56 28,-68 Z M-10,-71 C-17,-58 -17,-42 -10,-29 L-1,-26 C-8,-42 -8,-58 -1,-75 Z",
        t.pale,
      ),
      path("M4,-48 C-6,-56 -14,-52 -16,-44 C-10,-38 -2,-38 4,-48 Z", t.light),
      disc(37, -56, 5, "#ffffff"),
      disc(38, -56, 2.8, t.ink),
      line("M47,-46 C44,-44 42,-43 39,-43", t.dark, 1.8),
    ].join(""),
    `transform="translate(6,0)"`,
  );

export const whale: SubjectArt = (t) =>
  [
    path(
      "M-58,-44 C-70,-50 -84,-72 -98,-74 C-90,-62 -92,-52 -86,-46 C-94,-44 -98,-36 -104,-30 C-90,-28 -76,-32 -66,-30 Z",
      t.dark,
    ),
    path(
      "M-70,-38 C-50,-44 -40,-76 6,-80 C52,-82 74,-56 74,-34 C74,-14 52,-4 16,-4 C-24,-4 -52,-18 -70,-38 Z",
      t.base,
    ),
    path(
      "M74,-32 C58,-22 26,-24 -10,-28 C-22,-29 -30,-30 -38,-17 C-22,-8 -4,-4 16,-4 C52,-4 74,-14 74,-32 Z",
      t.pale,
    ),
    [0, 1, 2, 3]
      .map((i) =>
        line(
          `M${n(66 - i * 3)},${n(-24 + i * 5)} C${n(44 - i)},${n(-17 + i * 4.4)} ${n(14)},${n(-17 + i * 4)} ${n(-12 + i * 5)},${n(-22 + i * 4.4)}`,
          mix(t.pale, t.base, 0.45),
          1.3,
        ),
      )
      .join(""),
    path("M0,-22 C-6,-4 -22,4 -34,2 C-30,-8 -24,-20 -16,-27 Z", t.dark),
    disc(44, -42, 3.2, t.ink),
    disc(45, -43, 1.1, "#ffffff"),
    line(
      "M22,-84 C22,-98 10,-104 4,-98 M22,-84 C22,-100 36,-104 41,-97 M22,-86 L22,-106",
      lighter(t.light, 0.5),
      3.4,
    ),
  ].join("");

export const butterfly: SubjectArt = (t) =>
  [
    [1, -1]
      .map((side) =>
        group(
          path("M2,-56 C10,-90 44,-102 52,-86 C58,-68 34,-52 2,-52 Z", t.base) +
            path("M2,-50 C30,-50 44,-34 36,-20 C26,-8 8,-26 2,-48 Z", t.dark) +
            path("M10,-60 C18,-80 38,-90 44,-82 C46,-70 30,-60 10,-60 Z", t.light) +
            disc(38, -78, 4, t.pale) +
            disc(26, -30, 4.4, t.accent),
          `transform="scale(${side},1)"`,
        ),
      )
      .join(""),
    oval(0, -48, 3, 20, t.ink),
    line("M-1,-66 C-4,-76 -10,-82 -14,-84 M1,-66 C4,-76 10,-82 14,-84", t.ink, 1.4),
  ].join("");

export const boat: SubjectArt = (t) =>
  [
    box(-1.4, -98, 2.8, 84, t.ink),
    path("M-4,-94 C-26,-70 -38,-44 -42,-24 L-4,-24 Z", t.pale),
    path("M-4,-94 C-14,-70 -17,-44 -18,-24 L-4,-24 Z", mix(t.pale, t.dark, 0.16)),
    path("M4,-98 C34,-72 44,-44 46,-24 L4,-24 Z", t.accent),
    path("M4,-98 C16,-72 20,-44 21,-24 L4,-24 Z", darker(t.accent, 0.16)),
    path("M1.4,-98 L16,-104 L1.4,-109 Z", t.base),
    path("M-52,-18 L54,-18 C50,-6 42,2 32,4 L-34,4 C-44,2 -50,-8 -52,-18 Z", t.base),
    path("M-52,-18 L54,-18 L52,-12.5 L-50.5,-12.5 Z", t.pale),
    path("M-46,-4 C-42,1 -38,4 -34,4 L32,4 C40,3 46,-2 49,-8 Z", t.dark),
  ].join("");

export const balloon: SubjectArt = (t) => {
  const stripe = (from: number, to: number, fill: string) =>
    path(
      `M0,-122 C${n(from)},-122 ${n(from * 1.02)},-66 ${n(from * 0.22)},-38 L${n(to * 0.22)},-38 C${n(to * 1.02)},-66 ${n(to)},-122 0,-122 Z`,
      fill,
    );
  return [
    path("M0,-122 C62,-122 58,-66 11,-38 L-11,-38 C-58,-66 -62,-122 0,-122 Z", t.base),
    stripe(-62, -40, t.dark),
    stripe(-40, -15, t.pale),
    stripe(-15, 15, t.base),
    stripe(15, 40, t.accent),
    stripe(40, 62, t.light),
    path("M0,-122 C62,-122 58,-66 11,-38 L4,-38 C40,-66 40,-118 0,-122 Z", t.ink, `opacity=".13"`),
    line("M-10,-38 L-8,-18 M10,-38 L8,-18 M0,-38 L0,-18", t.ink, 0.9),
    path("M-9,-19 L9,-19 L7.5,-4 C7,-1 -7,-1 -7.5,-4 Z", mix("#8a5a34", t.ink, 0.15)),
    box(-10, -20.5, 20, 4, mix("#a8744a", t.ink, 0.1), `rx="1.5"`),
  ].join("");
};

export const rocket: SubjectArt = (t) =>
  group(
    [
      path("M-9,-16 C-14,6 -3,12 0,30 C3,12 14,6 9,-16 Z", "#ff8a3c"),
      path("M-5,-16 C-7,0 -1,4 0,15 C1,4 7,0 5,-16 Z", "#ffe27a"),
      path(
        "M-17,-50 C-34,-40 -36,-22 -34,-10 L-14,-24 Z M17,-50 C34,-40 36,-22 34,-10 L14,-24 Z",
        t.accent,
      ),
      path("M0,-118 C20,-98 24,-60 13,-18 L-13,-18 C-24,-60 -20,-98 0,-118 Z", t.pale),
      path(
        "M0,-118 C20,-98 24,-60 13,-18 L3,-18 C12,-60 12,-98 0,-118 Z",
        mix(t.pale, t.ink, 0.18),
      ),
      path("M0,-118 C9,-109 14.5,-97 17,-84 L-17,-84 C-14.5,-97 -9,-109 0,-118 Z", t.base),
      path("M0,-118 C9,-109 14.5,-97 17,-84 L8,-84 C7,-97 4,-109 0,-118 Z", t.dark),
      disc(0, -66, 9.5, t.dark),
      disc(0, -66, 6.8, "#9fdcf2"),
      path("M-5,-69 A6,6 0 0 1 1,-72", "none", `stroke="#ffffff" stroke-width="1.6"`),
      path("M-15,-27 L15,-27 L13,-17 L-13,-17 Z", t.dark),
      path("M-2.6,-44 L2.6,-44 L2.6,-14 L-2.6,-14 Z", t.accent),
    ].join(""),
    `transform="translate(0,-16) rotate(14 0 -60) scale(.95)"`,
  );

export const saucer: SubjectArt = (t) =>
  [
    path("M-22,-46 L-46,0 L46,0 L22,-46 Z", t.lamp, `opacity=".28"`),
    path("M-24,-62 C-24,-90 24,-90 24,-62 Z", "#a8e6f0", `opacity=".9"`),
    path("M-10,-80 C-16,-76 -18,-70 -18,-64", "none", `stroke="#ffffff" stroke-width="2.4"`),
    oval(0, -56, 58, 14, t.base),
    oval(0, -60, 58, 11, t.light),
    oval(0, -62, 26, 6, t.dark),
    [-40, -20, 0, 20, 40].map((x) => disc(x, -51 - Math.abs(x) * 0.06, 3.4, "#ffe27a")).join(""),
  ].join("");
