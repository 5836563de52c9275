import type { Card, CardField } from "../card.ts";
import { MODEL_LABEL, RATIO_LABEL } from "../recipe/picture-card.ts";

/** Of a recipe, what says by itself what it is. */
const SELF_EXPLAINING: readonly string[] = [MODEL_LABEL, RATIO_LABEL];
const LINE_VALUE_MAX = 60;
const LINE_MAX = 240;

/** A field as a chat shows it; `user` is how the platform names its person. */
export interface ShownField extends Pick<CardField, "label" | "value"> {
  user: string | null;
}

/**
 * A card's fields in one line: of pictures that someone asked for the recipe, of others labels and
 * values. Null where that is too long, or names people: those take a line each.
 */
export function fieldLine(
  { askedBy, images }: Pick<Card, "askedBy" | "images">,
  fields: readonly ShownField[],
): string | null {
  if (askedBy !== undefined && images.length > 0) return fields.flatMap(recipePhrase).join(" · ");
  const line = fields.map(({ label, value }) => `${label}: ${value}`).join(" · ");
  const isShort = fields.every(
    ({ value, user }) => value.length <= LINE_VALUE_MAX && user === null,
  );
  return isShort && line.length <= LINE_MAX ? line : null;
}

/** As one would say it: “16:9”, “seed 7”; nothing for what is not so. */
function recipePhrase({ label, value }: ShownField): string[] {
  if (value === "no") return [];
  if (SELF_EXPLAINING.includes(label)) return [value];
  const start = label.charAt(0).toLowerCase() + label.slice(1);
  return [value === "yes" ? start : `${start} ${value}`];
}
