import { describe, expect, it } from "vitest";
import type { CommandView, OptionView } from "../../adapters/playground/job-view.ts";
import { complete, isComplete, suggest } from "../../adapters/playground/page/suggestions.ts";

function option(name: string, parts: Partial<OptionView>): OptionView {
  return {
    name,
    type: "string",
    description: `About ${name}.`,
    required: false,
    is_text: false,
    ...parts,
  };
}

const commands: CommandView[] = [
  {
    name: "imagine",
    description: "Draws pictures.",
    examples: ["/imagine a red fox --ar 16:9"],
    options: [
      option("prompt", { required: true, is_text: true }),
      option("ratio", {
        type: "choice",
        alias: "ar",
        choices: ["1:1", "16:9", "9:16"].map((value) => ({ name: value, value })),
      }),
      option("style", { choices: [{ name: "Ink drawing", value: "ink" }] }),
      option("seed", { type: "integer", min: 0, max: 99 }),
      option("private", { type: "flag" }),
    ],
  },
  {
    name: "restyle",
    description: "Draws a picture anew.",
    examples: [],
    options: [
      option("prompt", { required: true, is_text: true }),
      option("image", { type: "image", required: true }),
      option("from", { required: true }),
    ],
  },
  { name: "help", description: "Explains.", examples: [], options: [] },
];

/** Suggestions with the caret at `|`. */
function at(marked: string) {
  return suggest(marked.replace("|", ""), marked.indexOf("|"), commands);
}

const labels = (marked: string) => at(marked)?.items.map(({ label }) => label) ?? null;

describe("what is suggested", () => {
  it("lists every command after a slash, with its required options", () => {
    expect(labels("/|")).toEqual(["/imagine", "/restyle", "/help"]);
    expect(at("/|")?.items[1]?.hint).toBe("<prompt> --from <text>");
  });

  it("lists commands that begin with the word before those that contain it", () => {
    expect(labels("/IM|")).toEqual(["/imagine"]);
    expect(labels("/st|")).toEqual(["/restyle"]);
    expect(labels("/imagine x --r|")).toEqual(["--ratio", "--private"]);
    expect(labels("/xyz|")).toBeNull();
  });

  it("shows a command's flags, its free text and an example right after its name", () => {
    const shown = at("/imagine |");
    expect(shown?.items.map(({ label }) => label)).toEqual([
      "--ratio",
      "--style",
      "--seed",
      "--private",
    ]);
    expect(shown?.title).toBe("/imagine <prompt>: About prompt. (required)");
    expect(shown?.example).toBe("/imagine a red fox --ar 16:9");
    expect(shown?.isEager).toBe(false);
    expect(at("/restyle |")?.items[0]?.isRequired).toBe(true);
  });

  it("never offers to write a picture, which can only be attached", () => {
    expect(labels("/restyle |")).toEqual(["--from"]);
    expect(labels("/restyle in blue --im|")).toBeNull();
    expect(labels("/restyle --image=|")).toBeNull();
    expect(at("/restyle --image |")?.title ?? "").not.toMatch(/^--image/u);
    expect(JSON.stringify(at("/|"))).not.toContain("--image");
  });

  it("stays out of the way while free text is written", () => {
    expect(at("/imagine a red fox|")).toBeNull();
    expect(at("/imagine a red |")).toBeNull();
    expect(at("hello|")).toBeNull();
    expect(at("/unknown |")).toBeNull();
  });

  it("completes a flag by its name or its short name, and not twice", () => {
    expect(labels("/imagine a fox --s|")).toEqual(["--style", "--seed"]);
    expect(labels("/imagine a fox --ar|")).toEqual(["--ar"]);
    expect(labels("/imagine --ar 1:1 a fox --r|")).toEqual(["--private"]);
    expect(labels("/imagine — —se|")).toBeNull();
    expect(labels("/imagine —se|")).toEqual(["--seed"]);
  });

  it("lists the values of a choice, by value or by name", () => {
    expect(labels("/imagine a fox --ar |")).toEqual(["1:1", "16:9", "9:16"]);
    expect(labels("/imagine a fox --ar 16|")).toEqual(["16:9", "9:16"]);
    expect(labels("/imagine --ratio=9|")).toEqual(["9:16", "16:9"]);
    expect(labels("/imagine --style Ink d|")).toBeNull();
    expect(labels("/imagine --style In|")).toEqual(["ink"]);
  });

  it("explains a value that cannot be listed, and says nothing once it is begun", () => {
    expect(at("/imagine --seed |")).toMatchObject({
      title: "--seed (0–99): About seed.",
      items: [],
    });
    expect(at("/imagine --seed 4|")).toBeNull();
  });

  it("suggests nothing behind the -- that ends the flags", () => {
    expect(at("/imagine -- --s|")).toBeNull();
  });
});

describe("completing", () => {
  function completed(marked: string, index = 0): string {
    const text = marked.replace("|", "");
    const shown = at(marked);
    const item = shown?.items[index];
    if (!shown || !item) throw new Error("Nothing is suggested.");
    const done = complete(text, shown, item);
    return `${done.text.slice(0, done.caret)}|${done.text.slice(done.caret)}`;
  }

  it("puts the suggestion in place of the begun word, with one space behind it", () => {
    expect(completed("/im|")).toBe("/imagine |");
    expect(completed("/imagine a --se| fox")).toBe("/imagine a --seed |fox");
    expect(completed("/imagine --ar 16|")).toBe("/imagine --ar 16:9 |");
    expect(completed("/imagine --ratio=9|")).toBe("/imagine --ratio=9:16 |");
    expect(completed("/imagine |", 3)).toBe("/imagine --private |");
  });

  it("knows when the word is already complete", () => {
    const shown = at("/help|");
    const item = shown?.items[0];
    expect(shown && item && isComplete("/help", shown, item)).toBe(true);
    const begun = at("/hel|");
    expect(begun && item && isComplete("/hel", begun, item)).toBe(false);
  });
});
