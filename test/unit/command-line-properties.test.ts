import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import {
  AtelierError,
  aspectRatios,
  COMMAND_LINE_MAX,
  normalizePrompt,
  outputFormats,
  parseCommandLine,
  type Recipe,
  recipeCommand,
  SEED_MAX,
  stylePresets,
} from "#core";

/** Pieces that mean something to the parser, mixed with all of Unicode. */
const hostile = fc.constantFrom(
  ..."-–—\"“”„\\= \n\t\u00a0\u2028/#'",
  "--",
  " --",
  "-- ",
  " — ",
  "--seed",
  "--no ",
  "--ar=",
  "help",
  '\\"',
  "\ud83e",
  "🦊",
  "e\u0301",
  "\u0000",
);
const anyText = fc
  .array(
    fc.oneof(hostile, fc.string({ unit: "binary", maxLength: 8 }), fc.string({ maxLength: 8 })),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(""));
/** A text as recipes keep it: not empty, normalised. */
const recipeText = anyText
  .map((text) => normalizePrompt(text.toWellFormed()))
  .filter((text) => text !== "");
const shortText = recipeText.filter((text) => text.length <= 40);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const common = {
  model: shortText,
  prompt: recipeText,
  negativePrompt: optional(recipeText),
  style: optional(fc.constantFrom(...stylePresets.map(({ name }) => name))),
  seed: optional(fc.integer({ min: 1, max: SEED_MAX })),
  outputFormat: fc.constantFrom(...outputFormats),
};
const drawn = fc.record({
  mode: fc.constant("text-to-image"),
  aspectRatio: fc.constantFrom(...aspectRatios),
  ...common,
});
const restyled = fc.record({
  mode: fc.constant("image-to-image"),
  imageSha256: fc.stringMatching(/^[0-9a-f]{64}$/u),
  strength: fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000),
  ...common,
});

type Fields = { [K in keyof Recipe]: Recipe[K] | undefined };

/** Without what is undefined. */
function recipeOf(fields: Fields): Recipe {
  return JSON.parse(JSON.stringify(fields));
}

describe("the command of a recipe", () => {
  it("reads as the same recipe again, whatever is in its texts", () => {
    const anyRecipe = fc.oneof(drawn, restyled) as fc.Arbitrary<Fields>;
    fc.assert(
      fc.property(anyRecipe, (fields) => {
        const recipe = recipeOf(fields);
        const { command, args } = parseCommandLine(recipeCommand(recipe), commands);
        expect({ command: command.name, ...args, format: args.format ?? "jpeg" }).toEqual(
          recipeOfArgs(recipe),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  function recipeOfArgs(recipe: Recipe) {
    const expected = {
      command: recipe.mode === "text-to-image" ? "imagine" : "restyle",
      prompt: recipe.prompt,
      negative: recipe.negativePrompt,
      style: recipe.style,
      model: recipe.model,
      seed: recipe.seed,
      ratio: recipe.aspectRatio,
      from: recipe.imageSha256,
      strength: recipe.strength?.toString(),
      format: recipe.outputFormat,
    };
    return JSON.parse(JSON.stringify(expected));
  }
});

/** How the parser answers: nothing, or the sentence of its complaint. Anything else fails the test. */
function complaintAbout(text: string): string | null {
  try {
    parseCommandLine(text, commands);
    return null;
  } catch (thrown) {
    if (thrown instanceof AtelierError && thrown.kind === "invalid_input") return thrown.message;
    throw thrown;
  }
}

describe("any text", () => {
  it("is a command or is refused with one short sentence", () => {
    const names = fc.constantFrom(
      "/imagine ",
      "/restyle ",
      "/show ",
      "/history ",
      "/help ",
      "/",
      "",
    );
    fc.assert(
      fc.property(names, anyText, (name, text) => {
        const complaint = complaintAbout(name + text) ?? "Fine.";
        expect(complaint).toMatch(/[.?!]$/u);
        expect(complaint.length).toBeLessThan(400);
        expect(complaint.isWellFormed()).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it("of the greatest length is refused with one short sentence too", () => {
    const unit = fc.oneof(hostile, fc.string({ unit: "binary", minLength: 1, maxLength: 3 }));
    const lines = fc
      .tuple(fc.constantFrom("/imagine ", "/imagine --seed=", "/imagine --", "/"), unit, unit)
      .map(([start, a, b]) => (start + a + b.repeat(COMMAND_LINE_MAX)).slice(0, COMMAND_LINE_MAX));
    fc.assert(
      fc.property(lines, (line) => {
        const complaint = complaintAbout(line) ?? "Fine.";
        expect(complaint).toMatch(/[.?!]$/u);
        expect(complaint.length).toBeLessThan(400);
      }),
      { numRuns: 300 },
    );
  });

  // Each of these takes some milliseconds; a parser that goes back and forth takes minutes.
  it.each(["--no ", "-- ", " --", '"', '--no "', '\\"', " ", "— ", "\n", "= ", "a ", '--no="\\'])(
    "of 12,000 characters of %j is read in a moment",
    (piece) => {
      const startMs = Date.now();
      for (const start of ["/imagine ", "/imagine --no ", '/imagine --no "', "/restyle --from="]) {
        complaintAbout((start + piece.repeat(COMMAND_LINE_MAX)).slice(0, COMMAND_LINE_MAX));
      }
      expect(Date.now() - startMs).toBeLessThan(5_000);
    },
  );
});
