import {
  type APIComponentInLabel,
  type APILabelComponent,
  type APISelectMenuOption,
  type APIStringSelectComponent,
  type APITextInputComponent,
  ComponentType,
  TextInputStyle,
} from "discord-api-types/v10";
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
  DISCORD_INPUT_MAX,
  DISCORD_LABEL_DESCRIPTION_MAX,
  DISCORD_LABEL_MAX,
  DISCORD_PLACEHOLDER_MAX,
  DISCORD_SELECT_OPTION_MAX,
  DISCORD_SELECT_OPTIONS_MAX,
} from "./limits.ts";
import { clean, cleanCode, plain } from "./literal-text.ts";

type Initial = RawArgs[string];

/** The field for one option; its `custom_id` is the option's name. */
export function labelledField({
  command,
  name,
  option,
  initial,
  services,
  description = inFormWords(option.description, command),
}: {
  command: Command;
  name: string;
  option: Option;
  initial: Initial;
  services: Services;
  description?: string | undefined;
}): APILabelComponent {
  return labelled(formLabel(name), description, fieldOf(name, option, initial, services));
}

/** A list of which one must be chosen; the first is, unless told. Null when there is nothing on it. */
export function choiceField(
  name: string,
  label: string,
  choices: readonly Choice[],
): APILabelComponent | null {
  const [first] = choices;
  const field = select(name, choices, first?.value, true);
  return field === null ? null : labelled(label, "", field);
}

function labelled(
  label: string,
  description: string,
  component: APIComponentInLabel,
): APILabelComponent {
  const shown = plain(description, DISCORD_LABEL_DESCRIPTION_MAX, "");
  return {
    type: ComponentType.Label,
    label: plain(label, DISCORD_LABEL_MAX),
    ...(shown === "" ? {} : { description: shown }),
    component,
  };
}

function fieldOf(
  name: string,
  option: Option,
  initial: Initial,
  services: Services,
): APIComponentInLabel {
  const required = option.required === true;
  switch (option.type) {
    case "choice":
      return select(name, option.choices, initial, required) ?? textInput(name, option, initial);
    case "string": {
      const choices = option.suggest?.(services) ?? [];
      return select(name, choices, initial, required) ?? textInput(name, option, initial);
    }
    case "integer":
    case "number":
      return textInput(name, option, initial);
    case "flag":
      return {
        type: ComponentType.Checkbox,
        custom_id: name,
        default: initial === true || initial === "true",
      };
    case "image":
    case "video":
      return {
        type: ComponentType.FileUpload,
        custom_id: name,
        min_values: required ? 1 : 0,
        max_values: 1,
        required,
        // By the file's name only: what really is in it is looked at later.
        file_types: [option.type],
      };
  }
}

/** A list to choose from; an initial value that is not on it is added. Null when there is no list. */
function select(
  name: string,
  choices: readonly Choice[],
  initial: Initial,
  required: boolean,
): APIStringSelectComponent | null {
  const wanted = initial === undefined ? "" : clean(String(initial));
  const isWanted = (choice: Choice) =>
    [choice.name, choice.value].some((each) => each.toLowerCase() === wanted.toLowerCase());
  const found = choices.find(isWanted);
  const chosen = wanted === "" ? undefined : (found ?? { name: wanted, value: wanted });
  const usable = [...choices, ...(chosen === undefined ? [] : [chosen])].filter(
    ({ value }, index, all) =>
      value !== "" &&
      value.length <= DISCORD_SELECT_OPTION_MAX &&
      all.findIndex((each) => each.value === value) === index,
  );
  if (choices.length === 0 || usable.length === 0) return null;
  const isChosen = ({ value }: Choice) => value === chosen?.value;
  // Where there are too many, the last one gives way to the one that is chosen.
  const room = usable.findIndex(isChosen) < DISCORD_SELECT_OPTIONS_MAX ? 0 : 1;
  const options = [
    ...usable.slice(0, DISCORD_SELECT_OPTIONS_MAX - room),
    ...(room === 0 ? [] : usable.filter(isChosen)),
  ];
  return {
    type: ComponentType.StringSelect,
    custom_id: name,
    required,
    min_values: required ? 1 : 0,
    max_values: 1,
    options: options.map(
      (choice): APISelectMenuOption => ({
        label: plain(choice.name, DISCORD_SELECT_OPTION_MAX, choice.value),
        value: choice.value,
        ...(isChosen(choice) ? { default: true } : {}),
      }),
    ),
  };
}

function textInput(name: string, option: Option, initial: Initial): APITextInputComponent {
  const isText = option.type === "string" && option.isText === true;
  const maxLength = option.type === "string" ? option.maxLength : DISCORD_SELECT_OPTION_MAX;
  const value = textValue(initial);
  return {
    type: ComponentType.TextInput,
    custom_id: name,
    style: isText ? TextInputStyle.Paragraph : TextInputStyle.Short,
    required: option.required === true,
    // What is longer than the option takes is for the person to shorten.
    max_length: Math.min(DISCORD_INPUT_MAX, Math.max(maxLength, value.length)),
    ...(value === "" ? {} : { value }),
    ...(option.type === "integer" || option.type === "number"
      ? { placeholder: plain(`${option.min} to ${option.max}`, DISCORD_PLACEHOLDER_MAX) }
      : {}),
  };
}

function textValue(initial: Initial): string {
  return initial === undefined ? "" : cleanCode(String(initial));
}

/** Whether the option's field can hold the value whole. */
export function fitsField(option: Option, initial: Initial): boolean {
  const isList =
    option.type === "choice" || (option.type === "string" && option.suggest !== undefined);
  const max = isList ? DISCORD_SELECT_OPTION_MAX : DISCORD_INPUT_MAX;
  return textValue(initial).length <= max;
}
