import { describe, expect, it } from "vitest";
import {
  actions,
  boxes,
  home,
  input,
  modal,
  mrkdwn,
  number,
  option,
  plain,
  select,
  some,
  textInput,
  x,
} from "../fixtures/block-kit-samples.ts";
import {
  type BlockKitPayload,
  blockKitProblems,
  type Surface,
} from "../servers/block-kit-rules.ts";

const taken: [string, Surface, BlockKitPayload][] = [
  [
    "a form with every input",
    "modal",
    modal(
      [
        input(textInput({ max_length: 3000, initial_value: x(3000), focus_on_load: true }), {
          block_id: "a",
        }),
        input(textInput({ initial_value: x(9000) }), {
          block_id: "b",
          hint: plain(x(2000)),
          optional: true,
        }),
        input(number({ min_value: "0", max_value: "10", initial_value: "10" })),
        input(number({ is_decimal_allowed: true, initial_value: "0.5" })),
        input(select({ options: some(100, (n) => option(`${n}`)), initial_option: option("7") })),
        input(boxes({ initial_options: [option("a")] })),
        input({ type: "file_input", filetypes: ["png"], max_files: 1 }),
      ],
      { private_metadata: x(3000), callback_id: "imagine", close: plain("Cancel") },
    ),
  ],
  [
    "a form without inputs needs no submit",
    "modal",
    modal([{ type: "divider" }], { submit: undefined }),
  ],
  [
    "an App Home of 100 blocks",
    "home",
    home(some(100, () => ({ type: "header", text: plain(x(150)) }))),
  ],
];

const refused: [string, Surface, BlockKitPayload, string][] = [
  [
    "a file input in App Home",
    "home",
    home([input({ type: "file_input" })]),
    "unsupported type: file_input",
  ],
  [
    "a file input in an actions block",
    "modal",
    modal([actions({ type: "file_input" })]),
    "unsupported type: file_input",
  ],
  ["eleven files", "modal", modal([input({ type: "file_input", max_files: 11 })]), "from 1 to 10"],
  [
    "101 blocks of a view",
    "home",
    home(some(101, () => ({ type: "divider" }))),
    "no more than 100",
  ],
  [
    "a title in App Home",
    "home",
    home([{ type: "divider" }], { title: plain("a") }),
    "invalid additional property",
  ],
  ["no view", "modal", {}, "must be an object"],
  [
    "a form without title",
    "modal",
    modal([{ type: "divider" }], { title: undefined }),
    "required field: title",
  ],
  ["a long title", "modal", modal([{ type: "divider" }], { title: plain(x(25)) }), "less than 25"],
  [
    "a long submit",
    "modal",
    modal([{ type: "divider" }], { submit: plain(x(25)) }),
    "less than 25",
  ],
  [
    "inputs without submit",
    "modal",
    modal([input(textInput())], { submit: undefined }),
    "required field: submit",
  ],
  [
    "long metadata",
    "modal",
    modal([{ type: "divider" }], { private_metadata: x(3001) }),
    "less than 3001",
  ],
  [
    "a long callback_id",
    "modal",
    modal([{ type: "divider" }], { callback_id: x(256) }),
    "less than 256",
  ],
  [
    "two inputs with the focus",
    "modal",
    modal(some(2, () => input(textInput({ focus_on_load: true })))),
    "only one",
  ],
  [
    "a long label of an input",
    "modal",
    modal([input(textInput(), { label: plain(x(2001)) })]),
    "less than 2001",
  ],
  ["a long hint", "modal", modal([input(textInput(), { hint: plain(x(2001)) })]), "less than 2001"],
  [
    "a max_length over 3,000",
    "modal",
    modal([input(textInput({ max_length: 3001 }))]),
    "from 1 to 3000",
  ],
  [
    "a value over max_length",
    "modal",
    modal([input(textInput({ max_length: 3, initial_value: "four" }))]),
    "max_length",
  ],
  [
    "a long placeholder",
    "modal",
    modal([input(textInput({ placeholder: plain(x(151)) }))]),
    "less than 151",
  ],
  [
    "a number that is no string",
    "modal",
    modal([input(number({ min_value: 0 }))]),
    "must be a string",
  ],
  [
    "a number below its minimum",
    "modal",
    modal([input(number({ min_value: "1", initial_value: "0" }))]),
    "from min_value",
  ],
  [
    "a minimum above the maximum",
    "modal",
    modal([input(number({ min_value: "2", max_value: "1" }))]),
    "greater than max_value",
  ],
  [
    "a decimal where none is allowed",
    "modal",
    modal([input(number({ max_value: "0.5" }))]),
    "decimals",
  ],
  [
    "101 options",
    "modal",
    modal([input(select({ options: some(101, (n) => option(`${n}`)) }))]),
    "no more than 100",
  ],
  ["no options", "modal", modal([input(select({ options: [] }))]), "no fewer than 1"],
  [
    "an option's long text",
    "modal",
    modal([input(select({ options: [{ text: plain(x(76)), value: "a" }] }))]),
    "less than 76",
  ],
  [
    "an option's long value",
    "modal",
    modal([input(select({ options: [{ text: plain("a"), value: x(151) }] }))]),
    "less than 151",
  ],
  [
    "an option in mrkdwn",
    "modal",
    modal([input(select({ options: [{ text: mrkdwn("a"), value: "a" }] }))]),
    "plain_text",
  ],
  [
    "a value twice",
    "modal",
    modal([input(select({ options: [option("a"), option("a")] }))]),
    "unique",
  ],
  [
    "an initial option of another list",
    "modal",
    modal([input(select({ initial_option: option("b") }))]),
    "provided options",
  ],
  [
    "eleven boxes",
    "modal",
    modal([input(boxes({ options: some(11, (n) => option(`${n}`)) }))]),
    "no more than 10",
  ],
  [
    "a ticked box of another list",
    "modal",
    modal([input(boxes({ initial_options: [option("b")] }))]),
    "provided options",
  ],
];

describe("the rules of Block Kit for forms and App Home", () => {
  it.each(taken)("take %s", (_name, surface, payload) => {
    expect(blockKitProblems(payload, surface)).toEqual([]);
  });

  it.each(refused)("refuse %s, for that reason alone", (_name, surface, payload, reason) => {
    expect(blockKitProblems(payload, surface)).toEqual([expect.stringContaining(reason)]);
  });
});
