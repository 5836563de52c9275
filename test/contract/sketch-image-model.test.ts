import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { createSketchImageModel } from "../../src/drivers/sketch/sketch-image-model.ts";
import type { DrawRequest } from "../../src/ports/index.ts";
import { imageModelContract, picture, request } from "./image-model-contract.ts";

imageModelContract("The sketch model", createSketchImageModel, { exactRatio: true });

describe("the sketch model", () => {
  const model = createSketchImageModel();
  const draw = async (changes: Partial<DrawRequest>) =>
    (await model.draw(request(model, changes), { signal: AbortSignal.timeout(20_000) })).bytes;

  it("draws about one megapixel in every ratio", async () => {
    const { width, height } = await sharp(await draw({ aspectRatio: "21:9" })).metadata();
    expect(width * height).toBeGreaterThan(950_000);
    expect(width * height).toBeLessThan(1_100_000);
  });

  it("draws the same bytes again with another model instance", async () => {
    const again = createSketchImageModel().draw(request(model), {
      signal: AbortSignal.timeout(20_000),
    });
    expect(Buffer.from((await again).bytes).equals(await draw({}))).toBe(true);
  });

  it("draws something clearly different for another seed", async () => {
    expect(await difference(await draw({ seed: 1 }), await draw({ seed: 2 }))).toBeGreaterThan(8);
  });

  it("draws something clearly different for words it does not know", async () => {
    const [one, other] = [
      await draw({ prompt: "flimmerich ostwelt" }),
      await draw({ prompt: "quandrel mivvy" }),
    ];
    expect(await difference(one, other)).toBeGreaterThan(5);
  });

  it("gives a colour word to the thing it stands before", async () => {
    const [red, blue] = [
      await meanOf(await draw({ prompt: "a red car" })),
      await meanOf(await draw({ prompt: "a blue car" })),
    ];
    expect(red.r - blue.r).toBeGreaterThan(2);
    expect(blue.b - red.b).toBeGreaterThan(2);
  });

  it("tints the whole scene with a colour that belongs to nothing", async () => {
    const [plain, violet] = [
      await meanOf(await draw({ prompt: "hills at noon" })),
      await meanOf(await draw({ prompt: "hills at noon, all violet" })),
    ];
    expect(violet.r + violet.b - 2 * violet.g).toBeGreaterThan(
      plain.r + plain.b - 2 * plain.g + 20,
    );
  });

  it("is darker at night than by day", async () => {
    const [day, night] = [
      await meanOf(await draw({ prompt: "hills by day" })),
      await meanOf(await draw({ prompt: "hills at night" })),
    ];
    expect(day.r + day.g + day.b).toBeGreaterThan(1.5 * (night.r + night.g + night.b));
  });

  it("leaves out what the negative prompt names", async () => {
    const prompt = "a red balloon and a fox in the hills by day";
    const [both, foxOnly] = [
      await draw({ prompt }),
      await draw({ prompt, negativePrompt: "balloons" }),
    ];
    expect(await difference(both, foxOnly)).toBeGreaterThan(2);
    expect((await meanOf(both)).r - (await meanOf(both)).g).toBeGreaterThan(
      (await meanOf(foxOnly)).r - (await meanOf(foxOnly)).g,
    );
  });

  it.each([
    "constructor __proto__ toString",
    "<svg>&\"'</svg>",
    "狐狸 в лесу 🦊",
    "  ",
    "s es ies",
  ])("draws whatever it is told: %s", async (prompt) => {
    expect((await sharp(await draw({ prompt })).metadata()).width).toBe(1024);
  });

  it("draws every style visibly different from none", async () => {
    for (const style of [
      "pixel art",
      "watercolor oil",
      "pencil",
      "ink",
      "noir",
      "vintage grain",
      "neon",
      "comic",
      "dreamy",
      "pastel dark dramatic",
    ]) {
      expect(
        await difference(
          await draw({ prompt: "a fox in the hills by day" }),
          await draw({ prompt: `a fox in the hills by day, ${style}` }),
        ),
      ).toBeGreaterThan(1);
    }
  });
});

describe("the sketch model, starting from a picture", () => {
  const model = createSketchImageModel();
  const restyle = async (prompt: string, strength: number, seed = 7) => {
    const init = { ...(await picture(240, 160, "png")), strength };
    return (
      await model.draw(request(model, { prompt, seed, init, outputFormat: "png" }), {
        signal: AbortSignal.timeout(20_000),
      })
    ).bytes;
  };

  it.each([
    "winter",
    "sunset",
    "night",
    "watercolor",
    "pixel art",
    "pencil sketch",
    "noir",
    "vintage",
    "neon city",
    "comic poster",
    "dreamy",
    "all blue",
    "qwertz asdf",
    "rain",
    "fog",
  ])("goes farther from the picture the stronger it is asked to: %s", async (prompt) => {
    const { bytes } = await picture(240, 160, "png");
    const distances: number[] = [];
    for (const strength of [0, 0.25, 0.5, 0.75, 1])
      distances.push(await difference(bytes, await restyle(prompt, strength)));
    expect(distances[0]).toBe(0);
    for (const [i, distance] of distances.entries())
      expect(distance).toBeGreaterThan(i === 0 ? -1 : (distances[i - 1] ?? 0));
    expect(distances[4]).toBeGreaterThan(4);
  });

  it("keeps the size of the picture", async () => {
    const { width, height } = await sharp(await restyle("winter", 1)).metadata();
    expect([width, height]).toEqual([240, 160]);
  });

  it("varies with the seed", async () => {
    expect(
      await difference(await restyle("winter", 1, 1), await restyle("winter", 1, 2)),
    ).toBeGreaterThan(0.5);
  });

  it("says that a broken picture is broken", async () => {
    const init = {
      bytes: Buffer.from("no picture"),
      mediaType: "image/png",
      strength: 0.5,
    } as const;
    const drawn = model.draw(request(model, { init }), { signal: AbortSignal.timeout(20_000) });
    await expect(drawn).rejects.toMatchObject({ kind: "invalid_input", code: "InvalidImage" });
  });
});

async function meanOf(bytes: Uint8Array): Promise<{ r: number; g: number; b: number }> {
  const [r, g, b] = (await sharp(bytes).stats()).channels;
  return { r: r?.mean ?? 0, g: g?.mean ?? 0, b: b?.mean ?? 0 };
}

/** Mean absolute difference of two pictures of one size, 0–255. */
async function difference(one: Uint8Array, other: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all(
    [one, other].map((bytes) => sharp(bytes).removeAlpha().raw().toBuffer()),
  );
  if (a === undefined || b === undefined || a.length !== b.length)
    throw new Error("The sizes differ.");
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length;
}
