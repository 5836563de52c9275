import { commands } from "#commands";
import { DISCORD_OPTION } from "../servers/discord-command-rules.ts";
import type { GivenOption } from "../servers/discord-payloads.ts";
import { type JsonRecord, recordsOf, textOf } from "../servers/json-record.ts";

export interface PersonsFile {
  name: string;
  bytes: Uint8Array;
}

/** What a person gives to an option: a text, a number, a choice's name, a file. */
type OptionValue = string | number | boolean | PersonsFile;

export type OptionValues = Readonly<Record<string, OptionValue>>;

/** `/imagine a red fox --ar 16:9 --private` as the values that a person would fill in. */
export function typedValues(registered: JsonRecord, typed: string): OptionValues {
  const name = textOf(registered.name);
  const declared = commands.find((command) => command.name === name)?.options ?? {};
  const [head = "", ...flags] = ` ${typed}`.split(/\s--(?=\p{L})/u);
  const text = head.trim();
  const values: Record<string, OptionValue> = {};
  if (text !== "") {
    const textOption = Object.entries(declared).find(
      ([, option]) => option.type === "string" && option.isText === true,
    );
    if (textOption === undefined) throw new Error(`/${name} takes no free text: "${text}".`);
    values[textOption[0]] = text;
  }
  for (const flag of flags) {
    const [given = "", ...rest] = flag.trim().split(/\s+/u);
    const found = Object.entries(declared).find(
      ([option, { alias }]) => option === given || alias === given,
    );
    if (found === undefined) throw new Error(`/${name} has no option --${given}.`);
    const [option, { type }] = found;
    values[option] = type === "flag" && rest.length === 0 ? true : rest.join(" ");
  }
  return values;
}

/** The options as Discord's client sends them; throws what it would not let a person send. */
export function givenOptions(
  registered: JsonRecord,
  values: OptionValues,
  fileIds: Readonly<Record<string, string>>,
  focused: string | null = null,
): GivenOption[] {
  const options = recordsOf(registered.options);
  const names = options.map(({ name }) => textOf(name));
  for (const name of Object.keys(values)) {
    if (names.includes(name)) continue;
    throw new Error(`There is no option "${name}": there are ${names.join(", ") || "none"}.`);
  }
  const missing = options.find(
    ({ name, required }) => required === true && values[textOf(name)] === undefined,
  );
  if (missing !== undefined && focused === null) {
    throw new Error(`Discord does not send the command: "${textOf(missing.name)}" is required.`);
  }
  return options.flatMap((option): GivenOption[] => {
    const name = textOf(option.name);
    const given = values[name];
    if (given === undefined) return [];
    if (typeof given === "object") needFileType(option, given.name);
    const type = Number(option.type);
    const value = fileIds[name] ?? (typeof given === "object" ? given.name : given);
    if (name === focused) return [{ name, type, value: String(value), focused: true }];
    return [{ name, type, value: sentValue(option, value) }];
  });
}

const PICTURE = /\.(?:png|jpe?g|gif|webp|avif|heic|bmp|tiff?)$/iu;

/** By its name alone: https://docs.discord.com/developers/interactions/application-commands#application-command-object-application-command-option-structure */
function needFileType({ name, file_types }: JsonRecord, fileName: string): void {
  const types = Array.isArray(file_types) ? file_types.map(String) : [];
  const fits = (type: string) =>
    type === "image" ? PICTURE.test(fileName) : fileName.toLowerCase().endsWith(type);
  if (types.length === 0 || types.some(fits)) return;
  throw new Error(`Discord's client does not take ${fileName} for "${textOf(name)}".`);
}

function sentValue(option: JsonRecord, given: string | number | boolean) {
  const choices = recordsOf(option.choices);
  if (choices.length > 0) {
    const chosen = choices.find(({ name, value }) => name === given || value === given);
    if (chosen === undefined) {
      const names = choices.map(({ name }) => textOf(name)).join(", ");
      throw new Error(`"${given}" is no choice of "${textOf(option.name)}": ${names}.`);
    }
    return typeof chosen.value === "number" ? chosen.value : textOf(chosen.value);
  }
  if (option.type === DISCORD_OPTION.integer || option.type === DISCORD_OPTION.number) {
    return numberWithin(option, Number(given));
  }
  if (option.type === DISCORD_OPTION.boolean) return given === true || given === "true";
  return textWithin(option, String(given));
}

function numberWithin({ name, type, min_value, max_value }: JsonRecord, given: number): number {
  const isWhole = type !== DISCORD_OPTION.integer || Number.isInteger(given);
  const isOver = typeof max_value === "number" && given > max_value;
  const isUnder = typeof min_value === "number" && given < min_value;
  if (isWhole && !isOver && !isUnder && !Number.isNaN(given)) return given;
  throw new Error(`Discord's client does not take ${given} for "${textOf(name)}".`);
}

function textWithin({ name, min_length, max_length }: JsonRecord, given: string): string {
  const max = typeof max_length === "number" ? max_length : 6000;
  const min = typeof min_length === "number" ? min_length : 0;
  if (given.length >= min && given.length <= max) return given;
  throw new Error(`Discord's client takes ${min} to ${max} characters for "${textOf(name)}".`);
}
