import type { SignedField } from "#core";
import { clean, maskedLink } from "./literal-text.ts";
import { discordUserOf, mention } from "./person.ts";
import type { TextBudget } from "./text-budget.ts";

/**
 * Moments of videos, a line each. Signed links are long: all names have their room first, then
 * those that still fit become links that open the video there.
 */
export function momentLines(fields: readonly SignedField[], budget: TextBudget): string {
  const lines = fields.flatMap(({ label, value, person, momentUrl }) => {
    const name = flat(label);
    const user = discordUserOf(person);
    const by = user === null ? "" : ` · by ${mention(user)}`;
    if (!budget.takeWhole(`****: ${by}\n`)) return [];
    const shownName = budget.take(name);
    const shownValue = budget.take(flat(value));
    return shownName === "" || shownValue === ""
      ? []
      : [{ plain: `**${shownName}**`, name, rest: `: ${shownValue}${by}`, momentUrl }];
  });
  return lines
    .map(({ plain, name, rest, momentUrl }) => {
      const link = momentUrl === undefined ? null : maskedLink(name, momentUrl);
      const isRoomFor = link !== null && budget.takeWhole(link.slice(plain.length));
      return `${isRoomFor ? link : plain}${rest}`;
    })
    .join("\n");
}

function flat(text: string): string {
  return clean(text).replace(/\s+/gu, " ");
}
