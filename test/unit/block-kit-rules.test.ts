import { describe, expect, it } from "vitest";
import {
  actions,
  button,
  confirm,
  file,
  image,
  input,
  message,
  mrkdwn,
  plain,
  rich,
  section,
  some,
  text,
  x,
} from "../fixtures/block-kit-samples.ts";
import { type BlockKitPayload, blockKitProblems } from "../servers/block-kit-rules.ts";

const taken: [string, BlockKitPayload][] = [
  ["a text alone", { text: x(4000) }],
  ["blocks alone, as JSON text", { blocks: JSON.stringify([{ type: "divider" }]) }],
  ["50 blocks", message(...some(50, () => ({ type: "divider" })))],
  [
    "12,000 characters in all",

    message(...some(4, () => ({ type: "section", text: mrkdwn(x(3000)) }))),
  ],
  [
    "a section of ten fields",

    message({ type: "section", fields: some(10, () => mrkdwn(x(1000))) }),
  ],
  [
    "25 buttons, with all they can have",

    message(
      actions(
        ...some(25, (n) =>
          button({ action_id: `a${n}`, value: x(2000), style: "danger", confirm }),
        ),
      ),
    ),
  ],
  [
    "pictures of both kinds",

    message(image(file), image({ image_url: "https://a.example/a.png", title: plain("A fox") })),
  ],
  [
    "ten context elements",

    message({ type: "context", elements: [image(file), ...some(9, () => plain("a"))] }),
  ],
  [
    "rich text of every kind",

    message(
      rich(
        section(
          text("a"),
          { type: "user", user_id: "U0ANA" },
          { type: "link", url: "https://a.example", text: "b" },
        ),
        { type: "rich_text_list", style: "bullet", elements: [section(text("a"))] },
        { type: "rich_text_quote", elements: [text("a")] },
        { type: "rich_text_preformatted", elements: [text("```")] },
      ),
    ),
  ],
];

const refused: [string, BlockKitPayload, string][] = [
  ["nothing", {}, "no_text"],
  ["a text of 4,001 characters", { text: x(4001) }, "/text"],
  ["a lone surrogate", { text: "\ud83e" }, "well-formed"],
  ["51 blocks", message(...some(51, () => ({ type: "divider" }))), "no more than 50"],
  ["no blocks", { text: "a", blocks: [] }, "no fewer than 1"],
  [
    "12,001 characters in all",

    message(...some(4, () => ({ type: "section", text: plain(x(3000)) })), {
      type: "header",
      text: plain("x"),
    }),
    "msg_blocks_too_long",
  ],
  ["a block of no known type", message({ type: "hero" }), "unsupported type: hero"],
  [
    "a field of no block",

    message({ type: "divider", colour: "red" }),
    "/blocks/0/colour",
  ],
  ["a long block_id", message({ type: "divider", block_id: x(256) }), "less than 256"],
  [
    "a block_id twice",

    message({ type: "divider", block_id: "a" }, { type: "divider", block_id: "a" }),
    'block_id "a"',
  ],
  ["an empty section", message({ type: "section" }), "text or fields"],
  [
    "a section's long text",

    message({ type: "section", text: mrkdwn(x(3001)) }),
    "less than 3001",
  ],
  ["an empty text", message({ type: "section", text: plain("") }), "more than 0"],
  [
    "eleven fields",

    message({ type: "section", fields: some(11, () => plain("a")) }),
    "no more than 10",
  ],
  [
    "a long field",

    message({ type: "section", fields: [plain(x(2001))] }),
    "less than 2001",
  ],
  [
    "eleven context elements",

    message({ type: "context", elements: some(11, () => plain("a")) }),
    "no more than 10",
  ],
  [
    "a button in a context",

    message({ type: "context", elements: [button()] }),
    "unsupported type: button",
  ],
  [
    "a header in mrkdwn",

    message({ type: "header", text: mrkdwn("a") }),
    "must be one of plain_text",
  ],
  ["a long header", message({ type: "header", text: plain(x(151)) }), "less than 151"],
  ["26 buttons", message(actions(...some(26, () => button()))), "no more than 25"],
  ["no button", message(actions()), "no fewer than 1"],
  [
    "an action_id twice in a block",

    message(actions(button({ action_id: "a" }), button({ action_id: "a" }))),
    'action_id "a"',
  ],
  ["a long action_id", message(actions(button({ action_id: x(256) }))), "less than 256"],
  ["a long value", message(actions(button({ value: x(2001) }))), "less than 2001"],
  ["a long label", message(actions(button({ text: plain(x(76)) }))), "less than 76"],
  [
    "a style of no button",

    message(actions(button({ style: "red" }))),
    "primary, danger",
  ],
  [
    "a confirm without a title",

    message(actions(button({ confirm: { ...confirm, title: undefined } }))),
    "required field: title",
  ],
  [
    "a confirm's long title",

    message(actions(button({ confirm: { ...confirm, title: plain(x(101)) } }))),
    "less than 101",
  ],
  [
    "a confirm's long text",

    message(actions(button({ confirm: { ...confirm, text: plain(x(301)) } }))),
    "less than 301",
  ],
  [
    "a confirm's long button",

    message(actions(button({ confirm: { ...confirm, deny: plain(x(31)) } }))),
    "less than 31",
  ],
  [
    "a picture without alt text",

    message({ type: "image", ...file }),
    "required field: alt_text",
  ],
  ["a long alt text", message(image({ ...file, alt_text: x(2001) })), "less than 2001"],
  [
    "a long title of a picture",

    message(image({ ...file, title: plain(x(2001)) })),
    "less than 2001",
  ],
  [
    "a picture from nowhere",

    message(image()),
    "exactly one of image_url and slack_file",
  ],
  [
    "a picture from two places",

    message(image({ ...file, image_url: "https://a.example" })),
    "exactly one of image_url and slack_file",
  ],
  [
    "a file by id and by url",

    message(image({ slack_file: { id: "F1", url: "https://a.example" } })),
    "exactly one of id and url",
  ],
  [
    "a long image_url",

    message(image({ image_url: `https://a.example/${x(3000)}` })),
    "less than 3001",
  ],
  ["an image_url of this page", message(image({ image_url: "/a.png" })), "must match"],
  ["empty rich text", message(rich(section(text("")))), "more than 0"],
  ["a rich text section of nothing", message(rich(section())), "no fewer than 1"],
  [
    "a mention of nobody",

    message(rich(section({ type: "user", user_id: "<!channel>" }))),
    "must match",
  ],
  [
    "a mention in preformatted text",

    message(
      rich({ type: "rich_text_preformatted", elements: [{ type: "user", user_id: "U0ANA" }] }),
    ),
    "unsupported type: user",
  ],
  [
    "a link to nowhere",

    message(rich(section({ type: "link", url: "/a" }))),
    "must match",
  ],
  [
    "a file input in a message",

    message(input({ type: "file_input" })),
    "unsupported type: file_input",
  ],
];

describe("the rules of Block Kit for messages", () => {
  it.each(taken)("take %s", (_name, payload) => {
    expect(blockKitProblems(payload, "message")).toEqual([]);
  });

  it.each(refused)("refuse %s, for that reason alone", (_name, payload, reason) => {
    expect(blockKitProblems(payload, "message")).toEqual([expect.stringContaining(reason)]);
  });
});
