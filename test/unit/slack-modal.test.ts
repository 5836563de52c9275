import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commands } from "#commands";
import {
  AtelierError,
  type Command,
  defineCommand,
  type RawArgs,
  readArgs,
  type Services,
} from "#core";
import { fieldErrors, readModal, renderModal } from "../../adapters/slack/blocks/modal.ts";
import type { ModalMetadata } from "../../adapters/slack/inbound/modal-metadata.ts";
import { createCountingModel } from "../fixtures/counting-model.ts";
import { hostileText } from "../fixtures/hostile-texts.ts";
import { slackHere } from "../fixtures/slack-inbound.ts";
import { blockKitProblems } from "../servers/block-kit-rules.ts";
import { isObject } from "../servers/block-kit-shape.ts";

const counting = createCountingModel();
/** All that the declarations of options look at. */
const services = {
  imageModels: new Map([[counting.model.id, counting.model]]),
} as Partial<Services> as Services;

const metadata: ModalMetadata = { origin: slackHere };
const withPicture: ModalMetadata = { origin: slackHere, picture: { fileId: "F0PIC" } };

function commandOf(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found === undefined) throw new Error(`There is no /${name}.`);
  return found;
}

function modalOf(name: string, more: Partial<Parameters<typeof renderModal>[0]> = {}) {
  return renderModal({ command: commandOf(name), services, initial: {}, metadata, ...more });
}

/** The element of the input that is named so. */
function element(view: ReturnType<typeof renderModal>, name: string): Record<string, unknown> {
  const block = view.blocks.find(({ block_id: id }) => id === name);
  if (!isObject(block) || !isObject(block.element)) throw new Error(`No input ${name}.`);
  return block.element;
}

const plain = (text: string) => ({ type: "plain_text", text, emoji: false });

describe("the form of a command", () => {
  const wanted = fc.oneof(
    fc.constant(undefined),
    hostileText(12_000),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
  );

  it.each(commands.map(({ name }) => [name]))(
    "/%s is a modal that Slack takes, whatever is filled in",
    (name) => {
      const command = commandOf(name);
      if (Object.keys(command.options).length === 0) return;
      const initial = fc.record(
        Object.fromEntries(Object.keys(command.options).map((option) => [option, wanted])),
      );
      const pictureName = hostileText(3_000);
      const source = fc.constantFrom(null, { slack_file: { id: "F0PIC" } });
      fc.assert(
        fc.property(initial, fc.option(fc.tuple(pictureName, source)), (values, chosen) => {
          const view = modalOf(name, {
            initial: values as RawArgs,
            metadata: withPicture,
            ...(chosen === null ? {} : { picture: { name: chosen[0], source: chosen[1] } }),
          });
          expect(blockKitProblems({ view }, "modal")).toEqual([]);
        }),
        { numRuns: 40 },
      );
    },
  );

  it("has the text first, then the picture, then the other options", () => {
    const { options } = commandOf("restyle");
    const backwards = Object.fromEntries(Object.entries(options).reverse());
    const command = { ...commandOf("restyle"), options: backwards };
    const ids = modalOf("restyle", { command }).blocks.map(({ block_id: id }) => id);
    expect(ids.slice(0, 3)).toEqual(["prompt", "image", "private"]);
    expect([...ids].sort()).toEqual(Object.keys(commandOf("restyle").options).sort());
  });

  it("has an input of its kind for each option", () => {
    const view = modalOf("restyle");
    expect(view).toMatchObject({
      callback_id: "restyle",
      private_metadata: JSON.stringify(metadata),
      title: plain("/restyle"),
    });
    expect(element(view, "prompt")).toEqual({
      type: "plain_text_input",
      action_id: "prompt",
      multiline: true,
      focus_on_load: true,
    });
    expect(element(view, "image")).toEqual({
      type: "file_input",
      action_id: "image",
      filetypes: ["jpg", "jpeg", "png", "webp", "gif"],
      max_files: 1,
    });
    expect(element(view, "from")).toMatchObject({
      type: "plain_text_input",
      multiline: false,
      max_length: 64,
    });
    expect(element(view, "count")).toEqual({
      type: "number_input",
      action_id: "count",
      is_decimal_allowed: false,
      min_value: "1",
      max_value: "4",
    });
    expect(element(view, "strength")).toMatchObject({
      type: "static_select",
      options: ["subtle", "medium", "strong"].map((word) => ({ text: plain(word), value: word })),
    });
    expect(element(view, "private")).toMatchObject({ type: "checkboxes" });
  });

  it("asks only for what is required", () => {
    const optional = modalOf("imagine").blocks.filter(
      (block) => isObject(block) && block.optional === false,
    );
    expect(optional.map(({ block_id: id }) => id)).toEqual(["prompt"]);
  });

  it("is filled in with what is known, and keeps a value that is on no list", () => {
    const view = modalOf("restyle", {
      initial: {
        prompt: "as a <b>",
        strength: "0.35",
        seed: "7",
        private: true,
        count: "9",
        format: "PNG",
      },
    });
    expect(element(view, "prompt").initial_value).toBe("as a <b>");
    const own = { text: plain("0.35"), value: "0.35" };
    expect(element(view, "strength")).toMatchObject({ initial_option: own });
    expect(element(view, "strength").options).toHaveLength(4);
    expect(element(view, "seed").initial_value).toBe("7");
    expect(element(view, "count").initial_value).toBeUndefined();
    expect(element(view, "format")).toMatchObject({ initial_option: { value: "png" } });
    expect(element(view, "private").initial_options).toHaveLength(1);
  });

  it("lets more than 3,000 characters be typed where the option takes more", () => {
    const view = modalOf("imagine", { initial: { prompt: "x".repeat(9_000) } });
    expect(element(view, "prompt")).not.toHaveProperty("max_length");
    expect(element(view, "prompt").initial_value).toHaveLength(9_000);
  });

  it("shows a picture that was chosen already instead of asking for one", () => {
    const picture = { name: "fox <@U1>.png", source: { slack_file: { id: "F0PIC" } } };
    const view = modalOf("restyle", { picture, metadata: withPicture });
    expect(view.blocks[0]).toEqual({
      type: "context",
      elements: [
        { type: "image", slack_file: { id: "F0PIC" }, alt_text: "fox <@U1>.png" },
        plain("The picture to change: fox <@U1>.png"),
      ],
    });
    const ids = view.blocks.map(({ block_id: id }) => id);
    expect(ids).not.toContain("image");
    expect(ids).not.toContain("from");
  });

  it("is a modal that Slack takes, whatever a command declares", () => {
    const long = "x".repeat(2_100);
    const proposals = Array.from({ length: 300 }, (_, n) => ({
      name: `${n} ${long}`,
      value: `${n}`,
    }));
    const command = defineCommand({
      ...commandOf("imagine"),
      name: "x".repeat(32),
      options: {
        many: {
          type: "string",
          description: long,
          maxLength: 200,
          suggest: () => [{ name: "too long", value: long }, ...proposals, ...proposals],
        },
        flag: { type: "flag", description: long },
        [long]: { type: "string", description: "A long name", maxLength: 5_000 },
      },
    });
    const view = modalOf("imagine", { command, initial: { many: "299", [long]: "x" } });
    expect(element(view, "many").options).toHaveLength(100);
    expect(element(view, "many")).toMatchObject({ initial_option: { value: "299" } });
    const problems = blockKitProblems({ view }, "modal");
    expect(problems.filter((each) => !/_id\]$/u.test(each))).toEqual([]);
  });
});

describe("a submitted form", () => {
  it("says what was filled in, and which files were given", () => {
    const answers = readModal(commandOf("restyle"), {
      prompt: { prompt: { type: "plain_text_input", value: " as a winter evening " } },
      image: { image: { type: "file_input", files: [{ id: "F0UP", name: "fox.png" }] } },
      strength: {
        strength: {
          type: "static_select",
          selected_option: { text: plain("strong"), value: "strong" },
        },
      },
      count: { count: { type: "number_input", value: "2" } },
      private: {
        private: { type: "checkboxes", selected_options: [{ text: plain("Yes"), value: "true" }] },
      },
      style: { style: { type: "static_select", selected_option: null } },
      from: { from: { type: "plain_text_input", value: null } },
      seed: { seed: { type: "number_input" } },
      other: { other: { type: "plain_text_input", value: "not an option" } },
    });
    expect(answers).toEqual({
      raw: { prompt: "as a winter evening", strength: "strong", count: "2", private: true },
      fileIds: ["F0UP"],
    });
    expect(readArgs(commandOf("restyle"), answers.raw)).toMatchObject({ count: 2, private: true });
  });

  it("has nothing in it when nothing was filled in", () => {
    const empty = { private: { private: { type: "checkboxes", selected_options: [] } } };
    expect(readModal(commandOf("imagine"), empty)).toEqual({ raw: {}, fileIds: [] });
  });

  it.each([[null], ["text"], [{ prompt: "text" }], [{ prompt: { prompt: { value: 7 } } }]])(
    "is refused when it is no form: %j",
    (values) => {
      expect(() => readModal(commandOf("imagine"), values)).toThrow(
        expect.objectContaining({ kind: "invalid_input" }),
      );
    },
  );

  it("comes back with the error at the option that it is about", () => {
    const command = commandOf("restyle");
    const thrown = (raw: RawArgs): AtelierError => {
      try {
        readArgs(command, raw);
      } catch (error) {
        if (error instanceof AtelierError) return error;
      }
      throw new Error("Nothing was wrong.");
    };
    const reference = "r1";
    const count = thrown({ prompt: "as ink", count: "9" });
    // A form has fields, not flags.
    expect(fieldErrors({ command, error: count, reference })).toEqual({
      count: "Count takes a whole number from 1 to 4.",
    });
    const missing = thrown({});
    expect(fieldErrors({ command, error: missing, reference })).toEqual({
      prompt: expect.stringContaining("or choose a Style."),
    });
  });

  it("has an error that is about no field of it at the first field", () => {
    const command = commandOf("restyle");
    const at = (option?: string) =>
      new AtelierError("invalid_input", "No picture.", option === undefined ? {} : { option });
    const reference = "r1";
    expect(fieldErrors({ command, error: at(), reference })).toEqual({ prompt: "No picture." });
    // Where the picture is chosen, there is no field for one.
    for (const option of ["image", "from"]) {
      const error = at(option);
      expect(fieldErrors({ command, error, reference })).toEqual({ [option]: "No picture." });
      expect(fieldErrors({ command, error, reference, isPictureChosen: true })).toEqual({
        prompt: "No picture.",
      });
    }
    const secret = new AtelierError("misconfigured", "SLACK_BOT_TOKEN has no scope files:read.");
    expect(JSON.stringify(fieldErrors({ command, error: secret, reference }))).toMatch(
      /reference r1/u,
    );
  });
});
