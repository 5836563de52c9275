import { luma } from "./color.ts";
import type { Random } from "./random.ts";
import {
  cloudNoise,
  edges,
  lightness,
  mapPixels,
  noiseTile,
  type Raster,
  through,
} from "./raster.ts";
import type { Style } from "./style-words.ts";

/** Turns a finished picture into another manner. Deterministic for the same random stream. */
export type Effect = (raster: Raster, random: Random) => Raster | Promise<Raster>;

export const effects: Record<Style, Effect> = {
  pixel: async (raster, random) => {
    const cells = Math.round(Math.max(raster.widthPx, raster.heightPx) / random.whole(112, 136));
    const cell = Math.max(2, cells);
    const [w, h] = [
      Math.max(1, Math.round(raster.widthPx / cell)),
      Math.max(1, Math.round(raster.heightPx / cell)),
    ];
    const small = await through(raster, (image) =>
      image.resize(w, h, { fit: "fill", kernel: "cubic" }),
    );
    const flat = posterise(saturate(small, 1.3), 9);
    return through(flat, (image) =>
      image.resize(raster.widthPx, raster.heightPx, { fit: "fill", kernel: "nearest" }),
    );
  },

  watercolor: async (raster, random) => {
    const soft = await smear(raster, 7);
    const wash = cloudNoise(random, Math.max(24, raster.widthPx / 22));
    const pigment = cloudNoise(random, 9);
    const paper = noiseTile(random, 256);
    const rim = edges(soft);
    const w = raster.widthPx;
    return mapPixels(saturate(soft, 1.22), (r, g, b, x, y, out, at) => {
      // Pigment gathers at edges and in washes; paper shows through where it is thin.
      const dark = (rim[y * w + x] ?? 0) * 0.17;
      const flow = wash(x, y) * 20 + pigment(x, y) * 8 + paper(x, y) * 7 + 13;
      out[at] = r * 0.9 + 26 + flow - dark;
      out[at + 1] = g * 0.9 + 25 + flow - dark;
      out[at + 2] = b * 0.9 + 24 + flow - dark;
    });
  },

  oil: async (raster, random) => {
    const soft = await smear(raster, 9);
    const [along, across] = [cloudNoise(random, 5), cloudNoise(random, 19)];
    return mapPixels(saturate(soft, 1.3), (r, g, b, x, y, out, at) => {
      const stroke = along(x + across(x, y) * 30, (y + across(y, x) * 26) * 0.3) * 20;
      out[at] = (r - 128) * 1.08 + 128 + stroke;
      out[at + 1] = (g - 128) * 1.08 + 128 + stroke;
      out[at + 2] = (b - 128) * 1.08 + 128 + stroke;
    });
  },

  pencil: async (raster, random) => {
    const soft = await through(raster, (image) => image.blur(Math.max(2, raster.widthPx / 130)));
    const [light, around] = [lightness(raster), lightness(soft)];
    const [tooth, hatch] = [noiseTile(random, 256), cloudNoise(random, 3)];
    const w = raster.widthPx;
    return mapPixels(raster, (_r, _g, _b, x, y, out, at) => {
      const i = y * w + x;
      // Colour dodge with the blurred negative leaves lines; the tone comes back as hatching.
      const dodge = Math.min(1, (light[i] ?? 0) / Math.max(24, around[i] ?? 0));
      const tone = (light[i] ?? 0) / 255;
      const stroke = hatch(x + y, (x - y) * 0.16) * 34 * (1 - tone) + tooth(x, y) * 13;
      const value = dodge ** 2.6 * (158 + 88 * tone ** 0.7) + stroke;
      out[at] = value + 6;
      out[at + 1] = value + 3;
      out[at + 2] = value - 4;
    });
  },

  ink: async (raster, random) => {
    const soft = await through(raster, (image) => image.blur(1.1));
    const [rim, light] = [edges(soft), lightness(soft)];
    const w = raster.widthPx;
    const step = random.whole(5, 7);
    const wobble = cloudNoise(random, 30);
    return mapPixels(raster, (_r, _g, _b, x, y, out, at) => {
      const i = y * w + x;
      const tone = light[i] ?? 0;
      const outline = (rim[i] ?? 0) > 46;
      const row = Math.abs((((x + y + wobble(x, y) * 5) % step) / step) * 2 - 1);
      const cross = Math.abs((((x - y + 9999 + wobble(y, x) * 5) % step) / step) * 2 - 1);
      const hatched = row < (150 - tone) / 150 || (tone < 70 && cross < (86 - tone) / 80);
      const isInk = outline || hatched;
      out[at] = isInk ? 30 : 248;
      out[at + 1] = isInk ? 30 : 244;
      out[at + 2] = isInk ? 44 : 232;
    });
  },

  noir: (raster, random) => {
    const noise = noiseTile(random, 256);
    const vignette = vignetteOf(raster, 0.55);
    return mapPixels(raster, (r, g, b, x, y, out, at) => {
      const level = luma(r, g, b) / 255;
      const curve = level * level * (3 - 2 * level);
      const value = (curve * 0.75 + level * 0.25) * 262 * vignette(x, y) - 6 + noise(x, y) * 10;
      out[at] = value;
      out[at + 1] = value;
      out[at + 2] = value + 2;
    });
  },

  vintage: (raster, random) => {
    const noise = noiseTile(random, 256);
    const vignette = vignetteOf(raster, 0.38);
    const warmth = random.between(0.5, 0.72);
    return mapPixels(raster, (r, g, b, x, y, out, at) => {
      const level = luma(r, g, b);
      const shade = vignette(x, y);
      const grain = noise(x, y) * 9;
      out[at] = (r + (level * 1.07 + 14 - r) * warmth) * 0.86 * shade + 36 + grain;
      out[at + 1] = (g + (level * 0.95 + 6 - g) * warmth) * 0.86 * shade + 26 + grain;
      out[at + 2] = (b + (level * 0.72 - b) * warmth) * 0.84 * shade + 26 + grain;
    });
  },

  neon: async (raster, random) => {
    const rim = edges(await through(raster, (image) => image.blur(1.2)));
    const hue = random.next() * Math.PI * 2;
    const w = raster.widthPx;
    const lines = mapPixels(raster, (_r, _g, _b, x, y, out, at) => {
      const edge = Math.min(255, (rim[y * w + x] ?? 0) * 1.7);
      const turn = hue + (x / w) * 2.4 + (y / raster.heightPx) * 1.6;
      out[at] = edge * (0.62 + 0.38 * Math.sin(turn));
      out[at + 1] = edge * (0.45 + 0.4 * Math.sin(turn + 2.4));
      out[at + 2] = edge * (0.72 + 0.28 * Math.sin(turn + 4.2));
    });
    const glow = await through(lines, (image) => image.blur(Math.max(3, w / 110)));
    const base = saturate(raster, 1.6).data;
    return mapPixels(lines, (r, g, b, _x, _y, out, at) => {
      out[at] = (base[at] ?? 0) * 0.62 + 10 + r * 0.8 + (glow.data[at] ?? 0) * 1.5;
      out[at + 1] = (base[at + 1] ?? 0) * 0.5 + g * 0.8 + (glow.data[at + 1] ?? 0) * 1.5;
      out[at + 2] = (base[at + 2] ?? 0) * 0.74 + 26 + b * 0.8 + (glow.data[at + 2] ?? 0) * 1.5;
    });
  },

  comic: async (raster, random) => {
    const soft = await smear(raster, 5);
    const flat = posterise(saturate(soft, 1.5), 7);
    const [rim, light] = [edges(await through(soft, (image) => image.blur(1))), lightness(raster)];
    const w = raster.widthPx;
    const pitch = Math.max(5, Math.round(w / random.whole(130, 170)));
    return mapPixels(flat, (r, g, b, x, y, out, at) => {
      const i = y * w + x;
      const isLine = (rim[i] ?? 0) > 70;
      const [dx, dy] = [((x + y) % pitch) - pitch / 2, ((x - y + 99_990) % pitch) - pitch / 2];
      const reach = pitch * 0.62 * (1 - (light[i] ?? 0) / 255);
      const dot = dx * dx + dy * dy < reach * reach ? 0.82 : 1;
      const keep = isLine ? 0.12 : dot;
      out[at] = r * keep;
      out[at + 1] = g * keep;
      out[at + 2] = b * keep + (isLine ? 12 : 0);
    });
  },

  dream: async (raster) => {
    const soft = await through(raster, (image) => image.blur(Math.max(3, raster.widthPx / 85)));
    return mapPixels(raster, (r, g, b, _x, _y, out, at) => {
      const screen = (a: number, c: number) => 255 - ((255 - a) * (255 - c * 0.72)) / 255;
      const [sr, sg, sb] = [soft.data[at] ?? 0, soft.data[at + 1] ?? 0, soft.data[at + 2] ?? 0];
      out[at] = screen(r * 0.42 + sr * 0.4, sr) + 4;
      out[at + 1] = screen(g * 0.42 + sg * 0.4, sg);
      out[at + 2] = screen(b * 0.42 + sb * 0.4, sb) + 3;
    });
  },

  grain: (raster, random) => grain(raster, random, 26),

  contrast: (raster) => {
    const vignette = vignetteOf(raster, 0.3);
    return mapPixels(saturate(raster, 1.28), (r, g, b, x, y, out, at) => {
      const shade = vignette(x, y);
      out[at] = ((r - 122) * 1.2 + 126) * shade;
      out[at + 1] = ((g - 122) * 1.2 + 123) * shade;
      out[at + 2] = ((b - 122) * 1.2 + 122) * shade;
    });
  },

  pastel: (raster) =>
    mapPixels(saturate(raster, 0.78), (r, g, b, _x, _y, out, at) => {
      out[at] = r * 0.62 + 97;
      out[at + 1] = g * 0.62 + 92;
      out[at + 2] = b * 0.62 + 95;
    }),

  dark: (raster) => {
    const vignette = vignetteOf(raster, 0.6);
    return mapPixels(saturate(raster, 0.72), (r, g, b, x, y, out, at) => {
      const shade = vignette(x, y) * 0.66;
      out[at] = r * shade * 0.92;
      out[at + 1] = g * shade * 0.96;
      out[at + 2] = b * shade * 1.04 + 6;
    });
  },
};

/** A fine print grain; every drawing gets a little. */
export function grain(raster: Raster, random: Random, strength: number): Raster {
  const noise = noiseTile(random, 256);
  return mapPixels(raster, (r, g, b, x, y, out, at) => {
    const speck = noise(x, y) * strength;
    out[at] = r + speck;
    out[at + 1] = g + speck;
    out[at + 2] = b + speck;
  });
}

/** Patches of one colour: a median at half size, where it costs a quarter. */
async function smear(raster: Raster, sizePx: number): Promise<Raster> {
  const { widthPx, heightPx } = raster;
  const [w, h] = [Math.max(1, widthPx >> 1), Math.max(1, heightPx >> 1)];
  const small = await through(raster, (image) => image.resize(w, h, { fit: "fill" }));
  const flat = await through(small, (image) => image.median(Math.max(3, sizePx - 2)));
  const back = await through(flat, (image) =>
    image.resize(widthPx, heightPx, { fit: "fill", kernel: "cubic" }),
  );
  return back;
}

export function saturate(raster: Raster, amount: number): Raster {
  return mapPixels(raster, (r, g, b, _x, _y, out, at) => {
    const level = luma(r, g, b);
    out[at] = level + (r - level) * amount;
    out[at + 1] = level + (g - level) * amount;
    out[at + 2] = level + (b - level) * amount;
  });
}

/** Fewer steps of lightness; the hue stays, where rounding each channel would change it. */
function posterise(raster: Raster, levels: number): Raster {
  const step = 255 / (levels - 1);
  return mapPixels(raster, (r, g, b, _x, _y, out, at) => {
    const level = Math.max(1, luma(r, g, b));
    const scale = Math.max(step * 0.35, Math.round(level / step) * step) / level;
    out[at] = Math.round((r * scale) / 12) * 12;
    out[at + 1] = Math.round((g * scale) / 12) * 12;
    out[at + 2] = Math.round((b * scale) / 12) * 12;
  });
}

/** 1 in the middle, falling by `depth` to the corners. */
function vignetteOf(
  { widthPx, heightPx }: Raster,
  depth: number,
): (x: number, y: number) => number {
  return (x, y) => {
    const [dx, dy] = [(x / widthPx) * 2 - 1, (y / heightPx) * 2 - 1];
    const reach = (dx * dx + dy * dy) / 2;
    return 1 - depth * reach * reach * (3 - 2 * reach);
  };
}
