import {
  type APIButtonComponent,
  type APIMediaGalleryComponent,
  type APITextDisplayComponent,
  ComponentType,
} from "discord-api-types/v10";
import { isThumbnail, type SignedImage } from "#core";
import { linkButton, textDisplay } from "./card-components.ts";
import { linkLine, smallLine } from "./card-texts.ts";
import { clean } from "./literal-text.ts";
import type { TextBudget } from "./text-budget.ts";

export interface ImageComponents {
  gallery: APIMediaGalleryComponent | null;
  /** For pictures that could not be attached: made when it is asked for, with the room that is left. */
  standIns(budget: TextBudget): APITextDisplayComponent | null;
  /** To the pictures in full, where they do not have a button: with the room that is left. */
  links(budget: TextBudget): string;
  linkButton: APIButtonComponent | null;
}

/** The pictures by the names of their attachments, and links to them. */
export function imageComponents(
  images: readonly SignedImage[],
  attachmentName: (image: SignedImage) => string | null,
  { isSpoiler }: { isSpoiler: boolean },
): ImageComponents {
  const named = images.map((image, index) => ({
    image,
    number: images.length === 1 ? "" : ` ${index + 1}`,
    file: attachmentName(image),
  }));
  const attached = named.filter(({ file }) => file !== null);
  const missing = named.filter(({ file }) => file === null);
  const linked = attached.filter(({ image }) => !isThumbnail(image));
  const [only] = linked;
  // Several would push the other buttons apart: they become a line.
  const button =
    only === undefined || images.length > 1 ? null : linkButton("Full resolution", only.image.url);

  return {
    gallery:
      attached.length === 0
        ? null
        : {
            type: ComponentType.MediaGallery,
            items: attached.map(({ image, number, file }) => ({
              media: { url: `attachment://${file}` },
              description: clean(image.alt) || `Picture${number}`,
              ...(isSpoiler ? { spoiler: true } : {}),
            })),
          },
    standIns: (budget) =>
      textDisplay(
        ...missing.flatMap(({ image, number }) => {
          const sentence = smallLine(`Picture${number} could not be shown here.`, budget);
          const link = linkLine([{ text: `Open picture${number}`, url: image.url }], budget);
          const hint = "The New link button gives a link to it.";
          return [sentence, link === "" ? smallLine(hint, budget) : link];
        }),
      ),
    links: (budget) =>
      button !== null || linked.length === 0
        ? ""
        : linkLine(
            linked.map(({ image, number }) => ({
              text: `Full resolution${number}`,
              url: image.url,
            })),
            budget,
          ),
    linkButton: button,
  };
}
