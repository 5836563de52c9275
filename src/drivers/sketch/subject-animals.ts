import { darker, mix } from "./color.ts";
import { disc, group, line, oval, path, type SubjectArt, type Tones } from "./svg-shapes.ts";

/** Front view of an animal that sits: the parts that tell a fox from a cat. */
interface Sitting {
  head: string;
  ears: (tones: Tones) => string;
  face: (tones: Tones) => string;
  tail: (tones: Tones) => string;
}

const sitting =
  ({ head, ears, face, tail }: Sitting): SubjectArt =>
  (t) =>
    [
      tail(t),
      path("M-21,0 C-27,-26 -17,-54 0,-56 C17,-54 27,-26 21,0 Z", t.base),
      path("M0,-56 C17,-54 27,-26 21,0 L6,0 C14,-20 14,-40 0,-56 Z", t.dark, `opacity=".35"`),
      path("M-9,-2 C-13,-22 -11,-42 0,-52 C11,-42 13,-22 9,-2 Z", t.pale),
      oval(-11, -2.5, 9, 4, t.dark),
      oval(11, -2.5, 9, 4, t.dark),
      ears(t),
      path(head, t.base),
      face(t),
    ].join("");

const eyes = (t: Tones, x: number, y: number, r = 2.7) =>
  [-x, x]
    .map((at) => disc(at, y, r, t.ink) + disc(at + 0.9, y - 0.9, r * 0.32, "#ffffff"))
    .join("");

const pointedEars = (t: Tones, tip: string, inner: string) =>
  group(path(tip, t.dark) + path(inner, mix(t.dark, t.ink, 0.55)), "") +
  group(path(tip, t.base) + path(inner, mix(t.dark, t.ink, 0.55)), `transform="scale(-1,1)"`);

export const fox = sitting({
  head: "M0,-38 L-28,-61 C-27,-72 -24,-80 -19,-86 C-8,-92 8,-92 19,-86 C24,-80 27,-72 28,-61 Z",
  ears: (t) => pointedEars(t, "M22,-78 L25,-106 L4,-88 Z", "M20,-83 L22.5,-99 L10,-88 Z"),
  face: (t) =>
    path("M0,-38 L-28,-61 C-18,-67 -9,-63 -5,-54 L0,-46 L5,-54 C9,-63 18,-67 28,-61 Z", t.pale) +
    eyes(t, 10, -68) +
    oval(0, -41, 4.4, 3.3, t.ink),
  tail: (t) =>
    path("M10,-4 C40,6 66,-16 58,-48 C54,-64 38,-66 38,-52 C39,-36 30,-24 8,-20 Z", t.dark) +
    path(
      "M59.5,-40 C60,-60 52,-68 44,-62 C38,-60 37,-54 38.2,-48 C44,-50 54,-48 59.5,-40 Z",
      t.pale,
    ),
});

export const wolf = sitting({
  head: "M0,-36 L-26,-58 C-29,-70 -25,-82 -18,-88 C-8,-93 8,-93 18,-88 C25,-82 29,-70 26,-58 Z",
  ears: (t) => pointedEars(t, "M21,-80 L23,-106 L5,-90 Z", "M19,-85 L20.5,-99 L10,-89 Z"),
  face: (t) =>
    path(
      "M0,-36 L-26,-58 C-20,-60 -14,-58 -11,-66 L-4,-72 L0,-86 L4,-72 L11,-66 C14,-58 20,-60 26,-58 Z",
      t.pale,
    ) +
    eyes(t, 9.5, -68, 2.5) +
    oval(0, -41, 5, 3.6, t.ink),
  tail: (t) =>
    path("M12,-2 C38,2 54,-10 54,-28 C52,-40 40,-34 36,-26 C30,-18 20,-16 10,-16 Z", t.dark),
});

export const cat = sitting({
  head: "M-25,-66 C-26,-82 -16,-92 0,-92 C16,-92 26,-82 25,-66 C23,-52 12,-46 0,-46 C-12,-46 -23,-52 -25,-66 Z",
  ears: (t) => pointedEars(t, "M24.5,-70 L24,-104 L4,-90 Z", "M21,-80 L21,-96 L10,-89 Z"),
  face: (t) =>
    line("M0,-91 L0,-82 M-7,-90 L-6,-83 M7,-90 L6,-83", t.dark, 2.6) +
    line("M-24,-66 L-18,-65 M-23,-60 L-18,-60 M24,-66 L18,-65 M23,-60 L18,-60", t.dark, 2.2) +
    oval(-5, -55, 6.5, 5.5, t.pale) +
    oval(5, -55, 6.5, 5.5, t.pale) +
    [-11, 11]
      .map(
        (x) => oval(x, -69, 4.6, 4.9, mix("#c8e06a", t.base, 0.15)) + oval(x, -69, 1.7, 4.4, t.ink),
      )
      .join("") +
    path("M-3.2,-60 L3.2,-60 L0,-56.4 Z", mix("#d9748a", t.ink, 0.15)) +
    line("M-12,-55 L-32,-58 M-12,-53 L-31,-51 M12,-55 L32,-58 M12,-53 L31,-51", t.pale, 0.8),
  tail: (t) =>
    line("M14,-6 C42,2 56,-16 44,-34 C40,-42 46,-50 52,-46", t.dark, 8.5) +
    line("M44.5,-36 C41,-43 46,-50 52,-46", t.base, 8.5),
});

export const dog = sitting({
  head: "M-22,-70 C-22,-86 -13,-94 0,-94 C13,-94 22,-86 22,-70 C22,-58 15,-44 0,-44 C-15,-44 -22,-58 -22,-70 Z",
  ears: (t) => line("M-12,-46 C-6,-42 6,-42 12,-46", t.accent, 5),
  face: (t) =>
    path("M-3,-93 C-5,-80 -5,-72 -13,-60 C-10,-44 10,-44 13,-60 C5,-72 5,-80 3,-93 Z", t.pale) +
    [1, -1]
      .map((side) =>
        group(
          path(
            "M14,-92 C26,-96 34,-84 32,-66 C31,-54 23,-54 21,-64 C20,-74 19,-82 12,-88 Z",
            t.dark,
          ),
          `transform="scale(${side},1)"`,
        ),
      )
      .join("") +
    eyes(t, 10, -71) +
    path("M-4,-52 L4,-52 C5,-42 3,-38 0,-38 C-3,-38 -5,-42 -4,-52 Z", mix("#e4707f", t.ink, 0.1)) +
    line("M-9,-54 C-6,-49 -1,-50 0,-54 C1,-50 6,-49 9,-54", t.ink, 1.6) +
    oval(0, -60, 6, 4.4, t.ink),
  tail: (t) => path("M14,-8 C32,-8 44,-22 50,-42 C42,-44 30,-36 14,-22 Z", t.dark),
});

export const rabbit = sitting({
  head: "M-22,-64 C-22,-78 -13,-86 0,-86 C13,-86 22,-78 22,-64 C22,-52 12,-46 0,-46 C-12,-46 -22,-52 -22,-64 Z",
  ears: (t) =>
    pointedEars(
      t,
      "M3,-82 C2,-106 8,-124 15,-124 C22,-122 22,-102 15,-80 Z",
      "M7,-84 C7,-102 10,-116 14,-116 C18,-114 17,-100 12,-83 Z",
    ),
  face: (t) =>
    eyes(t, 11, -68, 3.2) +
    oval(-4.5, -56, 5.5, 5, t.pale) +
    oval(4.5, -56, 5.5, 5, t.pale) +
    path("M-3,-61 L3,-61 L0,-57.5 Z", mix("#e08a98", t.ink, 0.1)),
  tail: (t) => disc(22, -9, 9, t.pale),
});

export const bear = sitting({
  head: "M-26,-68 C-26,-84 -15,-92 0,-92 C15,-92 26,-84 26,-68 C26,-52 14,-44 0,-44 C-14,-44 -26,-52 -26,-68 Z",
  ears: (t) =>
    [-20, 20].map((x) => disc(x, -87, 9.5, t.dark) + disc(x, -86, 5, darker(t.dark, 0.3))).join(""),
  face: (t) =>
    oval(0, -57, 12, 9.5, t.pale) +
    eyes(t, 11, -70) +
    oval(0, -61, 5, 3.6, t.ink) +
    line("M0,-58 L0,-53", t.ink, 1.6),
  tail: (t) =>
    oval(-21, -16, 8, 16, t.dark, `transform="rotate(14 -21 -16)"`) +
    oval(21, -16, 8, 16, t.dark, `transform="rotate(-14 21 -16)"`),
});

const legs = (t: Tones) =>
  path(
    "M12,-50 L19,-46 L15,-24 L14,0 L9,0 L10,-24 L6,-46 Z M-27,-54 C-29,-44 -24,-36 -22,-30 L-26,-18 L-24,0 L-19,0 L-20,-18 L-15,-34 L-12,-50 Z",
    t.dark,
  ) +
  path(
    "M18,-52 L28,-50 L24,-24 L25,0 L20,0 L19,-24 L13,-46 Z M-37,-60 C-39,-50 -34,-40 -32,-31 L-36,-19 L-33,0 L-28,0 L-30,-19 L-24,-35 C-18,-40 -16,-48 -18,-56 Z",
    t.base,
  );

const torso =
  "M-36,-62 C-24,-70 2,-66 14,-65 C21,-70 25,-80 27,-90 C29,-97 34,-99 39,-97 L53,-88 C56,-85 54,-81 49,-81 L39,-82 C35,-73 34,-60 29,-51 C25,-44 18,-42 11,-42 C0,-39 -12,-39 -22,-43 C-31,-46 -38,-53 -36,-62 Z";

export const deer: SubjectArt = (t) =>
  [
    legs(t),
    line(
      "M31,-96 C26,-106 30,-117 40,-124 M30,-105 C24,-108 21,-114 21,-120 M32,-113 C30,-117 30,-121 32,-125",
      t.dark,
      2.4,
    ),
    path("M-36,-62 C-43,-62 -45,-54 -41,-48 C-37,-52 -35,-57 -35,-60 Z", t.pale),
    path(torso, t.base),
    line(
      "M36,-96 C36,-106 42,-113 51,-116 M38,-106 C43,-106 48,-106 52,-107 M44,-113 C44,-118 46,-122 49,-125",
      t.dark,
      2.4,
    ),
    path(
      "M29,-51 C34,-60 35,-73 39,-82 L33,-84 C29,-72 27,-60 16,-46 C22,-44 26,-47 29,-51 Z",
      t.pale,
      `opacity=".8"`,
    ),
    path("M30,-92 C24,-96 19,-96 17,-101 C24,-102 31,-99 34,-95 Z", t.dark),
    disc(39, -90, 1.7, t.ink),
    oval(52.5, -84.5, 2, 2.4, t.ink),
    [-22, -14, -8, -2, -17]
      .map((x, i) => disc(x, -60 + (i % 2) * 5, 1.5, t.pale, `opacity=".8"`))
      .join(""),
  ].join("");

export const horse: SubjectArt = (t) =>
  [
    path("M-34,-62 C-46,-62 -52,-48 -48,-22 C-42,-30 -40,-44 -34,-52 Z", darker(t.dark, 0.25)),
    legs(t),
    path(
      "M-36,-62 C-24,-70 2,-66 12,-65 C16,-72 20,-84 26,-92 C30,-98 34,-100 38,-98 L56,-84 C59,-80 56,-76 50,-76 L41,-78 C39,-70 36,-60 30,-51 C25,-44 18,-42 11,-42 C0,-39 -12,-39 -22,-43 C-31,-46 -38,-53 -36,-62 Z",
      t.base,
    ),
    path("M33,-98 L35,-107 L38.5,-97 Z", t.base),
    path(
      "M36,-99 C26,-104 18,-92 16,-82 C13,-74 8,-70 5,-63 C14,-62 20,-66 23,-74 C26,-82 30,-88 36,-92 Z",
      darker(t.dark, 0.25),
    ),
    path("M46,-88 L56,-84 C59,-80 56,-76 50,-76 L46,-77 Z", t.light),
    disc(40, -90, 1.8, t.ink),
    path("M20,-5 L25,-5 L25,0 L20,0 Z M-33,-5 L-28,-5 L-28,0 L-33,0 Z", t.ink),
  ].join("");
