import { problem } from "./discord-component-rules.ts";
import type { BodyProblem } from "./discord-refusals.ts";
import { type JsonRecord, recordsOf, textOf } from "./json-record.ts";

/** https://docs.discord.com/developers/interactions/application-commands#application-command-object */
export const DISCORD_COMMAND_TYPE = { chatInput: 1, user: 2, message: 3 } as const;

/** https://docs.discord.com/developers/interactions/application-commands#application-command-object-application-command-option-type */
export const DISCORD_OPTION = {
  string: 3,
  integer: 4,
  boolean: 5,
  number: 10,
  attachment: 11,
} as const;

const DISCORD_COMMAND_TEXT_MAX = 8000;
const DISCORD_OPTIONS_MAX = 25;
const DISCORD_CHOICES_MAX = 25;
/** By type: 100 chat input, 15 of each context menu. */
const DISCORD_COMMANDS_MAX: Readonly<Record<number, number>> = { 1: 100, 2: 15, 3: 15 };
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

/** The rules of a command that Discord's specification does not tell. */
export function commandProblems(command: JsonRecord): BodyProblem[] {
  const type = typeOf(command);
  const name = textOf(command.name);
  const options = recordsOf(command.options);
  if (type !== DISCORD_COMMAND_TYPE.chatInput) {
    const isBare = textOf(command.description) === "" && options.length === 0;
    if (isBare) return [];
    const message = "Context menu commands have neither description nor options.";
    return [problem(["description"], "APPLICATION_COMMAND_INVALID_DESCRIPTION", message)];
  }
  const problems = options.flatMap((option, index) => optionProblems(option, index));
  if (!NAME.test(name) || name !== name.toLowerCase()) {
    const message = "Command name is invalid";
    problems.push(problem(["name"], "APPLICATION_COMMAND_INVALID_NAME", message));
  }
  if (textOf(command.description) === "") {
    problems.push(problem(["description"], "BASE_TYPE_REQUIRED", "This field is required"));
  }
  if (options.length > DISCORD_OPTIONS_MAX) {
    problems.push(problem(["options"], "BASE_TYPE_MAX_LENGTH", "25 options at most."));
  }
  const firstOptional = options.findIndex(({ required }) => required !== true);
  const lastRequired = options.findLastIndex(({ required }) => required === true);
  if (firstOptional !== -1 && lastRequired > firstOptional) {
    const message = "Required options must be placed before non-required options";
    const at = ["options", String(lastRequired)];
    problems.push(problem(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message));
  }
  const names = options.map((option) => option.name);
  if (new Set(names).size !== names.length) {
    const message = "Option name already exists";
    problems.push(problem(["options"], "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", message));
  }
  const length = textLength(command);
  if (length > DISCORD_COMMAND_TEXT_MAX) {
    const message = `The command has ${length} characters in all, ${DISCORD_COMMAND_TEXT_MAX} are allowed.`;
    problems.push(problem([], "APPLICATION_COMMAND_TOO_LARGE", message));
  }
  return problems;
}

export function commandsProblems(commands: readonly JsonRecord[]): BodyProblem[] {
  const problems: BodyProblem[] = commands.flatMap((command, index) =>
    commandProblems(command).map((one) => ({ ...one, path: [String(index), ...one.path] })),
  );
  const keys = commands.map((command) => `${typeOf(command)} ${textOf(command.name)}`);
  for (const [index, key] of keys.entries()) {
    if (keys.indexOf(key) === index) continue;
    const message = "Application command names must be unique";
    problems.push(problem([String(index)], "APPLICATION_COMMANDS_DUPLICATE_NAME", message));
  }
  for (const [type, max] of Object.entries(DISCORD_COMMANDS_MAX)) {
    const count = commands.filter((command) => typeOf(command) === Number(type)).length;
    if (count <= max) continue;
    const message = `${count} commands of type ${type}, ${max} are allowed.`;
    problems.push(problem([], "APPLICATION_COMMANDS_MAX", message));
  }
  return problems;
}

function optionProblems(option: JsonRecord, index: number): BodyProblem[] {
  const at = ["options", String(index)];
  const { name, type, autocomplete, choices } = option;
  const problems: BodyProblem[] = [];
  if (!NAME.test(textOf(name)) || textOf(name) !== textOf(name).toLowerCase()) {
    const message = "Option name is invalid";
    problems.push(problem([...at, "name"], "APPLICATION_COMMAND_INVALID_NAME", message));
  }
  const count = recordsOf(choices).length;
  if (count > DISCORD_CHOICES_MAX) {
    problems.push(problem([...at, "choices"], "BASE_TYPE_MAX_LENGTH", "25 choices at most."));
  }
  const isTyped = [DISCORD_OPTION.string, DISCORD_OPTION.integer, DISCORD_OPTION.number].some(
    (one) => one === type,
  );
  if (autocomplete === true && (count > 0 || !isTyped)) {
    const message = "Autocomplete is for texts and numbers without choices.";
    problems.push(
      problem([...at, "autocomplete"], "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE", message),
    );
  }
  return problems;
}

/** Of every name, description and choice value, the longest of its translations. */
function textLength(value: JsonRecord): number {
  const longest = (name: string) => {
    const texts = [value[name], ...Object.values(Object(value[`${name}_localizations`] ?? {}))];
    return Math.max(...texts.map((text) => textOf(text).length));
  };
  const below = [...recordsOf(value.options), ...recordsOf(value.choices)];
  const own = longest("name") + longest("description") + textOf(value.value).length;
  return below.reduce((sum, one) => sum + textLength(one), own);
}

function typeOf({ type }: JsonRecord): number {
  return typeof type === "number" ? type : DISCORD_COMMAND_TYPE.chatInput;
}
