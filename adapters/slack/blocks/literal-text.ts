import type { PlainTextElement, RichTextLink, RichTextText } from "@slack/web-api";
import { shorten } from "#core";
import { SLACK_URL_MAX } from "./limits.ts";

// What people wrote goes only where Slack parses nothing: into `text` elements of rich_text
// blocks, and into plain_text objects with `emoji: false`
// (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block and
// .../composition-objects/text-object). Nothing is escaped there: it would be seen. There is no
// mrkdwn object in this adapter; the top-level text is the one place that is always mrkdwn.

/** All but tab and line feed. */
const CONTROLS = /[^\P{Cc}\t\n]/gu;
/** They would turn round whatever comes after them on the line. */
const BIDI_OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/gu;

/** The text as it may be sent: whole characters, lines as `\n`; empty when there is nothing to see. */
export function clean(text: string): string {
  const shown = cleanCode(text).replace(BIDI_OVERRIDES, "").trim();
  return shown;
}

/** The same for text to copy, which keeps its shape. */
export function cleanCode(text: string): string {
  const kept = text.toWellFormed().replace(/\r\n?/gu, "\n").replace(CONTROLS, "");
  return kept.trim() === "" ? "" : kept;
}

/**
 * How long Slack may count the text: it keeps `&`, `<` and `>` as entities
 * (https://github.com/slackapi/bolt-python/issues/513).
 */
export function lengthInSlack(text: string): number {
  return text.length + 4 * countOf(text, "&") + 3 * (countOf(text, "<") + countOf(text, ">"));
}

function countOf(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** The text cut to `max` as Slack may count it. */
export function cut(text: string, max: number): string {
  if (max <= 0) return "";
  let kept = shorten(text, max);
  for (let over = lengthInSlack(kept) - max; over > 0; over = lengthInSlack(kept) - max) {
    kept = shorten(kept, kept.length - Math.ceil(over / 5));
  }
  return kept;
}

/** A plain_text object; `fallback` stands where there is nothing to see, which Slack refuses. */
export function plain(text: string, max: number, fallback = "…"): PlainTextElement {
  return { type: "plain_text", text: cut(clean(text), max) || fallback, emoji: false };
}

/** A rich text element that shows the text as it is; the text must not be empty. */
export function literal(text: string, style?: RichTextText["style"]): RichTextText {
  return { type: "text", text, ...(style === undefined ? {} : { style }) };
}

/** A link, or null for an address that Slack does not take. */
export function link(text: string, url: string): RichTextLink | null {
  const isUsable =
    url.length <= SLACK_URL_MAX && /^https?:\/\/[^\s/]/u.test(url) && URL.canParse(url);
  return isUsable ? { type: "link", url, text } : null;
}

/** What mrkdwn would read as formatting, emoji or the start of a link, and what looks like it. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  "*": "∗",
  _: "ˍ",
  "~": "∼",
  "`": "ˋ",
  ":": "∶",
};
const WORD_JOINER = "\u2060";

/**
 * The text for the top-level `text` of a message, which is mrkdwn: control characters escaped
 * (https://docs.slack.dev/messaging/formatting-message-text#escaping), formatting characters as
 * their look-alikes since mrkdwn cannot escape them, and names of hosts and people broken where
 * Slack would find them by itself (#automatic-parsing).
 */
export function inertMrkdwn(text: string, max: number): string {
  const inert = clean(text)
    .replace(/\s+/gu, " ")
    .replace(/[*_~`:]/gu, (character) => LOOKALIKES[character] ?? character)
    .replace(/(?<=\S)\.(?=\S)|[@#](?=\S)/gu, (character) => `${character}${WORD_JOINER}`);
  return cut(inert, max).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
