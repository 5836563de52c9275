import type { HeaderBlock, HomeView, KnownBlock } from "@slack/web-api";
import type { SignedCard, SignedImage } from "#core";
import { cardBlocks } from "../render.ts";
import { section } from "./card-blocks.ts";
import type { SlackImageSource } from "./image-blocks.ts";
import { SLACK_HEADER_MAX } from "./limits.ts";
import { cleanCode, cut, literal, plain } from "./literal-text.ts";

const HELP_MAX = 6000;

/**
 * A person's App Home: their latest jobs and how much they have under way, as the card of
 * /history says it, and below it what one can type.
 */
export function renderHome({
  card,
  help,
  imageSource,
}: {
  card: SignedCard;
  /** The list of commands, a line each. */
  help: string;
  imageSource: (image: SignedImage) => SlackImageSource | null;
}): HomeView {
  const isEmpty = card.images.length === 0 && card.fields.length === 0;
  return {
    type: "home",
    blocks: [
      header(isEmpty ? "Atelier draws pictures from words" : "Your latest jobs"),
      // It stays as it is until it is opened again: links on it would be dead by then.
      ...cardBlocks({ ...card, images: card.images.map(unlinked) }, imageSource),
      { type: "divider" } as const,
      header("What you can type"),
      helpBlock(help),
    ],
  };
}

function unlinked(image: SignedImage): SignedImage {
  return { ...image, url: "" };
}

function header(text: string): HeaderBlock {
  return { type: "header", text: plain(text, SLACK_HEADER_MAX) };
}

function helpBlock(help: string): KnownBlock {
  const code = cut(cleanCode(help), HELP_MAX) || "/help";
  const where =
    "In any channel that Atelier is in. /imagine, /restyle, /findframe and /addvideo alone open a form.";
  return {
    type: "rich_text",
    elements: [
      section([literal(where)]),
      { type: "rich_text_preformatted", elements: [literal(code)] },
    ],
  };
}
