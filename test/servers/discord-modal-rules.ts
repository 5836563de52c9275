import {
  componentsBelow,
  DISCORD_COMPONENT,
  type PlacedComponent,
  problem,
  selectProblems,
  uniqueProblems,
} from "./discord-component-rules.ts";
import type { BodyProblem } from "./discord-refusals.ts";
import { type JsonRecord, recordsOf, textOf } from "./json-record.ts";

const DISCORD_MODAL_COMPONENTS_MAX = 5;
const DISCORD_TITLE_MAX = 45;
const DISCORD_INPUT_MAX = 4000;
const DISCORD_CHOICES_MAX = 25;
const DISCORD_CHOICE_MAX = 100;

/** https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal */
export function modalProblems(modal: JsonRecord): BodyProblem[] {
  const count = recordsOf(modal.components).length;
  const placed = componentsBelow(modal);
  const problems = [...placed.flatMap(fieldProblems), ...uniqueProblems(placed)];
  if (count < 1 || count > DISCORD_MODAL_COMPONENTS_MAX) {
    const message = `A modal has 1 to ${DISCORD_MODAL_COMPONENTS_MAX} components, not ${count}.`;
    problems.push(problem(["components"], "BASE_TYPE_BAD_LENGTH", message));
  }
  const { length } = textOf(modal.title);
  if (length < 1 || length > DISCORD_TITLE_MAX) {
    const message = `A title has 1 to ${DISCORD_TITLE_MAX} characters, not ${length}.`;
    problems.push(problem(["title"], "BASE_TYPE_BAD_LENGTH", message));
  }
  return problems;
}

function fieldProblems({ component, path }: PlacedComponent): BodyProblem[] {
  if (component.type === DISCORD_COMPONENT.stringSelect) return selectProblems(component, path);
  if (component.type !== DISCORD_COMPONENT.textInput) return [];
  const { value, min_length, max_length } = component;
  const max = typeof max_length === "number" ? max_length : DISCORD_INPUT_MAX;
  const min = typeof min_length === "number" ? min_length : 0;
  const { length } = textOf(value);
  if (max < min) {
    const message = "max_length is smaller than min_length.";
    return [problem([...path, "max_length"], "BASE_TYPE_MIN_VALUE", message)];
  }
  if (length === 0 || (length >= min && length <= max)) return [];
  const message = `The prefilled value has ${length} characters, ${min} to ${max} are allowed.`;
  return [problem([...path, "value"], "BASE_TYPE_BAD_LENGTH", message)];
}

export function autocompleteProblems(data: JsonRecord): BodyProblem[] {
  const choices = recordsOf(data.choices);
  const isBad = (text: unknown) =>
    typeof text === "string" && (text.length < 1 || text.length > DISCORD_CHOICE_MAX);
  const problems = choices.flatMap(({ name, value }, index) =>
    isBad(name) || isBad(value)
      ? [problem(["choices", String(index)], "BASE_TYPE_BAD_LENGTH", "1 to 100 characters.")]
      : [],
  );
  if (choices.length <= DISCORD_CHOICES_MAX) return problems;
  const message = `${choices.length} choices, ${DISCORD_CHOICES_MAX} are allowed.`;
  return [...problems, problem(["choices"], "BASE_TYPE_MAX_LENGTH", message)];
}
