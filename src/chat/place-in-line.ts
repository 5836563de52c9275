/** Made once: that takes longer than all the rest of a message. */
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });

/** Where a job stands that waits: “next”, “2nd”; `position` counts from 0. */
export function placeInLine(position: number): string {
  if (position === 0) return "next";
  const place = position + 1;
  const suffix = { one: "st", two: "nd", few: "rd", other: "th", many: "th", zero: "th" };
  return `${place}${suffix[ordinals.select(place)]}`;
}
