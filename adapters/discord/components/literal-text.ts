import { shorten } from "#core";

// What people wrote goes into text displays, which are Discord's Markdown
// (https://docs.discord.com/developers/reference#message-formatting, and its client's rules are
// those of simple-markdown: a backslash before any ASCII punctuation shows that as it is). All
// other places (labels, alt texts, placeholders) are plain and take `plain`.

/** All but tab and line feed. */
const CONTROLS = /[^\P{Cc}\t\n]/gu;
/** They would turn round whatever comes after them on the line. */
const BIDI_OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/gu;
const VISIBLE = /[^\p{Cc}\p{Cf}\p{Z}]/u;

/** The text as it may be sent: whole characters, lines as `\n`; empty when there is nothing to see. */
export function clean(text: string): string {
  return cleanCode(text).replace(BIDI_OVERRIDES, "").trim();
}

/** The same for text to copy, which keeps its shape. */
export function cleanCode(text: string): string {
  const kept = text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029]/gu, "\n")
    .replace(CONTROLS, "");
  return VISIBLE.test(kept) ? kept : "";
}

/** For places without mark-up; `fallback` stands where there is nothing to see, which Discord refuses. */
export function plain(text: string, max: number, fallback = "…"): string {
  return shorten(clean(text).replace(/\s+/gu, " "), max) || fallback;
}

/** Bold, code, spoilers, quotes, links, and what starts mentions, timestamps and custom emoji. */
const MARKS = /[\\*_~`|<>[\]@]/gu;
/** Of addresses and of emoji by name; not of times, ratios and sentences. */
const COLONS = /:(?=\S)(?!(?<=\d:)\d+(?!\d*:))/gu;
/** Headings, lists and small text. */
const LINE_STARTS = /^([^\S\n]*)([#+-])/gmu;
const NUMBERED_LINES = /^([^\S\n]*\d+)(?=[.)])/gmu;

/** The text so that Discord shows it as it is and follows nothing in it. Expects clean text. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(MARKS, "\\$&")
    .replace(COLONS, "\\:")
    .replace(LINE_STARTS, "$1\\$2")
    .replace(NUMBERED_LINES, "$1\\");
}

/** The text, escaped, in at most `max` characters. */
export function escapeWithin(text: string, max: number): string {
  let kept = shorten(text, Math.max(0, max));
  let escaped = escapeMarkdown(kept);
  // A character becomes two at most.
  while (escaped.length > max) {
    kept = shorten(kept, kept.length - Math.ceil((escaped.length - max) / 2));
    escaped = escapeMarkdown(kept);
  }
  return escaped;
}

const FENCE = "```";
const ZERO_WIDTH_SPACE = "\u200b";

/** For a code block, in which a backslash escapes nothing: no run of backticks is long enough to end it. */
export function partBackticks(code: string): string {
  return code.replace(/``(?=`)/gu, `\`\`${ZERO_WIDTH_SPACE}`);
}

/** A code block of text that has no run of backticks to end it. */
export function fenced(code: string): string {
  return `${FENCE}\n${code}\n${FENCE}`;
}

/** The address as a link, or null for what Discord would not take for one. */
export function maskedLink(text: string, url: string): string | null {
  const href = usableUrl(url);
  return href === null ? null : `[${escapeMarkdown(text)}](${href})`;
}

/** The address with nothing in it that would end a link, or null when it is none of the web's. */
export function usableUrl(url: string): string | null {
  if (!/^https?:\/\/[^\s/]\S*$/u.test(url) || !URL.canParse(url)) return null;
  return new URL(url).href.replace(
    /[()<>\\|*`[\]]/gu,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
