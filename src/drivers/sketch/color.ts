type Rgb = readonly [red: number, green: number, blue: number];

/** Six hex digits with a leading `#`; nothing else is ever written into a scene. */
export type Color = string;

export function rgbOf(color: Color): Rgb {
  const value = Number.parseInt(color.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function colorOf([red, green, blue]: Rgb): Color {
  const clamp = (channel: number) => Math.min(255, Math.max(0, Math.round(channel)));
  const value = (clamp(red) << 16) | (clamp(green) << 8) | clamp(blue);
  return `#${value.toString(16).padStart(6, "0")}`;
}

/** `amount` 0 is `from`, 1 is `to`. */
export function mix(from: Color, to: Color, amount: number): Color {
  const [r1, g1, b1] = rgbOf(from);
  const [r2, g2, b2] = rgbOf(to);
  return colorOf([r1 + (r2 - r1) * amount, g1 + (g2 - g1) * amount, b1 + (b2 - b1) * amount]);
}

export const lighter = (color: Color, amount: number) => mix(color, "#ffffff", amount);
export const darker = (color: Color, amount: number) => mix(color, "#10131f", amount);

/** Perceived lightness, 0–255 (Rec. 601). */
export function luma(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Turns the hue and scales the saturation about the grey of the same lightness. */
export function shift(color: Color, hueDegrees: number, saturation = 1): Color {
  const [red, green, blue] = rgbOf(color);
  const angle = (hueDegrees * Math.PI) / 180;
  const cos = Math.cos(angle) * saturation;
  const sin = Math.sin(angle) * saturation;
  // The YIQ rotation: y stays, (i, q) turns.
  const y = luma(red, green, blue);
  const i = 0.596 * red - 0.274 * green - 0.322 * blue;
  const q = 0.211 * red - 0.523 * green + 0.312 * blue;
  const i2 = i * cos - q * sin;
  const q2 = i * sin + q * cos;
  return colorOf([
    y + 0.956 * i2 + 0.621 * q2,
    y - 0.272 * i2 - 0.647 * q2,
    y - 1.106 * i2 + 1.703 * q2,
  ]);
}
