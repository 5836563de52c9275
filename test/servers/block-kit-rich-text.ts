import { array, boolean, byType, integer, object, oneOf, string, url } from "./block-kit-shape.ts";

// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block. That no text may be empty and
// no list without elements is not on the page, but Slack answers `invalid_blocks` ("must be more
// than 0 characters", "missing element").

const style = object({
  optional: { bold: boolean, italic: boolean, strike: boolean, underline: boolean, code: boolean },
});
const text = object({
  required: { type: oneOf("text"), text: string() },
  optional: { style },
});
const link = object({
  required: { type: oneOf("link"), url },
  optional: { text: string(), style, unsafe: boolean },
});
const user = object({
  required: { type: oneOf("user"), user_id: string({ pattern: /^[UW][A-Z0-9]{2,}$/u }) },
  optional: { style },
});
const channel = object({
  required: { type: oneOf("channel"), channel_id: string({ pattern: /^[CDG][A-Z0-9]{2,}$/u }) },
  optional: { style },
});
const usergroup = object({
  required: { type: oneOf("usergroup"), usergroup_id: string({ pattern: /^S[A-Z0-9]{2,}$/u }) },
  optional: { style },
});
const broadcast = object({
  required: { type: oneOf("broadcast"), range: oneOf("here", "channel", "everyone") },
  optional: { style },
});
const emoji = object({
  required: { type: oneOf("emoji"), name: string({ max: 100 }) },
  optional: { unicode: string(), style },
});
const date = object({
  required: { type: oneOf("date"), timestamp: integer(0, 1e11), format: string() },
  optional: { url, fallback: string(), style },
});

const inline = byType({ text, link, user, channel, usergroup, broadcast, emoji, date });
const section = object({
  required: { type: oneOf("rich_text_section"), elements: array(inline) },
});
const border = { border: oneOf(0, 1) };

/** blocks/rich-text-block and the four elements that it is made of. */
export const richText = object({
  required: {
    type: oneOf("rich_text"),
    elements: array(
      byType({
        rich_text_section: section,
        rich_text_list: object({
          required: {
            type: oneOf("rich_text_list"),
            style: oneOf("bullet", "ordered"),
            elements: array(section),
          },
          optional: { indent: integer(0, 8), offset: integer(0, 1e6), ...border },
        }),
        rich_text_quote: object({
          required: { type: oneOf("rich_text_quote"), elements: array(inline) },
          optional: border,
        }),
        rich_text_preformatted: object({
          required: {
            type: oneOf("rich_text_preformatted"),
            elements: array(byType({ text, link })),
          },
          optional: { language: string(), ...border },
        }),
      }),
    ),
  },
  optional: { block_id: string({ max: 255 }) },
});
