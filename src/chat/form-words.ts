import type { Command } from "../command/command.ts";

/** A sentence about a command's flags, for a form: it has fields with labels instead. */
export function inFormWords(sentence: string, { options }: Command): string {
  const withoutExample = sentence.replace(/,? as in “\/[^”]*”/u, "");
  return withoutExample.replace(/--([a-z]+)/gu, (flag, word: string) => {
    const field = Object.entries(options).find(
      ([name, { alias }]) => name === word || alias === word,
    );
    return field === undefined ? flag : formLabel(field[0]);
  });
}

/** What an option is called above its field. */
export function formLabel(optionName: string): string {
  return optionName.charAt(0).toUpperCase() + optionName.slice(1);
}
