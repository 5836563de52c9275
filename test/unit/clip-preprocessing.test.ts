import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { normalisePixels, preparePixels } from "../../src/drivers/onnx/clip-preprocessing.ts";
import { resample } from "../../src/drivers/onnx/resample.ts";

const crop = { widthPx: 32, heightPx: 32 };
const cropped = { resize: { shortestEdgePx: 32 }, crop, kernel: "cubic" as const };

describe("preparing a picture", () => {
  it.each([
    ["wide", 640, 100],
    ["tall", 90, 700],
    ["one pixel", 1, 1],
    ["a line", 3_000, 2],
    ["odd", 33, 47],
  ])("gives the model's size for a %s one", async (_name, width, height) => {
    const png = await sharp({ create: { width, height, channels: 3, background: "#336699" } })
      .png()
      .toBuffer();
    const { pixels, widthPx, heightPx } = await preparePixels(png, cropped);
    expect([widthPx, heightPx, pixels.length]).toEqual([32, 32, 32 * 32 * 3]);
    expect([...new Set(pixels)].sort((a, b) => a - b)).toEqual([0x33, 0x66, 0x99]);
  });

  it("squashes where the model wants a width and a height", async () => {
    const left = await sharp({ create: { width: 50, height: 80, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    const png = await sharp({ create: { width: 100, height: 80, channels: 3, background: "blue" } })
      .composite([{ input: left, left: 0, top: 0 }])
      .png()
      .toBuffer();
    const { pixels } = await preparePixels(png, { resize: crop, crop: null, kernel: "linear" });
    const middleRow = [...pixels.subarray(16 * 32 * 3, 17 * 32 * 3)];
    expect(middleRow.slice(0, 3)).toEqual([255, 0, 0]);
    expect(middleRow.slice(-3)).toEqual([0, 0, 255]);
  });

  it.each([
    ["grey", (image: Sharp) => image.toColourspace("b-w").png()],
    ["16-bit", (image: Sharp) => image.toColourspace("rgb16").png()],
    ["CMYK", (image: Sharp) => image.toColourspace("cmyk").jpeg()],
    ["with a palette", (image: Sharp) => image.png({ palette: true })],
  ])("takes one that is %s", async (_name, convert) => {
    const grey = sharp({ create: { width: 64, height: 64, channels: 3, background: "#808080" } });
    const { pixels } = await preparePixels(await convert(grey).toBuffer(), cropped);
    expect(pixels.length).toBe(32 * 32 * 3);
    for (const byte of pixels) expect(Math.abs(byte - 0x80)).toBeLessThan(16);
  });

  it("sees white behind what is transparent", async () => {
    const clear = { r: 255, g: 0, b: 0, alpha: 0 };
    const png = await sharp({ create: { width: 64, height: 64, channels: 4, background: clear } })
      .png()
      .toBuffer();
    const { pixels } = await preparePixels(png, cropped);
    expect(new Set(pixels)).toEqual(new Set([255]));
  });

  it("turns bytes into planes of rescaled and normalised numbers", () => {
    const pixels = { pixels: Uint8Array.of(0, 51, 255, 255, 102, 0), widthPx: 2, heightPx: 1 };
    const values = normalisePixels(pixels, {
      scale: 1 / 255,
      mean: [0.5, 0.2, 0],
      std: [0.5, 0.1, 1],
    });
    expect([...values].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([-1, 1, 0, 2, 1, 0]);
  });
});

describe("enlarging", () => {
  it("leaves a picture of the right size as it is", () => {
    const pixels = Uint8Array.from({ length: 4 * 3 * 3 }, (_, at) => (at * 37) % 256);
    const source = { pixels, widthPx: 4, heightPx: 3 };
    const to = { widthPx: 4, heightPx: 3 };
    const same = resample(source, { to, window: { left: 0, top: 0, ...to }, kernel: "cubic" });
    expect([...same.pixels]).toEqual([...pixels]);
  });

  it("computes the same for a part as for the whole", () => {
    const pixels = Uint8Array.from({ length: 5 * 5 * 3 }, (_, at) => (at * 91) % 256);
    const source = { pixels, widthPx: 5, heightPx: 5 };
    const to = { widthPx: 20, heightPx: 20 };
    const whole = resample(source, { to, window: { left: 0, top: 0, ...to }, kernel: "cubic" });
    const window = { left: 7, top: 4, widthPx: 2, heightPx: 3 };
    const part = resample(source, { to, window, kernel: "cubic" });
    const rows = [4, 5, 6].flatMap((y) => [
      ...whole.pixels.subarray((y * 20 + 7) * 3, (y * 20 + 9) * 3),
    ]);
    expect([...part.pixels]).toEqual(rows);
  });
});
