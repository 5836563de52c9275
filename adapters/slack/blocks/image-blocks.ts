import type { KnownBlock, RichTextBlock, RichTextElement } from "@slack/web-api";
import { isThumbnail, type SignedImage } from "#core";
import { paragraph } from "./card-blocks.ts";
import { SLACK_ALT_TEXT_MAX } from "./limits.ts";
import { clean, link, literal } from "./literal-text.ts";
import type { TextBudget } from "./text-budget.ts";

/** A picture as an image block names it: an uploaded file, or an address that Slack can fetch. */
export type SlackImageSource = { slack_file: { id: string } } | { image_url: string };

/** What the alt texts of one message may take of its room together. */
const ALT_TEXTS_MAX = 2500;

/**
 * The pictures, and the line of links to them, which is made when it is asked for: it gets what
 * room is left. A picture with an empty `url` is one of the App Home, which has no links but a
 * Show button for each.
 */
export function imageBlocks(
  images: readonly SignedImage[],
  imageSource: (image: SignedImage) => SlackImageSource | null,
  budget: TextBudget,
): { pictures: KnownBlock[]; links: () => RichTextBlock | null } {
  const nameOf = (index: number) => (images.length === 1 ? "" : ` ${index + 1}`);
  const altMax = Math.min(SLACK_ALT_TEXT_MAX, Math.floor(ALT_TEXTS_MAX / images.length));
  const shown: { url: string; name: string }[] = [];

  const pictures = images.flatMap((image, index): KnownBlock[] => {
    const name = nameOf(index);
    const source = imageSource(image);
    if (source !== null) {
      if (!isThumbnail(image)) shown.push({ url: image.url, name });
      const alt = budget.take(clean(image.alt), altMax) || `Picture${name}`;
      return [{ type: "image", ...source, alt_text: alt }];
    }
    const standIn = linkTo(image.url, `Open picture${name}`, budget);
    const sentence = `Picture${name} could not be shown here. `;
    const line = paragraph([
      literal(sentence),
      standIn ??
        literal(
          image.url === ""
            ? "Press Show to see it again."
            : "The New link button gives a link to it.",
        ),
    ]);
    return line === null ? [] : [line];
  });

  return {
    pictures,
    links() {
      const found = shown.flatMap(({ url, name }): RichTextElement[] => {
        const element = linkTo(url, `Full resolution${name}`, budget);
        return element === null ? [] : [element];
      });
      return paragraph(
        found.flatMap((each, index) => (index === 0 ? [each] : [literal(" · "), each])),
      );
    },
  };
}

/** The link, where it fits; the New link button signs another one at any time. */
function linkTo(url: string, text: string, budget: TextBudget): RichTextElement | null {
  const element = link(text, url);
  return element !== null && budget.takeWhole(url, text) ? element : null;
}
