import type { KnownBlock, RichTextBlock, RichTextElement } from "@slack/web-api";
import {
  createCard,
  encodeAction,
  fitCard,
  type Progress,
  placeInLine,
  type SignedCard,
  type SignedImage,
  stepText,
} from "#core";
import {
  button,
  buttonRow,
  contextLine,
  fieldBlock,
  paragraph,
  present,
  section,
} from "./blocks/card-blocks.ts";
import { imageBlocks, type SlackImageSource } from "./blocks/image-blocks.ts";
import { FALLBACK_TEXT_MAX, SLACK_BLOCKS_TEXT_MAX, SLACK_CARD_LIMITS } from "./blocks/limits.ts";
import { clean, cleanCode, inertMrkdwn, literal } from "./blocks/literal-text.ts";
import { momentBlock } from "./blocks/moment-block.ts";
import { mention, slackUserOf } from "./blocks/person.ts";
import { createTextBudget, type TextBudget } from "./blocks/text-budget.ts";

export type { SlackImageSource } from "./blocks/image-blocks.ts";

/** What `chat.postMessage`, `chat.update` and a `response_url` take. */
export interface SlackMessage {
  /** For notifications and screen readers; mrkdwn. */
  text: string;
  blocks: KnownBlock[];
}

/**
 * The card as a message that Slack takes, whatever the card. `imageSource` is null for a picture
 * that could not be uploaded: a link to it stands in its place.
 */
export function renderCard(
  card: SignedCard,
  imageSource: (image: SignedImage) => SlackImageSource | null,
): SlackMessage {
  const blocks = cardBlocks(card, imageSource);
  const text = fallbackText(card.askedBy, card.text);
  if (blocks.length > 0) return { text, blocks };
  return renderFailure("There is nothing to show.");
}

/** The parts of a card, top to bottom; as few as there are. */
export function cardBlocks(
  signed: SignedCard,
  imageSource: (image: SignedImage) => SlackImageSource | null,
): KnownBlock[] {
  const card = fitCard({ ...signed, text: clean(signed.text) }, SLACK_CARD_LIMITS);
  const budget = createTextBudget(SLACK_BLOCKS_TEXT_MAX);
  // What is most needed takes its room first.
  const buttons = buttonRow(card.buttons, budget);
  const notices = contextLine(card.notices.map((each) => budget.take(clean(each))));
  const lead = leadBlock(card, budget);
  const { pictures, links } = imageBlocks(card.images, imageSource, budget);
  const fields = card.fields.some(({ moment }) => moment !== undefined)
    ? momentBlock(card.fields, budget)
    : fieldBlock(card, budget);
  return present([lead, ...pictures, fields, links(), notices, buttons]);
}

/** Who asked and the text, and below it the text to copy. */
function leadBlock(card: SignedCard, budget: TextBudget): RichTextBlock | null {
  const text = budget.take(card.text, SLACK_CARD_LIMITS.textMax);
  const elements = askedFor(card.askedBy, text);
  const code = takeLines(cleanCode(card.code ?? ""), budget);
  if (code === "") return paragraph(elements);
  return {
    type: "rich_text",
    elements: [
      ...(elements.length === 0 ? [] : [section(elements)]),
      { type: "rich_text_preformatted", elements: [literal(code)] },
    ],
  };
}

function askedFor(askedBy: string | undefined, text: string): RichTextElement[] {
  const user = slackUserOf(askedBy);
  if (text === "") return user === null ? [] : [mention(user)];
  return user === null ? [literal(text)] : [mention(user), literal(`: ${text}`)];
}

/** As many whole lines as there is room for: half a link or half a command is of no use. */
function takeLines(code: string, budget: TextBudget): string {
  const lines = code.split("\n");
  const kept: string[] = [];
  for (const line of lines) {
    if (!budget.takeWhole(`${line}\n`)) break;
    kept.push(line);
  }
  if (kept.join("").trim() === "") return budget.take(code);
  return kept.length === lines.length ? code : `${kept.join("\n")}\n…`;
}

function fallbackText(askedBy: string | undefined, text: string): string {
  const user = slackUserOf(askedBy);
  const inert = inertMrkdwn(text, FALLBACK_TEXT_MAX) || "An answer from Atelier";
  return user === null ? inert : `<@${user}>: ${inert}`;
}

/**
 * What the person alone sees when a command was taken. `position` counts from 0 and is null for
 * a job that does not wait.
 */
export function renderQueued({
  jobId,
  position,
}: {
  jobId: string;
  position: number | null;
}): SlackMessage {
  const text =
    position === null ? "Got it, starting now." : `Queued, ${placeInLine(position)} in line.`;
  return { text, blocks: present([paragraph([literal(text)]), cancelRow(jobId)]) };
}

/** What everyone sees while a job runs: who asked, what for, and how far it is. */
export function renderProgress({
  jobId,
  askedBy,
  text,
  doing,
  progress,
}: {
  jobId: string;
  askedBy: string;
  text: string;
  /** What its command does; `Drawing` unless told. */
  doing?: string | undefined;
  progress: Progress | null;
}): SlackMessage {
  const budget = createTextBudget(SLACK_BLOCKS_TEXT_MAX / 2);
  const what = budget.take(clean(text), SLACK_CARD_LIMITS.textMax);
  return {
    text: fallbackText(askedBy, text),
    blocks: present([
      paragraph(askedFor(askedBy, what)),
      contextLine([clean(stepText(doing, progress))]),
      cancelRow(jobId),
    ]),
  };
}

function cancelRow(jobId: string): KnownBlock {
  const action = encodeAction({ command: "cancel", jobId, index: 0 });
  return { type: "actions", elements: [button({ label: "Cancel", action })] };
}

/** A sentence that says what went wrong. */
export function renderFailure(message: string): SlackMessage {
  const text = clean(message) || "Something went wrong.";
  return {
    text: fallbackText(undefined, text),
    blocks: cardBlocks({ ...createCard({ text }), images: [] }, () => null),
  };
}
