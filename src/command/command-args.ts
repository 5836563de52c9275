import { AtelierError } from "../errors.ts";
import type { Args, ArgValue, Attachment, Command, Option } from "./command.ts";

/** What adapters find: text from a line or a form, or values that the platform typed already. */
export type RawArgs = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Checks values against a command's options. Attachments fill its image options in order.
 * Rejects with `invalid_input` and a sentence that names the option and what it takes.
 */
export function readArgs(
  command: Command,
  raw: RawArgs,
  attachments: readonly Attachment[] = [],
): Args {
  const args: Record<string, ArgValue> = {};
  const waiting = [...attachments];
  for (const [name, option] of Object.entries(command.options)) {
    const given = raw[name];
    const value =
      option.type === "image"
        ? waiting.shift()
        : given === undefined
          ? undefined
          : read(name, option, given);
    if (value !== undefined) args[name] = value;
    else if (option.required) throw missing(command, name, option);
  }
  if (waiting.length > 0) {
    const taken = attachments.length - waiting.length;
    throw new AtelierError(
      "invalid_input",
      taken === 0
        ? `/${command.name} takes no pictures. Remove what is attached, or use /restyle.`
        : `/${command.name} takes ${taken === 1 ? "one picture" : `${taken} pictures`} at a time.`,
    );
  }
  command.check?.(args);
  return args;
}

function read(
  name: string,
  option: Exclude<Option, { type: "image" }>,
  given: string | number | boolean,
): ArgValue {
  switch (option.type) {
    case "string": {
      const text = String(given).toWellFormed().trim();
      if (text.length > option.maxLength) {
        throw invalid(
          name,
          `takes at most ${option.maxLength.toLocaleString("en")} characters; this has ${text.length.toLocaleString("en")}`,
        );
      }
      return text;
    }
    case "integer":
    case "number": {
      const value = typeof given === "number" ? given : numberIn(String(given));
      const isFit = option.type === "integer" ? Number.isInteger(value) : Number.isFinite(value);
      if (!isFit || value < option.min || value > option.max) {
        const what = option.type === "integer" ? "a whole number" : "a number";
        throw invalid(name, `takes ${what} from ${option.min} to ${option.max}`);
      }
      return value;
    }
    case "choice": {
      const wanted = String(given).trim().toLowerCase();
      const choice = option.choices.find(
        (each) => each.value.toLowerCase() === wanted || each.name.toLowerCase() === wanted,
      );
      if (choice === undefined) {
        throw invalid(name, `is one of ${option.choices.map((each) => each.value).join(", ")}`);
      }
      return choice.value;
    }
    case "flag": {
      const wanted = String(given).toLowerCase();
      if (["true", "yes", "on", "1"].includes(wanted)) return true;
      if (["false", "no", "off", "0"].includes(wanted)) return false;
      throw invalid(name, "is yes or no");
    }
  }
}

function numberIn(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)$/u.test(text.trim()) ? Number(text) : Number.NaN;
}

function invalid(name: string, rule: string): AtelierError {
  return new AtelierError("invalid_input", `--${name} ${rule}.`, { option: name });
}

function missing(command: Command, name: string, option: Option): AtelierError {
  const [example = `/${command.name}`] = command.examples;
  const what =
    option.type === "string" && option.isText
      ? `Add ${lowerFirst(option.description)}`
      : `Add --${name}`;
  return new AtelierError("invalid_input", `${what}, as in “${example}”.`, { option: name });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
