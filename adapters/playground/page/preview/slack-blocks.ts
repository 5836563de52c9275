// The part of Block Kit that can be shown here
// (https://docs.slack.dev/reference/block-kit/blocks); of anything else the type is shown.

export interface TextObject {
  type: "plain_text" | "mrkdwn";
  text: string;
}

interface InlineStyle {
  bold?: boolean;
  italic?: boolean;
  strike?: boolean;
  code?: boolean;
}

export type InlineElement =
  | { type: "text"; text: string; style?: InlineStyle }
  | { type: "link"; url: string; text?: string; style?: InlineStyle }
  | { type: "user"; user_id: string; style?: InlineStyle };

export type RichTextElement =
  | { type: "rich_text_section"; elements: readonly InlineElement[] }
  | { type: "rich_text_preformatted"; elements: readonly InlineElement[] };

export interface ButtonElement {
  type: "button";
  text: TextObject;
  style?: "primary" | "danger";
  /** What Slack asks before it takes the press. */
  confirm?: { text: TextObject };
}

export interface ImageBlock {
  type: "image";
  image_url: string;
  alt_text: string;
  title?: TextObject;
}

export type SlackBlock =
  | { type: "rich_text"; elements: readonly RichTextElement[] }
  | { type: "section"; text?: TextObject; fields?: readonly TextObject[] }
  | { type: "context"; elements: readonly TextObject[] }
  | { type: "actions"; elements: readonly ButtonElement[] }
  | { type: "header"; text: TextObject }
  | { type: "divider" }
  | ImageBlock;
