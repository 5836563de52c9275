import type {
  ActionsBlock,
  Button,
  ContextBlock,
  KnownBlock,
  RichTextBlock,
  RichTextElement,
  RichTextSection,
} from "@slack/web-api";
import { type CardButton, fieldLine, type SignedCard } from "#core";
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

/** The card's fields in one line of small text, or a line each; see `fieldLine`. */
export function fieldBlock(card: SignedCard, budget: TextBudget): KnownBlock | null {
  const fields = card.fields
    .map(({ label, value, person }) => ({
      label: clean(label),
      value: clean(value),
      user: slackUserOf(person),
    }))
    .filter(({ label, value }) => label !== "" && value !== "");
  const line = fieldLine(card, fields);
  if (line !== null) return contextLine([budget.take(line, SLACK_TEXT_OBJECT_MAX)]);
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
