import type { KnownBlock, RichTextElement } from "@slack/web-api";
import type { SignedField } from "#core";
import { paragraph } from "./card-blocks.ts";
import { clean, link, literal } from "./literal-text.ts";
import { mention, slackUserOf } from "./person.ts";
import type { TextBudget } from "./text-budget.ts";

/** Moments of videos, a line each; its name opens the video there, as long as there is room for links. */
export function momentBlock(fields: readonly SignedField[], budget: TextBudget): KnownBlock | null {
  const lines = fields.flatMap(({ label, value, person, momentUrl }): RichTextElement[][] => {
    const name = budget.take(clean(label));
    if (name === "") return [];
    const opens = momentUrl === undefined ? null : link(name, momentUrl);
    const user = slackUserOf(person);
    const rest = budget.take(`: ${clean(value)}${user === null ? "" : " · by "}`);
    return [
      [
        opens !== null && budget.takeWhole(opens.url) ? opens : literal(name, { bold: true }),
        ...(rest === "" ? [] : [literal(rest)]),
        ...(user === null || rest === "" ? [] : [mention(user)]),
      ],
    ];
  });
  return paragraph(lines.flatMap((line, index) => (index === 0 ? line : [literal("\n"), ...line])));
}
