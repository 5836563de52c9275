import { type Color, luma, rgbOf } from "./color.ts";
import { effects, saturate } from "./effects.ts";
import { createRandom, hashText, type Random } from "./random.ts";
import { blend, cloudNoise, mapPixels, type Raster, through } from "./raster.ts";
import { formsOf, namesIn, wordsOf } from "./scene-plan.ts";
import { colorWords, seasonWords, timeWords, weatherWords } from "./setting-words.ts";
import { styleWords } from "./style-words.ts";

/** A light or a season laid over a given picture. */
interface Grade {
  shadows: Color;
  lights: Color;
  /** How far towards the two colours. */
  amount: number;
  saturation: number;
  brightness: number;
}

const grades = {
  night: { shadows: "#050a26", lights: "#a9c6ff", amount: 0.72, saturation: 0.8, brightness: 0.62 },
  sunset: {
    shadows: "#451a4a",
    lights: "#ffc476",
    amount: 0.52,
    saturation: 1.2,
    brightness: 0.98,
  },
  dawn: { shadows: "#4a4a7c", lights: "#ffe2c8", amount: 0.46, saturation: 0.9, brightness: 1.06 },
  day: { shadows: "#24405c", lights: "#fff8e0", amount: 0.2, saturation: 1.25, brightness: 1.1 },
  winter: { shadows: "#2f5488", lights: "#e6f0fc", amount: 0.64, saturation: 0.5, brightness: 1 },
  autumn: { shadows: "#4a1f12", lights: "#ffd08a", amount: 0.5, saturation: 1.15, brightness: 1 },
  spring: { shadows: "#35604a", lights: "#fff0f4", amount: 0.34, saturation: 1.2, brightness: 1.1 },
  summer: { shadows: "#1f4a4a", lights: "#fff4cc", amount: 0.3, saturation: 1.3, brightness: 1.06 },
  rain: { shadows: "#1f2c3c", lights: "#c4d2dc", amount: 0.5, saturation: 0.55, brightness: 0.84 },
  fog: { shadows: "#8a98a4", lights: "#f0f3f4", amount: 0.66, saturation: 0.5, brightness: 1.08 },
} as const satisfies Record<string, Grade>;

/**
 * Redraws a given picture as the words say: light and season first, then colours, what falls
 * from the sky, and the manner of drawing. `strength` 0 returns the picture, 1 the full effect.
 */
export async function restyle(
  picture: Raster,
  prompt: string,
  negativePrompt: string,
  seed: number,
  strength: number,
): Promise<Raster> {
  if (strength <= 0) return picture;
  const refused = new Set(wordsOf(negativePrompt).flatMap(formsOf));
  const words = wordsOf(prompt).filter((word) => !formsOf(word).some((form) => refused.has(form)));
  const random = createRandom(hashText(`restyle:${seed}:${words.join(" ")}`));

  const weather = namesIn(weatherWords, words);
  const lights = [
    ...namesIn(seasonWords, words),
    ...namesIn(timeWords, words),
    ...weather.filter((name) => name !== "snow"),
  ];
  const styles = namesIn(styleWords, words);
  const tints = words.flatMap((word) => colorWords.get(word) ?? []);

  let result = picture;
  for (const name of new Set(lights))
    result = grade(result, grades[name], random.between(0.92, 1.08));
  for (const color of tints.slice(0, 3)) result = tint(result, color, 0.72);
  if (lights.length + tints.length + styles.length + weather.length === 0)
    result = await unnamed(result, words, random);
  for (const style of styles) result = await effects[style](result, random.fork(style));
  if (weather.includes("snow") || lights.includes("winter"))
    result = snowfall(result, random.fork("snow"));
  if (weather.includes("rain")) result = await rainfall(result, random.fork("rain"));
  return blend(picture, result, Math.min(1, strength));
}

/** Maps dark to one colour and light to another, and mixes that with the picture. */
function grade(
  picture: Raster,
  { shadows, lights, amount, saturation, brightness }: Grade,
  vary: number,
): Raster {
  const [r0, g0, b0] = rgbOf(shadows);
  const [r1, g1, b1] = rgbOf(lights);
  const share = Math.min(0.85, amount * vary);
  return mapPixels(saturate(picture, saturation), (r, g, b, _x, _y, out, at) => {
    const level = luma(r, g, b) / 255;
    out[at] = (r + (r0 + (r1 - r0) * level - r) * share) * brightness;
    out[at + 1] = (g + (g0 + (g1 - g0) * level - g) * share) * brightness;
    out[at + 2] = (b + (b0 + (b1 - b0) * level - b) * share) * brightness;
  });
}

/** Colours the picture and keeps how light each part is. */
function tint(picture: Raster, color: Color, amount: number): Raster {
  const [red, green, blue] = rgbOf(color);
  const wanted = Math.max(1, luma(red, green, blue));
  return mapPixels(picture, (r, g, b, _x, _y, out, at) => {
    const level = luma(r, g, b);
    // Below its own lightness the colour is darkened to the pixel's, above it is mixed with white.
    const keep =
      Math.min(1, level / wanted) * (level < wanted ? 1 : (256 - level) / (256 - wanted));
    const white = level < wanted ? 0 : (255 * (level - wanted)) / (256 - wanted);
    out[at] = r + (red * keep + white - r) * amount;
    out[at + 1] = g + (green * keep + white - g) * amount;
    out[at + 2] = b + (blue * keep + white - b) * amount;
  });
}

/** Words in no table still do something: two tones and a manner that come from them. */
async function unnamed(picture: Raster, words: readonly string[], random: Random): Promise<Raster> {
  const chosen = createRandom(hashText(words.join(" ")));
  const colors = [...colorWords.values()];
  const pick = () => colors[chosen.whole(0, colors.length - 1)] ?? "#d8694c";
  const [shadows, lights] = [pick(), pick()];
  const toned = grade(
    picture,
    { shadows, lights, amount: 0.42, saturation: 1.2, brightness: 1.04 },
    random.between(0.85, 1.1),
  );
  const manner = chosen.pick(["oil", "watercolor", "comic", "grain"] as const);
  return effects[manner](toned, random);
}

/** Flakes of three sizes, and a little snow-light from below. */
function snowfall(picture: Raster, random: Random): Raster {
  const { widthPx: w, heightPx: h } = picture;
  const data = Uint8Array.from(picture.data);
  const unit = Math.max(0.7, Math.min(w, h) / 700);
  const count = Math.round(Math.min(900, 150 + (w * h) / 2400));
  for (let i = 0; i < count; i++) {
    const [cx, cy] = [random.between(0, w), random.between(0, h)];
    const r = (random.next() ** 3 * 5 + 1.1) * unit;
    const opacity = random.between(0.5, 0.95);
    for (let y = Math.max(0, Math.floor(cy - r)); y <= Math.min(h - 1, cy + r); y++) {
      for (let x = Math.max(0, Math.floor(cx - r)); x <= Math.min(w - 1, cx + r); x++) {
        const cover = Math.max(0, Math.min(1, r + 0.5 - Math.hypot(x - cx, y - cy))) * opacity;
        for (let at = (y * w + x) * 3, end = at + 3; at < end; at++)
          data[at] = (data[at] ?? 0) + (255 - (data[at] ?? 0)) * cover;
      }
    }
  }
  const drift = cloudNoise(random, Math.max(20, w / 9));
  return mapPixels({ ...picture, data }, (r, g, b, x, y, out, at) => {
    const veil = Math.max(0, (y / h - 0.6) * 0.9 + drift(x, y) * 0.14) * 0.7;
    out[at] = r + (244 - r) * veil;
    out[at + 1] = g + (248 - g) * veil;
    out[at + 2] = b + (255 - b) * veil;
  });
}

/** Slanted streaks over a slightly wet picture. */
async function rainfall(picture: Raster, random: Random): Promise<Raster> {
  const { widthPx: w, heightPx: h } = picture;
  const slant = random.between(-0.3, -0.14);
  let d = "";
  for (let i = 0; i < 260; i++) {
    const long = (random.between(0.02, 0.06) * h) | 0;
    d += `M${random.whole(0, Math.round(w * 1.15))},${random.whole(-long, h)} l${(slant * long).toFixed(1)},${long} `;
  }
  const width = Math.max(1, Math.min(w, h) / 520).toFixed(1);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}"><path d="${d}" stroke="#e8f2f8" stroke-opacity=".42" stroke-width="${width}" fill="none"/></svg>`;
  return through(picture, (image) => image.composite([{ input: Buffer.from(svg) }]));
}
