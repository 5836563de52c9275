import fc from "fast-check";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { embedRecipe, type RecipeMediaType, readRecipe } from "../../src/recipe-metadata/index.ts";

const mediaTypes = ["image/png", "image/jpeg", "image/webp"] as const satisfies RecipeMediaType[];
const long = `A fox 🦊 & <friends> "in" ]]> the 'snow' — ünïcödé 狐狸\r\n\ttab\u0001 end. `.repeat(
  60,
);

describe("a recipe in a picture", () => {
  const files = new Map<RecipeMediaType, Buffer>();
  const variants = new Map<string, readonly [RecipeMediaType, Buffer]>();
  const fileOf = (mediaType: RecipeMediaType) => files.get(mediaType) ?? Buffer.alloc(0);
  beforeAll(async () => {
    const image = sharp({ create: { width: 33, height: 21, channels: 3, background: "#c8643c" } });
    files.set("image/png", await image.clone().png().toBuffer());
    files.set("image/jpeg", await image.clone().jpeg().toBuffer());
    files.set("image/webp", await image.clone().webp().toBuffer());
    const clear = image.clone().ensureAlpha(0.5);
    variants.set("lossless WebP", [
      "image/webp",
      await image.clone().webp({ lossless: true }).toBuffer(),
    ]);
    variants.set("lossless WebP with alpha", [
      "image/webp",
      await clear.clone().webp({ lossless: true }).toBuffer(),
    ]);
    variants.set("extended WebP with alpha", ["image/webp", await clear.clone().webp().toBuffer()]);
    variants.set("WebP with EXIF", [
      "image/webp",
      await image
        .clone()
        .withExif({ IFD0: { Copyright: "me" } })
        .webp()
        .toBuffer(),
    ]);
    variants.set("progressive JPEG with EXIF", [
      "image/jpeg",
      await image
        .clone()
        .withExif({ IFD0: { Copyright: "me" } })
        .jpeg({ progressive: true })
        .toBuffer(),
    ]);
    variants.set("PNG with alpha", ["image/png", await clear.clone().png().toBuffer()]);
  });

  it.each(mediaTypes)("comes back from %s as it was, however it is written", (mediaType) => {
    const written = embedRecipe(fileOf(mediaType), mediaType, long);
    expect(readRecipe(written)).toBe(long);
    expect(readRecipe(fileOf(mediaType))).toBeNull();
  });

  it.each(mediaTypes)(
    "leaves the pixels of %s as they are, and sharp sees it",
    async (mediaType) => {
      const before = fileOf(mediaType);
      const after = embedRecipe(before, mediaType, long);
      expect(await pixels(after)).toEqual(await pixels(before));
      const seen = await sharp(after).metadata();
      if (mediaType === "image/png") expect(seen.comments?.[0]?.keyword).toBe("parameters");
      else
        expect(seen.xmp?.toString("utf8")).toContain(
          "A fox 🦊 &amp; &lt;friends&gt; &quot;in&quot; ]]&gt;",
        );
    },
  );

  it("works in every kind of file that sharp writes, and keeps EXIF", async () => {
    for (const [name, [mediaType, bytes]] of variants) {
      const written = embedRecipe(bytes, mediaType, long);
      expect(readRecipe(written), name).toBe(long);
      expect(await pixels(written), name).toEqual(await pixels(bytes));
      const [was, is] = [await sharp(bytes).metadata(), await sharp(written).metadata()];
      expect([is.hasAlpha, is.exif?.length, is.width, is.height], name).toEqual([
        was.hasAlpha,
        was.exif?.length,
        was.width,
        was.height,
      ]);
    }
  });

  it.each(mediaTypes)("is replaced in %s, never doubled", (mediaType) => {
    const once = embedRecipe(fileOf(mediaType), mediaType, "second");
    const twice = embedRecipe(
      embedRecipe(fileOf(mediaType), mediaType, "first"),
      mediaType,
      "second",
    );
    expect(Buffer.from(twice).equals(once)).toBe(true);
  });

  it("can be any text", () => {
    for (const mediaType of mediaTypes) {
      fc.assert(
        fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
          expect(readRecipe(embedRecipe(fileOf(mediaType), mediaType, text))).toBe(text);
        }),
        { numRuns: 150 },
      );
    }
  });

  it("leaves a file alone that is not what it claims to be", () => {
    const text = Buffer.from("this is not a picture at all");
    for (const mediaType of mediaTypes) {
      expect(embedRecipe(text, mediaType, "x")).toBe(text);
      const other = fileOf(mediaType === "image/png" ? "image/jpeg" : "image/png");
      expect(embedRecipe(other, mediaType, "x")).toBe(other);
    }
  });

  it("leaves a JPEG alone when the text is longer than a segment", () => {
    const bytes = fileOf("image/jpeg");
    expect(embedRecipe(bytes, "image/jpeg", "x".repeat(70_000))).toBe(bytes);
  });

  it("never throws on files that are cut or damaged", () => {
    for (const mediaType of mediaTypes) {
      const whole = Buffer.from(embedRecipe(fileOf(mediaType), mediaType, "kept"));
      fc.assert(
        fc.property(
          fc.nat(whole.length),
          fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
          (end, changes) => {
            const damaged = Buffer.from(whole.subarray(0, end));
            for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
            readRecipe(damaged);
            embedRecipe(damaged, mediaType, "new");
          },
        ),
        { numRuns: 400 },
      );
      for (let end = 0; end < Math.min(whole.length, 1200); end++) {
        expect(embedRecipe(whole.subarray(0, end), mediaType, "new")).toBeInstanceOf(Uint8Array);
        readRecipe(whole.subarray(0, end));
      }
    }
  });
});

async function pixels(bytes: Uint8Array): Promise<Buffer> {
  return sharp(bytes).raw().toBuffer();
}
