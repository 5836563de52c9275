import type { CommandView, OptionView } from "../job-view.ts";

export interface Suggestion {
  /** What is shown, e.g. `/imagine` or `--ratio`. */
  label: string;
  /** What takes the place of the typed word. */
  insert: string;
  /** A second way to write it, or the kind of value that follows. */
  hint: string;
  description: string;
  /** The flags that a command takes besides those in its hint. */
  flags?: string;
  isRequired: boolean;
}

export interface Suggestions {
  title: string;
  items: readonly Suggestion[];
  example: string | undefined;
  /** The typed word that a suggestion takes the place of. */
  from: number;
  to: number;
  /** The word is begun, so that Enter may complete it; otherwise the list only informs. */
  isEager: boolean;
}

/** So many values stand in an option's hint; the rest comes up when the option is written. */
const CHOICES_SHOWN = 4;

/** What can be written at the caret, or null where there is nothing to say. */
export function suggest(
  text: string,
  caret: number,
  commands: readonly CommandView[],
): Suggestions | null {
  const before = text.slice(0, caret);
  const naming = /^\s*\/(\S*)$/u.exec(before);
  if (naming !== null) return suggestCommands(naming[1] ?? "", caret, commands);

  const [, name, rest] = /^\s*\/(\S+)\s([\s\S]*)$/u.exec(before) ?? [];
  const command = commands.find((each) => each.name === name?.toLowerCase());
  if (command === undefined || rest === undefined) return null;
  if (endsFlags(rest)) return null;

  const word = /\S*$/u.exec(rest)?.[0] ?? "";
  const used = usedOptions(command, text.slice(before.length - rest.length), word);
  const inline = /^(?:--|[—–])([^=\s]+)=(.*)$/u.exec(word);
  if (inline !== null) {
    const option = findOption(command, inline[1] ?? "");
    return option === undefined || !takesValue(option)
      ? null
      : suggestValues(option, inline[2] ?? "", caret);
  }
  if (/^(?:-|[—–])/u.test(word)) {
    return suggestOptions(command, word.replace(/^(?:--?|[—–])/u, ""), word, caret, used);
  }
  const flag = /(?:^|\s)(?:--|[—–])([^\s=]+)\s+\S*$/u.exec(rest)?.[1];
  const option = flag === undefined ? undefined : findOption(command, flag);
  if (option !== undefined && takesValue(option)) return suggestValues(option, word, caret);
  return rest.trim() === "" ? suggestOptions(command, "", "", caret, used) : null;
}

/** The text with the suggestion in it, and where the caret goes. */
export function complete(
  text: string,
  { from, to }: Suggestions,
  { insert }: Suggestion,
): { text: string; caret: number } {
  const after = text.slice(to).replace(/^ /u, "");
  return { text: `${text.slice(0, from)}${insert} ${after}`, caret: from + insert.length + 1 };
}

/** The word stands there in full, so that Enter sends instead of completing. */
export function isComplete(text: string, { from, to }: Suggestions, item: Suggestion): boolean {
  return text.slice(from, to).toLowerCase() === item.insert.toLowerCase();
}

function suggestCommands(
  typed: string,
  caret: number,
  commands: readonly CommandView[],
): Suggestions | null {
  const items = byPrefix(commands, typed, (command) => [command.name]).map(({ item }) => ({
    label: `/${item.name}`,
    insert: `/${item.name}`,
    hint: item.options.map(usage).filter(Boolean).join(" "),
    description: item.description,
    flags: item.options
      .filter((option) => isWritten(option) && usage(option) === "")
      .map(({ name }) => `--${name}`)
      .join(" "),
    isRequired: false,
  }));
  if (items.length === 0) return null;
  const from = caret - typed.length - 1;
  return { title: "Commands", items, example: undefined, from, to: caret, isEager: true };
}

function suggestOptions(
  command: CommandView,
  typed: string,
  word: string,
  caret: number,
  used: ReadonlySet<string>,
): Suggestions | null {
  const open = command.options.filter(
    (option) => !option.is_text && isWritten(option) && !used.has(option.name),
  );
  const items = byPrefix(open, typed, namesOf).map(({ item, name }) => ({
    label: `--${name}`,
    insert: `--${name}`,
    hint: valueHint(item),
    description: item.description,
    isRequired: item.required,
  }));
  const text = command.options.find((option) => option.is_text);
  const isStart = word === "";
  if (items.length === 0 && !(isStart && text !== undefined)) return null;
  const title = [`/${command.name}`, ...command.options.map(usage)].filter(Boolean).join(" ");
  return {
    title: isStart && text !== undefined ? `${title}: ${describe(text)}` : title,
    items,
    example: isStart ? command.examples[0] : undefined,
    from: caret - word.length,
    to: caret,
    isEager: !isStart,
  };
}

function suggestValues(option: OptionView, typed: string, caret: number): Suggestions | null {
  const choices = option.choices ?? [];
  const items = byPrefix(choices, typed, (choice) => [choice.value, choice.name]).map(
    ({ item }) => ({
      label: item.value,
      insert: item.value,
      hint: "",
      description: item.name === item.value ? "" : item.name,
      isRequired: false,
    }),
  );
  // Proposals are no constraint: a string that is none of them needs no list in its way.
  if (items.length === 0 && typed !== "") return null;
  const hint = choices.length > 0 ? "" : ` (${valueHint(option)})`;
  return {
    title: `--${option.name}${hint}: ${option.description}`,
    items,
    example: undefined,
    from: caret - typed.length,
    to: caret,
    isEager: typed !== "",
  };
}

/** Those whose name begins with what was typed, then those that have it elsewhere. */
function byPrefix<T>(
  items: readonly T[],
  typed: string,
  names: (item: T) => readonly string[],
): { item: T; name: string }[] {
  const wanted = typed.toLowerCase();
  const matches = (test: (name: string) => boolean) =>
    items.flatMap((item) => {
      const name = names(item).find((each) => test(each.toLowerCase()));
      return name === undefined ? [] : [{ item, name }];
    });
  const first = matches((name) => name.startsWith(wanted));
  const found = new Set(first.map(({ item }) => item));
  const later = matches((name) => name.includes(wanted)).filter(({ item }) => !found.has(item));
  return [...first, ...later];
}

function namesOf(option: OptionView): string[] {
  return option.alias === undefined ? [option.name] : [option.name, option.alias];
}

function findOption(command: CommandView, flag: string): OptionView | undefined {
  return command.options.find((option) => namesOf(option).includes(flag.toLowerCase()));
}

/** The options that are written already, without the word at the caret. */
function usedOptions(command: CommandView, rest: string, word: string): ReadonlySet<string> {
  const flags = [...rest.matchAll(/(?:^|\s)((?:--|[—–])([^\s=]+))/gu)];
  const others = flags.filter((match) => match[1] !== word);
  const options = others.map((match) => findOption(command, match[2] ?? "")?.name ?? "");
  return new Set(options);
}

function endsFlags(rest: string): boolean {
  return /(?:^|\s)(?:--|[—–])\s/u.test(rest);
}

function describe(option: OptionView): string {
  return option.required ? `${option.description} (required)` : option.description;
}

function takesValue(option: OptionView): boolean {
  return isWritten(option) && option.type !== "flag";
}

/** Pictures and videos are attached and not written. */
function isWritten({ type }: OptionView): boolean {
  return type !== "image" && type !== "video";
}

/** How the option stands in the usage line; optional flags are left to the list. */
function usage(option: OptionView): string {
  if (option.is_text) return option.required ? `<${option.name}>` : `[${option.name}]`;
  return option.required && isWritten(option) ? `--${option.name} <${valueHint(option)}>` : "";
}

function valueHint({ type, choices, min, max }: OptionView): string {
  switch (type) {
    case "flag":
    case "image":
    case "video":
      return "";
    case "integer":
    case "number":
      return min === undefined || max === undefined ? "number" : `${min}–${max}`;
    case "choice":
    case "string": {
      const values = (choices ?? []).map((choice) => choice.value);
      if (values.length === 0) return "text";
      const shown = values.slice(0, CHOICES_SHOWN);
      const isAll = type === "choice" && values.length === shown.length;
      return [...shown, ...(isAll ? [] : ["…"])].join(" | ");
    }
  }
}
