import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ACTION_MAX,
  AtelierError,
  type Card,
  type CardLimits,
  createCard,
  decodeAction,
  encodeAction,
  fitCard,
  shorten,
} from "#core";

const emoji = ["👩‍👩‍👧‍👦", "🇩🇪", "e\u0301\u0302\u0303", "👍🏽", "क्षि", "\r\n", " ", "\ud83e", "각"];
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...emoji), fc.string({ unit: "binary", maxLength: 6 })), {
    maxLength: 20,
  })
  .map((parts) => parts.join(""));

function graphemesOf(text: string): string[] {
  return [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
}

describe("a shortened text", () => {
  it("is never over the limit, and the same when it is shortened again", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 60 }), (text, max) => {
        const once = shorten(text, max);
        expect(once.length).toBeLessThanOrEqual(max);
        expect(shorten(once, max)).toBe(once);
        if (text.length <= max) expect(once).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it("ends between two whole characters, as people see them, with an ellipsis", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 60 }), (text, max) => {
        fc.pre(text.length > max);
        const short = shorten(text, max);
        expect(short.endsWith("…")).toBe(true);
        const parts = graphemesOf(text);
        const starts = parts.map((_, n) => parts.slice(0, n).join(""));
        expect(starts.map((start) => start.trimEnd())).toContain(short.slice(0, -1));
      }),
      { numRuns: 2_000 },
    );
  });

  it("keeps as much as fits", () => {
    expect(shorten("a red fox", 9)).toBe("a red fox");
    expect(shorten("a red fox!", 9)).toBe("a red fo…");
    expect(shorten("a red  fox", 7)).toBe("a red…");
    expect(shorten("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 12)).toBe("👩‍👩‍👧‍👦…");
    expect(shorten("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 11)).toBe("…");
    expect(shorten(`e${"\u0301".repeat(500)}`, 100)).toBe("…");
    expect(shorten("ab", 0)).toBe("");
  });
});

const image = fc.record({
  blob: fc.constant({ store: "outputs" as const, key: "outputs/a.png" }),
  alt: anyText,
  mediaType: fc.constant("image/png" as const),
  widthPx: fc.constant(16),
  heightPx: fc.constant(16),
});
const anyCard: fc.Arbitrary<Card> = fc
  .record({
    text: anyText,
    code: fc.option(anyText, { nil: undefined }),
    askedBy: fc.constantFrom("test:w:ana", undefined),
    replaces: fc.constantFrom("k3v9", undefined),
    images: fc.array(image, { maxLength: 6 }),
    fields: fc.array(fc.record({ label: anyText, value: anyText }), { maxLength: 6 }),
    buttons: fc.array(fc.record({ label: anyText, action: fc.constant("v1.info.a.0") }), {
      maxLength: 6,
    }),
    notices: fc.array(anyText, { maxLength: 6 }),
  })
  .map(({ code, askedBy, replaces, ...rest }) => ({
    ...rest,
    ...(code === undefined ? {} : { code }),
    ...(askedBy === undefined ? {} : { askedBy }),
    ...(replaces === undefined ? {} : { replaces }),
  }));
const count = fc.integer({ min: 0, max: 7 });
const size = fc.integer({ min: 0, max: 80 });
/** The same for everything. */
const limitsOf = (max: number): CardLimits => ({
  textMax: max,
  codeMax: max,
  altMax: max,
  imagesMax: max,
  fieldsMax: max,
  fieldLabelMax: max,
  fieldValueMax: max,
  buttonsMax: max,
  buttonLabelMax: max,
  noticesMax: max,
  noticeMax: max,
});
const anyLimits: fc.Arbitrary<CardLimits> = fc.record({
  textMax: size,
  codeMax: size,
  altMax: size,
  imagesMax: count,
  fieldsMax: count,
  fieldLabelMax: size,
  fieldValueMax: size,
  buttonsMax: count,
  buttonLabelMax: size,
  noticesMax: count,
  noticeMax: size,
});

describe("a card made to fit", () => {
  it("is within every limit, and the same when it is made to fit again", () => {
    fc.assert(
      fc.property(anyCard, anyLimits, (card, limits) => {
        const fit = fitCard(card, limits);
        const over = (texts: string[], max: number) => texts.filter((text) => text.length > max);
        expect(over([fit.text], limits.textMax)).toEqual([]);
        expect(over([fit.code ?? ""], limits.codeMax)).toEqual([]);
        expect(
          over(
            fit.images.map(({ alt }) => alt),
            limits.altMax,
          ),
        ).toEqual([]);
        expect(
          over(
            fit.fields.map(({ label }) => label),
            limits.fieldLabelMax,
          ),
        ).toEqual([]);
        expect(
          over(
            fit.fields.map(({ value }) => value),
            limits.fieldValueMax,
          ),
        ).toEqual([]);
        expect(
          over(
            fit.buttons.map(({ label }) => label),
            limits.buttonLabelMax,
          ),
        ).toEqual([]);
        expect(over([...fit.notices], limits.noticeMax)).toEqual([]);
        expect(fit.images.length).toBeLessThanOrEqual(limits.imagesMax);
        expect(fit.fields.length).toBeLessThanOrEqual(limits.fieldsMax);
        expect(fit.buttons.length).toBeLessThanOrEqual(limits.buttonsMax);
        expect(fit.notices.length).toBeLessThanOrEqual(limits.noticesMax);
        expect(fitCard(fit, limits)).toEqual(fit);
      }),
      { numRuns: 500 },
    );
  });

  it("is left as it is when it fits already", () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        expect(fitCard(card, limitsOf(10_000))).toEqual(card);
      }),
    );
  });

  it("says first how many pictures are not shown", () => {
    const limits = { ...limitsOf(100), imagesMax: 1, noticesMax: 2 };
    const [one] = fc.sample(image, 1);
    const images = one === undefined ? [] : [one, one, one];
    const fit = fitCard(createCard({ text: "x", images, notices: ["a", "b"] }), limits);
    expect(fit.images).toHaveLength(1);
    expect(fit.notices).toEqual(["2 more not shown.", "a"]);
  });
});

describe("a button's value", () => {
  const anyAction = fc.record({
    command: fc.stringMatching(/^[a-z]{1,32}$/u),
    jobId: fc.stringMatching(/^[a-z0-9]{1,40}$/u),
    index: fc.integer({ min: 0, max: 99 }),
  });

  it("comes back as it was, and has at most 100 characters", () => {
    fc.assert(
      fc.property(anyAction, (action) => {
        const value = encodeAction(action);
        expect(value.length).toBeLessThanOrEqual(ACTION_MAX);
        expect(decodeAction(value)).toEqual(action);
      }),
    );
    expect(ACTION_MAX).toBe(100);
    expect(decodeAction("v1.reroll.k3v9x2m4p7q1.0")).toEqual({
      command: "reroll",
      jobId: "k3v9x2m4p7q1",
      index: 0,
    });
  });

  it.each([
    "",
    "v1",
    "v2.reroll.k3v9.0",
    "v1.reroll.k3v9",
    "v1.reroll.k3v9.",
    "v1.reroll.k3v9.100",
    "v1.reroll.k3v9.-1",
    "v1.reroll.K3V9.0",
    "v1.re roll.k3v9.0",
    "v1.reroll.job#1.0",
    "v1.reroll.k3v9.0\n",
    " v1.reroll.k3v9.0",
    `v1.${"a".repeat(33)}.k3v9.0`,
    `v1.reroll.${"a".repeat(41)}.0`,
  ])("%j is refused", (value) => {
    expect(() => decodeAction(value)).toThrow(AtelierError);
  });

  it("that anyone made up is refused or read, and never breaks anything", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^v1\.[a-z]+\.[a-z0-9]+\.\d+$/u)),
        (value) => {
          try {
            const action = decodeAction(value);
            expect(decodeAction(encodeAction(action))).toEqual(action);
          } catch (thrown) {
            expect(thrown).toMatchObject({ name: "AtelierError", kind: "invalid_input" });
          }
        },
      ),
    );
  });
});
