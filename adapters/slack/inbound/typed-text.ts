import type { Command } from "#core";

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">" };

/** The three characters that Slack escapes, as they were typed (docs.slack.dev/messaging/formatting-message-text). */
export function decodeEntities(text: string): string {
  return text.replace(/&(amp|lt|gt);/gu, (whole, name: string) => ENTITIES[name] ?? whole);
}

/** A message's text as it was typed: without the bot's name, links and names without their mark-up. */
export function typedText(markup: string, botUser: string): string {
  const text = markup.replace(/<([^<>]*)>/gu, (_whole, inner: string) => {
    const bar = inner.indexOf("|");
    const target = bar === -1 ? inner : inner.slice(0, bar);
    const label = bar === -1 ? "" : inner.slice(bar + 1);
    return target === `@${botUser}` ? BOT_NAME : typedReference(target, label);
  });
  // Where the name stood, one space is enough; "Atelier: imagine …" is how people begin, too.
  const withoutName = text.replace(/[^\S\n]*\0[:,]?[^\S\n]*/gu, " ");
  return decodeEntities(withoutName).trim();
}

/** Stands where the bot's name stood; no message holds it. */
const BOT_NAME = "\0";

function typedReference(target: string, label: string): string {
  const id = target.slice(1);
  switch (target[0]) {
    case "@":
    case "#":
      return `${target[0]}${label || id}`;
    case "!":
      return ["here", "channel", "everyone"].includes(id) || label === "" ? `@${id}` : label;
    default:
      return label || target.replace(/^(?:mailto|tel):/u, "");
  }
}

/** The command line that a message is: its first word names a command, with a slash or without. */
export function commandLineOf(text: string, commands: readonly Command[]): string | null {
  if (/^\/[a-z]/iu.test(text)) return text;
  const [, word = "", rest = ""] = /^([a-z]+)[:,]?(?:\s+([\s\S]*))?$/iu.exec(text) ?? [];
  const name = word.toLowerCase();
  return findTyped(name, commands) === null ? null : `/${name} ${rest}`.trim();
}

/** What someone says about a picture that came along, as a command line; null when there is no such command. */
export function restyleLineOf(sentence: string, commands: readonly Command[]): string | null {
  const restyle = findTyped("restyle", commands);
  if (restyle === null || sentence === "") return null;
  // A sentence may have dashes in it; only one that names an option is taken for one with flags.
  const flags = [...sentence.matchAll(/(?:^|\s)(?:--|[—–])([a-z]+)(?=[\s=]|$)/giu)].map(
    ([, flag]) => flag?.toLowerCase(),
  );
  const hasFlags = Object.entries(restyle.options).some(
    ([name, { alias }]) => flags.includes(name) || (alias !== undefined && flags.includes(alias)),
  );
  return hasFlags ? `/restyle ${sentence}` : `/restyle -- ${sentence}`;
}

function findTyped(name: string, commands: readonly Command[]): Command | null {
  const found = commands.find((command) => command.reach === "typed" && command.name === name);
  return found ?? null;
}
