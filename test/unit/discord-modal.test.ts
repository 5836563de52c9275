import { ComponentType, TextInputStyle } from "discord-api-types/v10";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import {
  type Command,
  defineCommand,
  type RawArgs,
  readArgs,
  type Services,
  splitCommandLine,
} from "#core";
import { planModal, readModal, renderModal } from "../../adapters/discord/components/modal.ts";
import { inFormWords } from "../../src/chat/form-words.ts";
import { filledModal } from "../e2e/discord-forms.ts";
import { createCountingModel } from "../fixtures/counting-model.ts";
import { hostileText } from "../fixtures/hostile-texts.ts";
import { bodyProblems } from "../servers/discord-body-rules.ts";
import { type JsonRecord, recordOf, recordsOf, textOf } from "../servers/json-record.ts";

const counting = createCountingModel();
/** All that the declarations of options look at. */
const services = {
  imageModels: new Map([[counting.model.id, counting.model]]),
} as Partial<Services> as Services;

function commandOf(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found === undefined) throw new Error(`There is no /${name}.`);
  return found;
}

function modalOf(name: string, more: Partial<Parameters<typeof renderModal>[0]> = {}): JsonRecord {
  const command = commandOf(name);
  return recordOf(renderModal({ command, services, initial: {}, customId: "form:1", ...more }));
}

function labelOf(modal: JsonRecord, field: string): JsonRecord {
  const found = recordsOf(modal.components).find(
    ({ component }) => recordOf(component).custom_id === field,
  );
  if (found === undefined) throw new Error(`There is no field ${field}.`);
  return found;
}

const fieldOf = (modal: JsonRecord, name: string) => recordOf(labelOf(modal, name).component);
const fieldsOf = (modal: JsonRecord) =>
  recordsOf(modal.components).map(({ component }) => textOf(recordOf(component).custom_id));

/** What the inbound side reads of a form that a person filled in. */
function sent(modal: JsonRecord, fields: Parameters<typeof filledModal>[1]["fields"] = {}) {
  const components = filledModal(modal, { fields, fileIds: {} });
  return Object.fromEntries(
    components.map(({ component }) => {
      const { custom_id, value, values } = recordOf(component);
      const given = values ?? value ?? "";
      return [
        textOf(custom_id),
        Array.isArray(given) ? given.map(String) : given === true ? true : textOf(given),
      ];
    }),
  );
}

describe("the form of a command", () => {
  const wanted = fc.oneof(
    fc.constant(undefined),
    hostileText(12_000),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
  );
  const anyPicture = fc.record(
    {
      name: hostileText(3_000),
      choices: fc.array(fc.record({ name: hostileText(300), value: hostileText(200) }), {
        maxLength: 40,
        size: "max",
      }),
    },
    { requiredKeys: ["name"] },
  );

  it.each(commands.map(({ name }) => [name]))(
    "/%s is a modal that Discord takes, whatever is filled in",
    (name) => {
      const { options } = commandOf(name);
      const values = fc.record(
        Object.fromEntries(Object.keys(options).map((option) => [option, wanted])),
      );
      fc.assert(
        fc.property(
          values,
          fc.subarray(Object.keys(options)),
          fc.option(anyPicture, { nil: undefined }),
          (initial, fixedNames, picture) => {
            const fixed = Object.fromEntries(fixedNames.map((each) => [each, "fixed"]));
            const data = modalOf(name, { initial: initial as RawArgs, fixed, picture });
            expect(bodyProblems("callback", { type: 9, data })).toEqual([]);
          },
        ),
        { numRuns: 40 },
      );
    },
  );

  it("asks for five things: the text, what is required, the picture, then the rest as declared", () => {
    expect(fieldsOf(modalOf("imagine"))).toEqual(["prompt", "ratio", "seed", "negative", "style"]);
    expect(fieldsOf(modalOf("restyle"))).toEqual([
      "prompt",
      "image",
      "strength",
      "seed",
      "negative",
    ]);
    const option = { type: "string", description: "It", maxLength: 10 } as const;
    const command = defineCommand({
      ...commandOf("imagine"),
      options: { a: option, b: option, needed: { ...option, required: true } },
      run: () => Promise.reject(new Error("not run")),
    });
    expect(planModal({ command, initial: {} }).shown).toEqual(["needed", "a", "b"]);
  });

  it("does not ask for a picture that was chosen, but says which it is", () => {
    const modal = modalOf("restyle", { picture: { name: "fox.png" } });
    expect(fieldsOf(modal)).toEqual(["prompt", "strength", "seed", "negative", "style"]);
    expect(labelOf(modal, "prompt").description).toBe("The picture to change: fox.png");
    expect(fieldsOf(modalOf("restyle", { initial: { from: "k3v9#1" } }))).not.toContain("image");
  });

  it("asks which of several pictures is meant", () => {
    const choices = Array.from({ length: 30 }, (_, n) => ({ name: `${n}.png`, value: `id${n}` }));
    const modal = modalOf("restyle", { picture: { name: "one of 30", choices } });
    expect(fieldsOf(modal)).toEqual(["which-picture", "prompt", "strength", "seed", "negative"]);
    expect(recordsOf(fieldOf(modal, "which-picture").options)).toHaveLength(25);
    const read = (fields = {}) => readModal(commandOf("restyle"), sent(modal, fields)).picture;
    expect(read()).toBe("id0");
    expect(read({ "Which picture": "7.png" })).toBe("id7");
  });

  it("has a field of its kind for each option", () => {
    const modal = modalOf("restyle", { fixed: { negative: "people" } });
    expect(modal).toMatchObject({ custom_id: "form:1", title: "/restyle" });
    expect(labelOf(modal, "prompt")).toEqual({
      type: ComponentType.Label,
      label: "Prompt",
      description: "What it should become; may be left out with a Style",
      component: {
        type: ComponentType.TextInput,
        custom_id: "prompt",
        style: TextInputStyle.Paragraph,
        required: false,
        max_length: 4_000,
      },
    });
    expect(fieldOf(modal, "image")).toEqual({
      type: ComponentType.FileUpload,
      custom_id: "image",
      required: false,
      min_values: 0,
      max_values: 1,
      file_types: ["image"],
    });
    expect(fieldOf(modal, "strength")).toMatchObject({
      type: ComponentType.StringSelect,
      required: false,
      min_values: 0,
      options: ["subtle", "medium", "strong"].map((word) => ({ label: word, value: word })),
    });
    expect(fieldOf(modal, "seed")).toMatchObject({
      type: ComponentType.TextInput,
      style: TextInputStyle.Short,
      placeholder: "0 to 4294967294",
    });
    const { options } = commandOf("restyle");
    const others = Object.fromEntries(Object.keys(options).map((each) => [each, "fixed"]));
    const { private: _private, ...fixed } = others;
    const flags = modalOf("restyle", { fixed, initial: { private: true } });
    expect(fieldsOf(flags)).toEqual(["private"]);
    expect(fieldOf(flags, "private")).toMatchObject({
      type: ComponentType.Checkbox,
      default: true,
    });
  });

  it("that has nothing to ask for says what the command does", () => {
    expect(modalOf("history").components).toEqual([
      { type: ComponentType.TextDisplay, content: commandOf("history").description },
    ]);
  });

  it("is filled in with what is known, and keeps a value that is on no list", () => {
    const modal = modalOf("restyle", {
      initial: { prompt: "as a <b>", strength: "0.35", seed: 7 },
    });
    expect(fieldOf(modal, "prompt").value).toBe("as a <b>");
    expect(fieldOf(modal, "seed").value).toBe("7");
    const options = recordsOf(fieldOf(modal, "strength").options);
    expect(options.at(-1)).toEqual({ label: "0.35", value: "0.35", default: true });
    expect(options.filter(({ default: isSet }) => isSet === true)).toHaveLength(1);
    const byLabel = modalOf("restyle", { initial: { strength: "Medium" } });
    const set = recordsOf(fieldOf(byLabel, "strength").options).filter((each) => each.default);
    expect(set).toEqual([{ label: "medium", value: "medium", default: true }]);
  });
});

describe("what a form says", () => {
  const line = "/imagine a red fox --ar 16:9 --seed 7 --style ink --count 4 --format png --private";
  const { command, raw: initial } = splitCommandLine(line, commands);

  it("is with what is kept the command as it was, when nothing is changed", () => {
    const { kept } = planModal({ command, initial });
    const { raw } = readModal(command, sent(modalOf("imagine", { initial })));
    expect(kept).toEqual({ count: "4", format: "png", private: "true" });
    expect(readArgs(command, { ...kept, ...raw })).toEqual(readArgs(command, initial));
  });

  it("is what the person changed and emptied", () => {
    const { kept } = planModal({ command, initial, fixed: { count: 2 } });
    const fields = { Prompt: " a *blue* fox ", Seed: "", Ratio: "1:1" };
    const { raw } = readModal(command, sent(modalOf("imagine", { initial }), fields));
    expect(raw).toEqual({ prompt: "a *blue* fox", ratio: "1:1", style: "ink" });
    expect(kept).toEqual({ count: "2", format: "png", private: "true" });
  });

  it("leaves a text that no field can hold as it is", () => {
    const long = { ...initial, prompt: "fox ".repeat(1_500) };
    const { shown, kept } = planModal({ command, initial: long });
    expect(shown).not.toContain("prompt");
    expect(kept.prompt).toBe(long.prompt);
    expect(fieldsOf(modalOf("imagine", { initial: long }))).toEqual(shown);
  });

  it("reads ticks and ignores what is not the command's", () => {
    const values = { private: true, other: "x", prompt: "fox", seed: "", style: [] };
    expect(readModal(command, values)).toEqual({ raw: { private: true, prompt: "fox" } });
    expect(readModal(command, { private: false })).toEqual({ raw: {} });
  });

  it("names fields, not flags, where it is wrong", () => {
    expect(inFormWords("--ar is one of 1:1; see --nothing.", command)).toBe(
      "Ratio is one of 1:1; see --nothing.",
    );
  });
});
