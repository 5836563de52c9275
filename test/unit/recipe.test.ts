import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  normalizePrompt,
  promptHash,
  type Recipe,
} from "../../src/recipe/recipe.ts";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

const drawn: Recipe = {
  mode: "text-to-image",
  model: "stability.sd3-5-large-v1:0",
  prompt: "a red fox in the snow",
  aspectRatio: "16:9",
  outputFormat: "jpeg",
};
const restyled: Recipe = {
  mode: "image-to-image",
  model: "stability.sd3-5-large-v1:0",
  prompt: "as a “winter” evening",
  negativePrompt: "cars, people",
  style: "ink",
  seed: 7,
  strength: 0.35,
  imageSha256: "ab".repeat(32),
  outputFormat: "png",
};

describe("the cache's key", () => {
  it.each([
    {
      what: "a picture from words",
      recipe: drawn,
      scope: "slack:T1",
      canonical:
        '{"aspect_ratio":"16:9","mode":"text-to-image","model":"stability.sd3-5-large-v1:0","output_format":"jpeg","prompt":"a red fox in the snow","scope":"slack:T1","v":1}',
    },
    {
      what: "a restyled picture with every field",
      recipe: restyled,
      scope: "discord:G9:ana",
      canonical: `{"image_sha256":"${"ab".repeat(32)}","mode":"image-to-image","model":"stability.sd3-5-large-v1:0","negative_prompt":"cars, people","output_format":"png","prompt":"as a “winter” evening","scope":"discord:G9:ana","seed":7,"strength":0.35,"style":"ink","v":1}`,
    },
    {
      what: "a prompt with signs that JSON escapes",
      recipe: { ...drawn, prompt: 'a "fox" \\ 🦊 é' },
      scope: "page:local",
      canonical:
        '{"aspect_ratio":"16:9","mode":"text-to-image","model":"stability.sd3-5-large-v1:0","output_format":"jpeg","prompt":"a \\"fox\\" \\\\ 🦊 é","scope":"page:local","v":1}',
    },
  ])("of $what is the SHA-256 of its canonical JSON", ({ recipe, scope, canonical }) => {
    expect(promptHash(recipe, scope)).toBe(sha256(canonical));
    expect(promptHash(recipe, scope)).toMatch(/^[0-9a-f]{64}$/u);
  });

  it("stays what it was when this was released, so that tables keep their value", () => {
    expect(promptHash(drawn, "slack:T1")).toBe(
      "c18754e611a71aacd931696694d94e2d3038580aed44cf85fc727681bc8e1754",
    );
    expect(promptHash(restyled, "discord:G9:ana")).toBe(
      "da86525d34094bfd946f45c2e888c76c6a2b92301325fe5c03a405c1f8d19016",
    );
  });

  it("does not depend on the video that a given picture is a frame of", () => {
    const frame = { videoId: "0123456789abcdef", title: "Harbour", timeMs: 83_000 };
    expect(promptHash({ ...restyled, frame }, "s")).toBe(promptHash(restyled, "s"));
  });

  it("does not depend on the order of the fields", () => {
    const reversed: Recipe = { ...drawn, ...Object.fromEntries(Object.entries(drawn).reverse()) };
    const backwards = JSON.parse(
      JSON.stringify(Object.fromEntries(Object.entries(restyled).reverse())),
    );
    expect(promptHash(reversed, "s")).toBe(promptHash(drawn, "s"));
    expect(promptHash(backwards, "s")).toBe(promptHash(restyled, "s"));
  });

  it.each([
    ["white space", "  a red\n fox\u00a0 in\tthe snow "],
    ["line separators", "a\u2028red fox in the\u3000snow\ufeff"],
  ])("does not depend on %s in the prompt", (_what, prompt) => {
    expect(promptHash({ ...drawn, prompt }, "s")).toBe(promptHash(drawn, "s"));
  });

  it("does not depend on how characters are composed", () => {
    const composed = { ...restyled, prompt: "caf\u00e9", negativePrompt: "\u00e5" };
    const decomposed = { ...restyled, prompt: "cafe\u0301", negativePrompt: "a\u030a" };
    expect(promptHash(decomposed, "s")).toBe(promptHash(composed, "s"));
  });

  const changes: Partial<Recipe>[] = [
    { mode: "text-to-image" },
    { model: "stability.stable-image-core-v1:1" },
    { prompt: "As a “winter” evening" },
    { negativePrompt: "cars" },
    { aspectRatio: "1:1" },
    { style: "oil" },
    { seed: 8 },
    { strength: 0.36 },
    { imageSha256: "cd".repeat(32) },
    { outputFormat: "webp" },
  ];
  it("changes with every single field, and with each that is left out", () => {
    const optional = ["negativePrompt", "style", "seed", "strength", "imageSha256"] as const;
    const without = optional.map((name) => {
      const { [name]: _left, ...rest } = restyled;
      return rest;
    });
    const all = [restyled, ...changes.map((change) => ({ ...restyled, ...change })), ...without];
    const hashes = all.map((recipe) => promptHash(recipe, "s"));
    expect(new Set(hashes).size).toBe(all.length);
  });

  it("changes with the scope", () => {
    const scopes = ["slack:T1", "slack:T1:ana", "slack:T1:ben", "slack:T2", "discord:T1"];
    expect(new Set(scopes.map((scope) => promptHash(drawn, scope))).size).toBe(scopes.length);
  });
});

describe("canonical JSON", () => {
  it("has sorted keys, no spaces, and nothing for what is absent", () => {
    const value = { b: 1, a: { d: [3, { z: null, y: true }], c: "x y" }, e: undefined };
    expect(canonicalJson(value)).toBe('{"a":{"c":"x y","d":[3,{"y":true,"z":null}]},"b":1}');
  });

  it("says the same as the value, whatever the order in which it was put together", () => {
    const shuffled = fc
      .dictionary(fc.string(), fc.jsonValue())
      .chain((value) =>
        fc.tuple(
          fc.constant(value),
          fc.shuffledSubarray(Object.entries(value), { minLength: Object.keys(value).length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([value, entries]) => {
        const text = canonicalJson(value);
        expect(canonicalJson(Object.fromEntries(entries))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("a normalised prompt", () => {
  it("is the same when it is normalised again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const once = normalizePrompt(text);
        expect(normalizePrompt(once)).toBe(once);
        expect(once).not.toMatch(/^\s|\s$|\s\s/u);
      }),
    );
  });
});
