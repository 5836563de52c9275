import type { BlobRef, PictureInfo } from "./ports/index.ts";

/** A picture on a card. The bytes stay in the store; whoever shows the card signs a link. */
export interface CardImage extends PictureInfo {
  blob: BlobRef;
  alt: string;
}

export interface CardField {
  label: string;
  value: string;
  /** The identity that `value` names, for platforms that show people in their own way; of a moment, who brought its video. */
  person?: string;
  /** The moment of a stored video that the label names; whoever shows the card signs a link. */
  moment?: VideoMoment;
}

export interface VideoMoment {
  blob: BlobRef;
  /** Where the video begins to play; absent where the frame itself is all that is stored. */
  timeMs?: number;
}

export interface CardButton {
  label: string;
  /** What comes back when it is pressed; see `action.ts`. */
  action: string;
  /** A command to put into the person's input instead, where the platform has one that can be filled. */
  prefill?: string;
  style?: "danger";
  /** With `danger`, what is asked before, where the platform asks in words; of pictures unless told. */
  confirm?: string;
}

/** The neutral answer of every command: plain data without mark-up, which each platform renders. */
export type Card = CardOf<CardImage>;

/** A picture with a link that works now. */
export interface SignedImage extends CardImage {
  url: string;
}

/** A field whose moment has a link that works now and opens the video at that time, or its frame. */
export interface SignedField extends CardField {
  momentUrl?: string;
}

/** A card as it is shown. */
export type SignedCard = CardOf<SignedImage, SignedField>;

interface CardOf<I extends CardImage, F extends CardField = CardField> {
  text: string;
  /** Text to copy as it is, such as a command. */
  code?: string;
  /** The identity that asked, where the card answers a request that others see. */
  askedBy?: string;
  images: readonly I[];
  fields: readonly F[];
  buttons: readonly CardButton[];
  /** Short remarks below the rest: what was shortened, served from the cache, drawn by sketch. */
  notices: readonly string[];
  /** The job whose shown card this one takes the place of. */
  replaces?: string;
}

/** A card from its text and whatever else it has. */
export function createCard(parts: Partial<Card> & Pick<Card, "text">): Card {
  return { images: [], fields: [], buttons: [], notices: [], ...parts };
}

/** Whether the picture is the thumbnail of a frame: there is no larger one behind it. */
export function isThumbnail({ blob }: Pick<CardImage, "blob">): boolean {
  return blob.store === "media";
}

/** Signs a link for each picture and each moment of the card. */
export async function signCard(
  card: Card,
  sign: (blob: BlobRef) => Promise<string>,
): Promise<SignedCard> {
  const images = await Promise.all(
    card.images.map(async (image) => ({ ...image, url: await sign(image.blob) })),
  );
  const fields = await Promise.all(
    card.fields.map(async (field) => {
      if (field.moment === undefined) return field;
      const { blob, timeMs } = field.moment;
      // A media fragment: players begin there (www.w3.org/TR/media-frags).
      const fragment = timeMs === undefined ? "" : `#t=${timeMs / 1000}`;
      return { ...field, momentUrl: `${await sign(blob)}${fragment}` };
    }),
  );
  return { ...card, images, fields };
}

/** What a platform allows on one message. */
export interface CardLimits {
  textMax: number;
  codeMax: number;
  altMax: number;
  imagesMax: number;
  fieldsMax: number;
  fieldLabelMax: number;
  fieldValueMax: number;
  buttonsMax: number;
  buttonLabelMax: number;
  noticesMax: number;
  noticeMax: number;
}

/** The text cut to `max` UTF-16 units with an ellipsis, never inside a character. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max < 1) return "";
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, max + 64))) {
    if (kept.length + segment.length > max - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/**
 * The card within a platform's limits, so that the platform never rejects it: texts are
 * shortened, what is over a count is left out; missing pictures are said in a notice. Idempotent.
 */
export function fitCard<I extends CardImage, F extends CardField>(
  card: CardOf<I, F>,
  limits: CardLimits,
): CardOf<I, F> {
  const hiddenImages = card.images.length - limits.imagesMax;
  const notices = [...card.notices];
  if (hiddenImages > 0) notices.unshift(`${hiddenImages} more not shown.`);
  const { code, ...rest } = card;
  return {
    ...rest,
    ...(code === undefined ? {} : { code: shorten(code, limits.codeMax) }),
    text: shorten(card.text, limits.textMax),
    images: card.images
      .slice(0, limits.imagesMax)
      .map((image) => ({ ...image, alt: shorten(image.alt, limits.altMax) })),
    fields: card.fields.slice(0, limits.fieldsMax).map((field) => ({
      ...field,
      label: shorten(field.label, limits.fieldLabelMax),
      value: shorten(field.value, limits.fieldValueMax),
    })),
    buttons: card.buttons
      .slice(0, limits.buttonsMax)
      .map((button) => ({ ...button, label: shorten(button.label, limits.buttonLabelMax) })),
    notices: notices.slice(0, limits.noticesMax).map((text) => shorten(text, limits.noticeMax)),
  };
}
