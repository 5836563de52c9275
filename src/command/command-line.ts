import { shorten } from "../card.ts";
import { AtelierError } from "../errors.ts";
import { closestWord } from "./closest-word.ts";
import type { Args, Attachment, Command, Option } from "./command.ts";
import { isMedia, readArgs } from "./command-args.ts";

export interface ParsedCommand {
  command: Command;
  args: Args;
}

/** The longest command line that is looked at. */
export const COMMAND_LINE_MAX = 12_000;

/**
 * Reads `/name free text --flag value`. Text flags take the words up to the next flag, or a
 * "quoted value"; other flags take one word; `--` ends the flags. Dashes and quotes that
 * keyboards have made typographic count as plain ones, but a lone dash before the first flag is
 * part of the text. Rejects with `invalid_input`.
 */
export function parseCommandLine(
  text: string,
  commands: readonly Command[],
  attachments: readonly Attachment[] = [],
): ParsedCommand {
  const { command, raw } = splitCommandLine(text, commands);
  return { command, args: readArgs(command, raw, attachments) };
}

/** The same line with its values as they were written, unchecked: what a form begins with. */
export function splitCommandLine(
  text: string,
  commands: readonly Command[],
): { command: Command; raw: Readonly<Record<string, string>> } {
  if (text.length > COMMAND_LINE_MAX) {
    throw new AtelierError(
      "invalid_input",
      `That is ${text.length.toLocaleString("en")} characters; a command takes at most ${COMMAND_LINE_MAX.toLocaleString("en")}.`,
    );
  }
  const [, name, rest] = /^\s*\/(\S*)\s*([\s\S]*)$/u.exec(text.toWellFormed()) ?? [];
  if (name === undefined || rest === undefined) {
    throw new AtelierError(
      "invalid_input",
      "Commands start with a slash, such as /imagine a red fox in the snow. /help lists them.",
    );
  }
  const command = getCommand(name, commands);
  if (command.name !== "help" && rest.trim().toLowerCase() === "help") {
    return { command: getCommand("help", commands), raw: { command: command.name } };
  }
  return { command, raw: splitFlags(command, rest) };
}

/** The command of that name among those that people type; rejects with `invalid_input`. */
export function getCommand(name: string, commands: readonly Command[]): Command {
  const wanted = name.toLowerCase();
  const typed = commands.filter((command) => command.reach === "typed");
  const found = typed.find((command) => command.name === wanted);
  if (found !== undefined) return found;
  const close = findClosestCommand(wanted, commands);
  const hint = close === null ? "/help lists what there is." : `Did you mean /${close}?`;
  throw new AtelierError("invalid_input", `There is no command /${shorten(name, 40)}. ${hint}`);
}

/** The name of the typed command that a misspelt word was probably meant to be, or null. */
export function findClosestCommand(word: string, commands: readonly Command[]): string | null {
  const typed = commands.filter((command) => command.reach === "typed");
  return closestWord(
    word.toLowerCase(),
    typed.map((command) => command.name),
  );
}

const FLAG = /(?:^|\s)(--|[—–])(\S*)/gu;

/** Raw values by option name, still text. */
function splitFlags(command: Command, rest: string): Record<string, string> {
  const values: Record<string, string> = {};
  const freeText: string[] = [];
  let cursor = 0;
  FLAG.lastIndex = 0;

  for (let match = FLAG.exec(rest); match !== null; match = FLAG.exec(rest)) {
    const [whole, dash, word = ""] = match;
    if (word === "" && dash !== "--" && Object.keys(values).length === 0) continue;
    freeText.push(rest.slice(cursor, match.index));
    cursor = match.index + whole.length;
    if (word === "") break;
    const { flag, name, option, hasInlineValue } = findFlag(command, word);
    if (values[name] !== undefined) {
      throw new AtelierError("invalid_input", `--${flag} is there twice. Leave one out.`);
    }
    if (isMedia(option)) {
      const what = option.type === "image" ? "picture" : "video";
      throw new AtelierError("invalid_input", `Attach a ${what} instead of writing --${flag}.`);
    }
    if (option.type === "flag" && !hasInlineValue) values[name] = "true";
    else {
      const start = hasInlineValue ? cursor - word.length + flag.length + 1 : cursor;
      const { value, end } = readValue(rest, start, option);
      if (value === "") {
        throw new AtelierError("invalid_input", `--${flag} needs a value after it.`);
      }
      values[name] = value;
      cursor = end;
    }
    FLAG.lastIndex = cursor;
  }
  freeText.push(rest.slice(cursor));

  const text = freeText.join(" ").trim();
  const textOption = Object.entries(command.options).find(
    ([, option]) => option.type === "string" && option.isText === true,
  );
  if (textOption !== undefined) {
    const [name] = textOption;
    if (text !== "" && values[name] !== undefined) {
      throw new AtelierError("invalid_input", `Add the text in one place, without --${name}.`);
    }
    if (text !== "") values[name] = text;
  } else if (text !== "") {
    throw new AtelierError(
      "invalid_input",
      `/${command.name} takes no text, and I do not know what to do with “${shorten(text, 40)}”. /help ${command.name} shows how to write it.`,
    );
  }
  return values;
}

/** The option behind `--word` or `--word=value`, by its name or its short name. */
function findFlag(command: Command, word: string) {
  const equals = word.indexOf("=");
  const flag = (equals === -1 ? word : word.slice(0, equals)).toLowerCase();
  for (const [name, option] of Object.entries(command.options)) {
    if (name === flag || option.alias === flag) {
      return { flag, name, option, hasInlineValue: equals !== -1 };
    }
  }
  const names = Object.entries(command.options).flatMap(([name, { alias }]) =>
    alias === undefined ? [name] : [name, alias],
  );
  const close = closestWord(flag, names);
  const hint =
    close === null
      ? `/help ${command.name} lists its options; write -- before a text that has dashes in it.`
      : `Did you mean --${close}?`;
  throw new AtelierError(
    "invalid_input",
    `/${command.name} has no option --${shorten(flag, 40)}. ${hint}`,
  );
}

const QUOTED = /\s*(?:"((?:[^"\\]|\\.)*)"|[“„]([^”“]*)[”“])/suy;
const WORD = /\s*((?!--|[—–])\S*)/uy;
const WORDS = /([\s\S]*?)(?=\s(?:--|[—–])|$)/uy;

function readValue(rest: string, start: number, option: Option): { value: string; end: number } {
  QUOTED.lastIndex = start;
  const quoted = QUOTED.exec(rest);
  if (quoted !== null) {
    const value = quoted[1]?.replace(/\\(.)/gsu, "$1") ?? quoted[2] ?? "";
    return { value, end: QUOTED.lastIndex };
  }
  const pattern = option.type === "string" ? WORDS : WORD;
  pattern.lastIndex = start;
  const bare = pattern.exec(rest);
  return { value: bare?.[1]?.trim() ?? "", end: pattern.lastIndex };
}
