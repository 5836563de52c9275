import type {
  ActionsBlock,
  Button,
  ContextBlock,
  KnownBlock,
  RichTextBlock,
  RichTextElement,
  RichTextSection,
} from "@slack/web-api";
import type { CardButton, CardField, SignedCard } from "#core";
import {
  SLACK_ACTION_ID_MAX,
  SLACK_BUTTON_TEXT_MAX,
  SLACK_CONFIRM_BUTTON_MAX,
  SLACK_CONTEXT_ELEMENTS_MAX,
  SLACK_TEXT_OBJECT_MAX,
} from "./limits.ts";
import { clean, literal, plain } from "./literal-text.ts";
import { mention, slackUserOf } from "./person.ts";
import type { TextBudget } from "./text-budget.ts";

/** A block of one paragraph; null when it would be empty. */
export function paragraph(elements: readonly RichTextElement[]): RichTextBlock | null {
  if (elements.length === 0) return null;
  return { type: "rich_text", elements: [section(elements)] };
}

export function section(elements: readonly RichTextElement[]): RichTextSection {
  return { type: "rich_text_section", elements: [...elements] };
}

/** Small grey text; null when there is nothing to say. */
export function contextLine(texts: readonly string[]): ContextBlock | null {
  const elements = texts
    .filter((text) => clean(text) !== "")
    .slice(0, SLACK_CONTEXT_ELEMENTS_MAX)
    .map((text) => plain(text, SLACK_TEXT_OBJECT_MAX));
  return elements.length === 0 ? null : { type: "context", elements };
}

/** The blocks that there are. */
export function present(blocks: readonly (KnownBlock | null)[]): KnownBlock[] {
  return blocks.filter((block) => block !== null);
}

/** A button whose action comes back as its id and its value. */
export function button({
  label,
  action,
  style,
  confirm: asked = "The pictures go, here too, and do not come back.",
}: CardButton): Button {
  const text = plain(label, SLACK_BUTTON_TEXT_MAX);
  const shared = { type: "button", text, action_id: action, value: action } as const;
  if (style !== "danger") return shared;
  const confirm = {
    title: plain(`${text.text}?`, SLACK_BUTTON_TEXT_MAX + 1),
    text: plain(asked, 300),
    confirm: plain(text.text, SLACK_CONFIRM_BUTTON_MAX),
    deny: plain("Keep", SLACK_CONFIRM_BUTTON_MAX),
    style,
  } as const;
  return { ...shared, style, confirm };
}

/** The card's buttons in a row; one of each action, as Slack wants it. */
export function buttonRow(buttons: readonly CardButton[], budget: TextBudget): ActionsBlock | null {
  const byAction = new Map<string, Button>();
  for (const each of buttons) {
    const isUsable = each.action !== "" && each.action.length <= SLACK_ACTION_ID_MAX;
    if (!isUsable || byAction.has(each.action)) continue;
    const made = button(each);
    const { title, text, confirm, deny } = made.confirm ?? {};
    const texts = [made.text, title, text, confirm, deny].map((part) => part?.text ?? "");
    if (budget.takeWhole(...texts)) byAction.set(each.action, made);
  }
  return byAction.size === 0 ? null : { type: "actions", elements: [...byAction.values()] };
}

/** Of a recipe, what says by itself what it is. */
const SELF_EXPLAINING: readonly string[] = ["Model", "Ratio"];
const LINE_VALUE_MAX = 60;
const LINE_MAX = 240;

/**
 * The card's fields: of pictures that someone asked for, the recipe in one line; of others
 * labels and values, in one line while that is short, else a line each.
 */
export function fieldBlock(card: SignedCard, budget: TextBudget): KnownBlock | null {
  const fields = card.fields
    .map(({ label, value, person }) => ({
      label: clean(label),
      value: clean(value),
      user: slackUserOf(person),
    }))
    .filter(({ label, value }) => label !== "" && value !== "");
  const isRecipe = card.askedBy !== undefined && card.images.length > 0;
  const line = (isRecipe ? fields.flatMap(recipePhrase) : fields.map(labelled)).join(" · ");
  const isShort = fields.every(
    ({ value, user }) => value.length <= LINE_VALUE_MAX && user === null,
  );
  if (isRecipe || (isShort && line.length <= LINE_MAX)) {
    return contextLine([budget.take(line, SLACK_TEXT_OBJECT_MAX)]);
  }
  const lines = fields.flatMap(({ label, value, user }, index) => {
    const start = `${index === 0 ? "" : "\n"}${label}`;
    const shownLabel = budget.take(start);
    const shownValue = budget.take(`: ${value}`);
    return shownLabel.trim() === "" || shownValue === ""
      ? []
      : [
          literal(shownLabel, { bold: true }),
          ...(user === null ? [literal(shownValue)] : [literal(": "), mention(user)]),
        ];
  });
  return paragraph(lines);
}

function labelled({ label, value }: CardField): string {
  return `${label}: ${value}`;
}

/** As one would say it: “16:9”, “seed 7”; nothing for what is not so. */
function recipePhrase({ label, value }: CardField): string[] {
  if (value === "no") return [];
  if (SELF_EXPLAINING.includes(label)) return [value];
  const start = label.charAt(0).toLowerCase() + label.slice(1);
  return [value === "yes" ? start : `${start} ${value}`];
}
