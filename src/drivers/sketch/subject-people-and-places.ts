import { darker, lighter, mix } from "./color.ts";
import { box, disc, line, n, oval, path, type SubjectArt, type Tones } from "./svg-shapes.ts";

/** Seen from behind, looking into the scene: no face to get wrong, and the eye follows. */
export const person: SubjectArt = (t, random) => {
  const hair = mix(random.pick(["#3a2a24", "#5a3822", "#23222b", "#a86a32"]), t.ink, 0.25);
  const skin = mix(random.pick(["#e8b896", "#c68a62", "#8a5a3e", "#f0c8a8"]), t.ink, 0.1);
  return [
    path("M-11,-34 L-1,-34 L-2,-3 L-10,-3 Z M1,-34 L11,-34 L10,-3 L2,-3 Z", darker(t.ink, 0.1)),
    path("M-12,-4 L-1.5,-4 L-1.5,0 L-13,0 Z M1.5,-4 L12,-4 L13,0 L1.5,0 Z", t.dark),
    path(
      "M-15,-66 C-22,-62 -23,-44 -21,-34 L-15,-34 L-13,-56 Z M15,-66 C22,-62 23,-44 21,-34 L15,-34 L13,-56 Z",
      t.dark,
    ),
    disc(-18, -33, 3.3, skin),
    disc(18, -33, 3.3, skin),
    path(
      "M-15,-68 C-8,-72 8,-72 15,-68 C16,-52 18,-40 19,-26 C8,-23 -8,-23 -19,-26 C-18,-40 -16,-52 -15,-68 Z",
      t.base,
    ),
    path(
      "M0,-71 C8,-71 12,-70 15,-68 C16,-52 18,-40 19,-26 C14,-24 8,-24 3,-24 Z",
      t.dark,
      `opacity=".35"`,
    ),
    path(
      "M-10,-66 C-10,-70 10,-70 10,-66 L11,-44 C11,-39 -11,-39 -11,-44 Z",
      mix(t.accent, t.ink, 0.15),
    ),
    path("M-10.5,-53 L10.5,-53 L11,-46 L-11,-46 Z", darker(t.accent, 0.25)),
    box(-3.5, -74, 7, 7, skin),
    disc(0, -83, 11, hair),
    path("M-11,-71 C-6,-75 6,-75 11,-71 C12,-67 6,-65 0,-65 C-6,-65 -12,-67 -11,-71 Z", t.accent),
    path("M7,-68 C15,-66 22,-58 27,-62 C25,-54 14,-54 6,-62 Z", t.accent),
    path("M-12,-85 C-12,-100 12,-100 12,-85 C6,-88 -6,-88 -12,-85 Z", t.base),
    disc(0, -97.5, 3.4, t.pale),
  ].join("");
};

export const astronaut: SubjectArt = (t) => {
  const shade = mix(t.base, "#5b6a94", 0.42);
  return [
    box(-22, -68, 44, 38, shade, `rx="7"`),
    path("M-12,-34 L-1,-34 L-2,-4 L-13,-4 Z M1,-34 L12,-34 L13,-4 L2,-4 Z", t.base),
    path("M1,-34 L12,-34 L13,-4 L7,-4 Z", shade),
    box(-16, -8, 15, 8, shade, `rx="3.5"`) + box(1, -8, 15, 8, shade, `rx="3.5"`),
    line("M-17,-60 C-28,-56 -32,-46 -29,-38", t.base, 10) +
      line("M17,-60 C30,-62 35,-72 36,-80", t.base, 10),
    disc(-29, -36, 5.6, t.accent) + disc(36.3, -83, 5.6, t.accent),
    path("M-17,-68 L17,-68 C20,-52 18,-38 15,-30 L-15,-30 C-18,-38 -20,-52 -17,-68 Z", t.base),
    path("M5,-68 L17,-68 C20,-52 18,-38 15,-30 L7,-30 C11,-44 10,-56 5,-68 Z", shade),
    box(-10, -56, 17, 12, shade, `rx="2.5"`),
    disc(-6, -52, 1.9, "#e4574c") +
      disc(-0.5, -52, 1.9, "#f2c14e") +
      box(-7.5, -48.4, 12, 1.8, "#6fd0c8"),
    path("M-16.4,-39 L16.4,-39 L15.6,-34 L-15.6,-34 Z", t.accent),
    disc(0, -83, 20.5, t.base),
    path("M9,-101.4 A20.5,20.5 0 0 1 8,-64.2 C18,-74 18,-92 9,-101.4 Z", shade),
    oval(1, -82.5, 14.8, 13, "#2b2f58"),
    path(
      "M-12,-79 C-10,-68 10,-66 15,-79 C16,-90 6,-84 0,-80 C-4,-77 -9,-76 -12,-79 Z",
      "#f2a65a",
      `opacity=".85"`,
    ),
    path(
      "M-9,-86 C-8,-91 -4,-94 1,-94.5",
      "none",
      `stroke="#ffffff" stroke-width="2.6" stroke-linecap="round" opacity=".9"`,
    ),
  ].join("");
};

export const robot: SubjectArt = (t, random) => {
  const eye = random.pick(["#7ff2e4", "#ffd45e", "#ff8f70", "#9fd0ff"]);
  return [
    box(-13, -24, 9, 20, t.dark, `rx="3"`) + box(4, -24, 9, 20, t.dark, `rx="3"`),
    box(-18, -7, 17, 7, t.ink, `rx="3"`) + box(1, -7, 17, 7, t.ink, `rx="3"`),
    line("M-22,-52 L-31,-42 L-29,-30", t.dark, 6) + line("M22,-52 L33,-58 L36,-70", t.dark, 6),
    path(
      "M-34,-30 C-34,-23 -24,-23 -24,-30 L-27,-28 L-31,-28 Z M31,-72 C31,-79 41,-79 41,-72 L38,-74 L34,-74 Z",
      t.ink,
    ),
    box(-22, -60, 44, 38, t.base, `rx="7"`) + box(8, -60, 14, 38, t.dark, `rx="7" opacity=".5"`),
    box(-13, -53, 26, 17, t.pale, `rx="3"`),
    line("M-9,-44 L-5,-44 L-2,-49 L2,-40 L5,-44 L9,-44", t.accent, 2),
    [-8, 0, 8].map((x) => disc(x, -29, 2.2, t.accent)).join(""),
    box(-5, -66, 10, 8, t.ink),
    line("M0,-96 L0,-106", t.dark, 2.4) + disc(0, -108, 4.2, t.accent),
    box(-30, -84, 8, 12, t.dark, `rx="3"`) + box(22, -84, 8, 12, t.dark, `rx="3"`),
    box(-25, -97, 50, 34, t.base, `rx="10"`) + box(9, -97, 16, 34, t.dark, `rx="10" opacity=".45"`),
    box(-19, -90, 38, 19, "#232842", `rx="8"`),
    [-9, 9].map((x) => disc(x, -81, 7.4, eye, `opacity=".25"`) + disc(x, -81, 4.6, eye)).join(""),
    line("M-4,-74.5 C-2,-73 2,-73 4,-74.5", eye, 1.4),
  ].join("");
};

const glow = (t: Tones, x: number, y: number, r: number) =>
  t.lampsAreLit ? disc(x, y, r, t.lamp, `opacity=".16"`) : "";

const windowOf = (t: Tones, x: number, y: number, w: number, h: number) =>
  glow(t, x + w / 2, y + h / 2, w * 1.3) +
  box(x - 1.2, y - 1.2, w + 2.4, h + 2.4, t.pale) +
  box(x, y, w, h, t.lamp) +
  path(
    `M${n(x + w / 2 - 0.6)},${n(y)} h1.2 v${n(h)} h-1.2 Z M${n(x)},${n(y + h / 2 - 0.6)} h${n(w)} v1.2 h${n(-w)} Z`,
    t.pale,
  );

export const house: SubjectArt = (t) => {
  const wall = mix(t.pale, t.base, 0.12);
  return [
    [0, 1, 2, 3]
      .map((i) =>
        oval(
          34 + i * 7 + i * i,
          -92 - i * 13,
          4.5 + i * 2.6,
          4 + i * 2,
          t.pale,
          `opacity="${n(0.7 - i * 0.16)}"`,
        ),
      )
      .join(""),
    box(27, -86, 11, 30, t.dark) + box(25.4, -88, 14.2, 5, t.base),
    box(-44, -46, 88, 46, wall) + path("M4,-46 L44,-46 L44,0 L4,0 Z", t.ink, `opacity=".1"`),
    path("M-54,-44 L-34,-82 L40,-82 L56,-44 Z", t.base),
    path("M2,-44 L18,-82 L40,-82 L56,-44 Z", t.dark),
    path("M-44,-44 L-22,-78 L0,-44 Z", wall) + line("M-48,-42 L-22,-81 L4,-42", t.dark, 5),
    disc(-22, -55, 5.6, t.pale) + disc(-22, -55, 4.2, t.lamp),
    windowOf(t, -37, -35, 12, 15),
    windowOf(t, 14, -35, 11, 15) + windowOf(t, 30, -35, 9, 15),
    path("M-16,0 L-16,-23 C-16,-31 -2,-31 -2,-23 L-2,0 Z", t.accent) + disc(-5, -13, 1.2, t.pale),
    box(-18, -2.5, 18, 2.5, t.dark),
  ].join("");
};

export const castle: SubjectArt = (t) => {
  const tower = (x: number, w: number, h: number) =>
    box(x - w / 2, -h, w, h, t.base) +
    box(x + w * 0.14, -h, w * 0.36, h, t.dark, `opacity=".55"`) +
    path(
      `M${n(x - w * 0.66)},${n(-h)} L${n(x)},${n(-h - w * 1.5)} L${n(x + w * 0.66)},${n(-h)} Z`,
      t.accent,
    ) +
    path(
      `M${n(x + w * 0.14)},${n(-h)} L${n(x)},${n(-h - w * 1.5)} L${n(x + w * 0.66)},${n(-h)} Z`,
      darker(t.accent, 0.28),
    ) +
    line(`M${n(x)},${n(-h - w * 1.5)} v-9`, t.ink, 1.2) +
    path(`M${n(x)},${n(-h - w * 1.5 - 9)} l9,3 l-9,3 Z`, lighter(t.accent, 0.35)) +
    glow(t, x, -h + w * 0.7, w * 0.45) +
    path(
      `M${n(x - w * 0.12)},${n(-h + w * 0.9)} v${n(-w * 0.28)} a${n(w * 0.12)},${n(w * 0.12)} 0 0 1 ${n(w * 0.24)},0 v${n(w * 0.28)} Z`,
      t.lamp,
    );
  const teeth = (from: number, to: number, y: number) => {
    let d = "";
    for (let x = from; x < to - 3; x += 8) d += `M${n(x)},${n(y)} h5 v-6 h-5 Z `;
    return path(d, t.base);
  };
  return [
    tower(-18, 17, 74) + tower(20, 17, 66),
    box(-16, -66, 32, 66, mix(t.base, t.dark, 0.3)) + tower(1, 22, 86),
    box(-50, -40, 100, 40, t.base) + teeth(-46, 48, -39),
    path("M10,-40 L50,-40 L50,0 L10,0 Z", t.dark, `opacity=".25"`),
    tower(-50, 20, 54) + tower(50, 20, 50),
    path("M-12,0 L-12,-18 C-12,-32 12,-32 12,-18 L12,0 Z", t.dark) +
      path("M-9,0 L-9,-17 C-9,-28 9,-28 9,-17 L9,0 Z", darker(t.dark, 0.55)),
    line("M-4.5,-24 L-4.5,0 M0,-26 L0,0 M4.5,-24 L4.5,0 M-9,-14 L9,-14 M-9,-7 L9,-7", t.dark, 1),
    [-30, 28].map((x) => glow(t, x, -22, 7) + box(x - 2, -26, 4, 9, t.lamp, `rx="2"`)).join(""),
  ].join("");
};

export const lighthouse: SubjectArt = (t) => {
  const beam = t.lampsAreLit
    ? path("M0,-101 L150,-128 L150,-72 Z", t.lamp, `opacity=".26"`) +
      path("M0,-101 L-150,-122 L-150,-84 Z", t.lamp, `opacity=".16"`)
    : "";
  const band = (y1: number, y2: number) => {
    const half = (y: number) => 9 + (y + 92) * 0.075;
    return path(
      `M${n(-half(y1))},${y1} L${n(half(y1))},${y1} L${n(half(y2))},${y2} L${n(-half(y2))},${y2} Z`,
      t.base,
    );
  };
  return [
    beam,
    path(
      "M-34,2 C-30,-8 -20,-12 -12,-10 C0,-14 18,-13 24,-7 C32,-6 36,-1 38,2 Z",
      mix(t.ink, "#6b7080", 0.4),
    ),
    box(14, -26, 24, 22, t.pale) +
      path("M11,-25 L26,-38 L41,-25 Z", t.dark) +
      box(21, -19, 8, 8, t.lamp),
    path("M-9,-92 L9,-92 L15,-8 L-15,-8 Z", t.pale) +
      band(-84, -68) +
      band(-52, -36) +
      band(-22, -9),
    path("M3,-92 L9,-92 L15,-8 L5,-8 Z", t.ink, `opacity=".2"`),
    box(-13, -96, 26, 4.5, t.dark, `rx="1.5"`),
    disc(0, -102, 14, t.lamp, `opacity="${t.lampsAreLit ? 0.4 : 0}"`),
    box(-7, -109, 14, 13, t.lamp) + line("M-2.4,-109 V-96 M2.4,-109 V-96", t.dark, 1),
    path("M-10,-108.5 C-9,-120 9,-120 10,-108.5 Z", t.base) + line("M0,-117 V-123", t.dark, 1.6),
    box(-2.4, -64, 4.8, 8, t.lamp, `rx="2.4"`) + box(-3, -20, 6, 10, t.dark, `rx="3"`),
  ].join("");
};
