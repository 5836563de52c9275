import type { InputBlock, InputBlockElement, PlainTextOption } from "@slack/web-api";
import {
  type Choice,
  type Command,
  formLabel,
  inFormWords,
  type Option,
  type RawArgs,
  type Services,
} from "#core";
import {
  SLACK_INPUT_LENGTH_MAX,
  SLACK_LABEL_MAX,
  SLACK_OPTION_TEXT_MAX,
  SLACK_OPTION_VALUE_MAX,
  SLACK_OPTIONS_MAX,
} from "./limits.ts";
import { clean, plain } from "./literal-text.ts";

/** What the picture input lets people choose; what really is in a file is looked at later. */
const PICTURE_TYPES = ["jpg", "jpeg", "png", "webp", "gif"];
const VIDEO_TYPES = ["mp4", "mov", "webm", "mkv", "m4v"];

type Initial = RawArgs[string];

/** The input for one option; `block_id` and `action_id` are the option's name. */
export function inputBlock({
  command,
  name,
  option,
  initial,
  services,
  hasFocus,
}: {
  command: Command;
  name: string;
  option: Option;
  initial: Initial;
  services: Services;
  hasFocus: boolean;
}): InputBlock {
  const element = { ...elementOf(option, initial, services), action_id: name };
  return {
    type: "input",
    block_id: name,
    label: plain(formLabel(name), SLACK_LABEL_MAX),
    ...(option.type === "flag"
      ? {}
      : { hint: plain(inFormWords(option.description, command), SLACK_LABEL_MAX) }),
    optional: option.required !== true,
    element:
      hasFocus && element.type === "plain_text_input"
        ? { ...element, focus_on_load: true }
        : element,
  };
}

function elementOf(option: Option, initial: Initial, services: Services): InputBlockElement {
  switch (option.type) {
    case "choice":
      return select(option.choices, initial) ?? textInput(SLACK_INPUT_LENGTH_MAX, false, initial);
    case "string": {
      const proposed = select(option.suggest?.(services) ?? [], initial);
      return proposed ?? textInput(option.maxLength, option.isText === true, initial);
    }
    case "integer":
    case "number":
      return numberInput(option, initial);
    case "flag": {
      const yes = { text: plain(option.description, SLACK_OPTION_TEXT_MAX), value: "true" };
      const isSet = initial === true || initial === "true";
      return {
        type: "checkboxes",
        options: [yes],
        ...(isSet ? { initial_options: [yes] } : {}),
      };
    }
    case "image":
      return { type: "file_input", filetypes: [...PICTURE_TYPES], max_files: 1 };
    case "video":
      return { type: "file_input", filetypes: [...VIDEO_TYPES], max_files: 1 };
  }
}

/** A list to choose from; an initial value that is not on it is added. Null when there is no list. */
function select(choices: readonly Choice[], initial: Initial): InputBlockElement | null {
  if (choices.length === 0) return null;
  const given = initial === undefined ? "" : clean(String(initial));
  const wanted = given === "" ? null : given;
  const isWanted = ({ name, value }: Choice) =>
    [name, value].some((each) => each.toLowerCase() === wanted?.toLowerCase());
  const chosen =
    wanted === null ? null : (choices.find(isWanted) ?? { name: wanted, value: wanted });

  const byValue = new Map<string, PlainTextOption>();
  for (const choice of [...(chosen === null ? [] : [chosen]), ...choices]) {
    const isUsable = choice.value !== "" && choice.value.length <= SLACK_OPTION_VALUE_MAX;
    if (isUsable && !byValue.has(choice.value) && byValue.size < SLACK_OPTIONS_MAX) {
      const text = plain(choice.name, SLACK_OPTION_TEXT_MAX, choice.value);
      byValue.set(choice.value, { text, value: choice.value });
    }
  }
  const [first] = byValue.values();
  if (first === undefined) return null;
  const initialOption = chosen === null ? undefined : byValue.get(chosen.value);
  // In the order of the declaration, the added one last.
  const order = new Map(choices.map(({ value }, index) => [value, index]));
  const rank = ({ value = "" }: PlainTextOption) => order.get(value) ?? choices.length;
  return {
    type: "static_select",
    options: [...byValue.values()].sort((a, b) => rank(a) - rank(b)),
    ...(initialOption === undefined ? {} : { initial_option: initialOption }),
  };
}

function textInput(maxLength: number, multiline: boolean, initial: Initial): InputBlockElement {
  const value = initial === undefined ? "" : String(initial).toWellFormed();
  // Slack takes no `max_length` above its own; without one, more can be typed, and the core judges.
  const isBounded = maxLength <= SLACK_INPUT_LENGTH_MAX && value.length <= maxLength;
  return {
    type: "plain_text_input",
    multiline,
    ...(isBounded ? { max_length: maxLength } : {}),
    ...(value === "" ? {} : { initial_value: value }),
  };
}

function numberInput(
  { type, min, max }: Extract<Option, { type: "integer" | "number" }>,
  initial: Initial,
): InputBlockElement {
  const value = initial === undefined || initial === "" ? Number.NaN : Number(initial);
  const isFit = value >= min && value <= max && (type === "number" || Number.isInteger(value));
  return {
    type: "number_input",
    is_decimal_allowed: type === "number",
    min_value: String(min),
    max_value: String(max),
    ...(isFit ? { initial_value: String(value) } : {}),
  };
}
