/** A style preset: words that are put behind the prompt. Documented in the README. */
export interface StylePreset {
  name: string;
  label: string;
  suffix: string;
}

export const stylePresets: readonly StylePreset[] = [
  {
    name: "photo",
    label: "Photograph",
    suffix: "photograph, natural light, 35 mm lens, sharp focus",
  },
  {
    name: "cinematic",
    label: "Film still",
    suffix: "cinematic film still, dramatic lighting, shallow depth of field",
  },
  {
    name: "watercolor",
    label: "Watercolour",
    suffix: "watercolor painting, soft washes, paper texture",
  },
  {
    name: "oil",
    label: "Oil painting",
    suffix: "oil painting, visible brush strokes, rich colours",
  },
  { name: "ink", label: "Ink drawing", suffix: "black ink drawing, line art, cross-hatching" },
  { name: "pencil", label: "Pencil sketch", suffix: "pencil sketch, graphite shading" },
  {
    name: "comic",
    label: "Comic",
    suffix: "comic book illustration, bold outlines, halftone poster colours",
  },
  { name: "anime", label: "Anime", suffix: "anime illustration, clean lines, vivid colours" },
  { name: "pixel", label: "Pixel art", suffix: "pixel art, 16-bit game, limited palette" },
  { name: "papercut", label: "Paper cut", suffix: "layered paper cut, soft shadows" },
  { name: "vintage", label: "Vintage", suffix: "vintage print, faded sepia colours, film grain" },
  { name: "neon", label: "Neon", suffix: "neon lights, dark background, glowing colours" },
];

export function findStyle(name: string): StylePreset | undefined {
  const wanted = name.trim().toLowerCase();
  return stylePresets.find(
    (style) => style.name === wanted || style.label.toLowerCase() === wanted,
  );
}

/** The full text that a model is given. */
export function promptWithStyle(prompt: string, style: string | undefined): string {
  const preset = style === undefined ? undefined : findStyle(style);
  return preset === undefined ? prompt : `${prompt}, ${preset.suffix}`;
}
