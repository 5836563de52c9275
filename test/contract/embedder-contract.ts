import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import type { Embedder } from "../../src/ports/index.ts";

/**
 * Proves that a driver keeps the contract of Embedder. `makeEmbedder` is called once, and its
 * embedder is closed at the end.
 */
export function embedderContract(
  name: string,
  makeEmbedder: () => Embedder | Promise<Embedder>,
  { isEndedByClose = true }: { isEndedByClose?: boolean } = {},
): void {
  describe(`${name} keeps the contract of Embedder`, () => {
    let embedder: Embedder;
    beforeAll(async () => {
      embedder = await makeEmbedder();
    });
    afterAll(async () => {
      await embedder?.close();
    });
    const live = () => ({ signal: AbortSignal.timeout(60_000) });
    const textRow = async (text: string) => {
      const [row] = await embedder.embedTexts([text], live());
      return row?.embedding ?? new Float32Array();
    };
    const pictureRow = async (picture: Uint8Array) => {
      const [row] = await embedder.embedPictures([picture], live());
      return row ?? new Float32Array();
    };

    it("says what it is", () => {
      const { name: model, title, space, dim } = embedder.model;
      expect(model).toMatch(/^[a-z0-9][a-z0-9.-]*$/u);
      expect(title.length).toBeGreaterThan(0);
      expect(space).toMatch(/^[a-z0-9][a-z0-9.-]*$/u);
      expect(dim).toBeGreaterThan(0);
    });

    it("gives each text a row of length 1, in their order", async () => {
      const texts = ["a red car", "the sea at night", "a boat", "a red car"];
      const rows = await embedder.embedTexts(texts, live());
      expect(rows).toHaveLength(4);
      for (const { embedding } of rows) expectUnit(embedding, embedder.model.dim);
      for (const [index, text] of texts.entries()) {
        expect(cosine(rows[index]?.embedding, await textRow(text))).toBeGreaterThan(0.9999);
      }
      expect(cosine(rows[0]?.embedding, rows[1]?.embedding)).toBeLessThan(0.999);
      expect(cosine(rows[0]?.embedding, rows[3]?.embedding)).toBeGreaterThan(0.9999);
    });

    it("gives each picture a row of length 1, in their order", async () => {
      const pictures = [await scene(0), await scene(1), await scene(2), await scene(0)];
      const rows = await embedder.embedPictures(pictures, live());
      expect(rows).toHaveLength(4);
      for (const row of rows) expectUnit(row, embedder.model.dim);
      for (const [index, picture] of pictures.entries()) {
        expect(cosine(rows[index], await pictureRow(picture))).toBeGreaterThan(0.9999);
      }
      expect(cosine(rows[0], rows[1])).toBeLessThan(0.999);
      expect(cosine(rows[0], rows[3])).toBeGreaterThan(0.9999);
    });

    it("gives no rows for no items", async () => {
      expect(await embedder.embedTexts([], live())).toEqual([]);
      expect(await embedder.embedPictures([], live())).toEqual([]);
    });

    it("reads JPEG, PNG and WebP alike", async () => {
      const png = await scene(1);
      const expected = await pictureRow(png);
      const jpeg = await sharp(png).jpeg({ quality: 95 }).toBuffer();
      const webp = await sharp(png).webp({ quality: 95 }).toBuffer();
      expect(cosine(await pictureRow(jpeg), expected)).toBeGreaterThan(0.98);
      expect(cosine(await pictureRow(webp), expected)).toBeGreaterThan(0.98);
    });

    it("looks at a picture that lies on its side the way people see it", async () => {
      const upright = await scene(2);
      const turned = await sharp(upright).rotate(270).withMetadata({ orientation: 6 }).toBuffer();
      expect(cosine(await pictureRow(turned), await pictureRow(upright))).toBeGreaterThan(0.995);
    });

    it("says when a text was too long, and only then", async () => {
      const long = "a red car at night by the sea ".repeat(60);
      const rows = await embedder.embedTexts(["a red car", long], live());
      expect(rows.map(({ isTruncated }) => isTruncated)).toEqual([false, true]);
    });

    it("takes any text: none, odd signs, other alphabets", async () => {
      const texts = ["", "   ", "🦊🦊", "‮نص عربي", "日本語", "a\u0000b", "\ud800"];
      const rows = await embedder.embedTexts(texts, live());
      for (const { embedding } of rows) expectUnit(embedding, embedder.model.dim);
    });

    it("refuses what is no picture, also among pictures", async () => {
      const good = await scene(0);
      const cut = (await sharp(good).jpeg().toBuffer()).subarray(0, 400);
      for (const bad of [new Uint8Array(), Buffer.from("not a picture"), cut]) {
        const refusal = await embedder.embedPictures([good, bad], live()).catch((e: unknown) => e);
        expect(refusal).toBeInstanceOf(AtelierError);
        expect(refusal).toMatchObject({ kind: "invalid_input", code: "InvalidImage" });
      }
      expectUnit(await pictureRow(good), embedder.model.dim);
    });

    it("answers many callers at once, each with its own rows", async () => {
      const texts = ["a boat", "a house", "the sea", "a car"];
      const pictures = await Promise.all([0, 1, 2].map(scene));
      const expectedTexts = await Promise.all(texts.map(textRow));
      const expectedPictures = await Promise.all(pictures.map(pictureRow));
      await Promise.all(
        Array.from({ length: 24 }, async (_, at) => {
          const text = texts[at % 4] ?? "";
          const picture = pictures[at % 3] ?? new Uint8Array();
          expect(cosine(await textRow(text), expectedTexts[at % 4])).toBeGreaterThan(0.9999);
          expect(cosine(await pictureRow(picture), expectedPictures[at % 3])).toBeGreaterThan(
            0.9999,
          );
        }),
      );
    });

    it("stops when it is told to", async () => {
      const reason = new Error("nobody waits any more");
      const gone = AbortSignal.abort(reason);
      await expect(embedder.embedTexts(["a car"], { signal: gone })).rejects.toBe(reason);
      const stop = new AbortController();
      const picture = await scene(0);
      const under = embedder.embedPictures(Array<Uint8Array>(64).fill(picture), {
        signal: stop.signal,
      });
      stop.abort(reason);
      await expect(under).rejects.toBe(reason);
      expectUnit(await textRow("a car"), embedder.model.dim);
    });

    it.runIf(isEndedByClose)("answers nothing after it was closed", async () => {
      const own = await makeEmbedder();
      await own.embedTexts(["a car"], live());
      await own.close();
      await expect(own.embedTexts(["a car"], live())).rejects.toMatchObject({
        kind: "unavailable",
      });
    });
  });
}

/** A drawn picture that differs from the others in colour and in where things are. */
async function scene(which: number): Promise<Uint8Array> {
  const colours = ["#c03020", "#2040c0", "#20a040"];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="360" height="240">
    <rect width="360" height="240" fill="${colours[which] ?? "#888888"}"/>
    <rect x="${40 + which * 70}" y="20" width="90" height="110" fill="#f0e8d0"/>
    <circle cx="180" cy="${190 - which * 40}" r="${30 + which * 10}" fill="#101820"/></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

function expectUnit(row: Float32Array | undefined, dim: number): void {
  expect(row).toHaveLength(dim);
  const squares = (row ?? new Float32Array()).reduce((total, value) => total + value * value, 0);
  expect(Math.sqrt(squares)).toBeCloseTo(1, 4);
}

/** Cosine similarity of two rows of length 1. */
function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  expect(a?.length).toBe(b?.length);
  return (a ?? new Float32Array()).reduce((total, value, at) => total + value * (b?.[at] ?? 0), 0);
}
