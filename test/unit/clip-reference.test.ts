import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readClipModelFolder } from "../../src/drivers/onnx/clip-model-folder.ts";
import { preparePixels } from "../../src/drivers/onnx/clip-preprocessing.ts";
import { createClipTokenizer } from "../../src/drivers/onnx/clip-tokenizer.ts";
import { clipReference } from "../fixtures/clip-reference.ts";

const isHere = existsSync(join(clipReference, "golden-tokens.json"));
if (!isHere) {
  console.log(
    `No CLIP reference data in ${clipReference}: set ATELIER_CLIP_REFERENCE to compare tokens and pixels with the reference implementation's.`,
  );
}

describe.runIf(isHere)("CLIP's reference data", () => {
  const json = (name: string) => JSON.parse(readFileSync(join(clipReference, name), "utf8"));

  it("has the token ids of the reference tokenizer for every text", () => {
    const golden: { text: string; ids: number[] }[] = json("golden-tokens.json");
    const tokenizer = createClipTokenizer({
      tokenizer: json("tokenizer.json"),
      config: json("tokenizer_config.json"),
      lengths: [16, 32, 77],
      padToken: "<|endoftext|>",
      isLowerCased: false,
    });
    const found = golden.map(({ text }) => {
      const { ids, mask } = tokenizer.encode(text);
      return { text, ids: ids.filter((_, at) => mask[at] === 1) };
    });
    expect(found.length).toBeGreaterThanOrEqual(20);
    expect(found).toEqual(golden.map(({ text, ids }) => ({ text, ids })));
  });

  it("pads to 16, 32 or 77 tokens, and cuts a longer text before its end token", () => {
    const tokenizer = createClipTokenizer({
      tokenizer: json("tokenizer.json"),
      config: json("tokenizer_config.json"),
      lengths: [16, 32, 77],
      padToken: "<|endoftext|>",
      isLowerCased: false,
    });
    const lengthOf = (words: number) => tokenizer.encode("sea ".repeat(words)).ids.length;
    expect([1, 14, 15, 30, 31, 75, 76, 900].map(lengthOf)).toEqual([
      16, 16, 32, 32, 77, 77, 77, 77,
    ]);
    const fits = tokenizer.encode("sea ".repeat(75));
    const long = tokenizer.encode("sea ".repeat(76));
    expect([fits.isTruncated, long.isTruncated]).toEqual([false, true]);
    expect(long.ids).toEqual(fits.ids);
    expect(long.ids.at(-1)).toBe(49407);
  });

  it.each(["small", "tall", "wide"])(
    "has the pixels of the reference preprocessing for %s.png, within 0.3 of 255 on average",
    async (name) => {
      const expected = readFileSync(join(clipReference, `${name}.224.rgb`));
      const picture = readFileSync(join(clipReference, `${name}.png`));
      const { pixels } = await preparePixels(picture, {
        resize: { shortestEdgePx: 224 },
        crop: { widthPx: 224, heightPx: 224 },
        kernel: "cubic",
      });
      expect(pixels.length).toBe(expected.length);
      const off = pixels.reduce((sum, byte, at) => sum + Math.abs(byte - (expected[at] ?? 0)), 0);
      expect(off / pixels.length).toBeLessThanOrEqual(0.3);
    },
  );

  it("names the weights that are missing, and how to pull them", async () => {
    await expect(readClipModelFolder(clipReference)).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringMatching(/text_model\.onnx is missing .*npm run model -- pull clip/u),
    });
  });
});
