import { AtelierError } from "../errors.ts";
import type { Args, ArgValue, Attachment, Command, MediaKind, Option } from "./command.ts";

/** What adapters find: text from a line or a form, or values that the platform typed already. */
export type RawArgs = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Checks values against a command's options. Attachments fill its image and video options in
 * order, each one of its kind where the platform knows it.
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
    const value = isMedia(option)
      ? takeFirst(waiting, option.type)
      : given === undefined
        ? undefined
        : read(name, option, given);
    if (value !== undefined) args[name] = value;
    else if (option.required) {
      const [left] = waiting;
      throw isMedia(option) && left !== undefined
        ? notTaken(command, left)
        : missing(command, name, option);
    }
  }
  const [left] = waiting;
  if (left !== undefined) throw notTaken(command, left);
  command.check?.(args);
  return args;
}

/** Whether what the option takes is attached instead of written. */
export function isMedia(option: Option): option is Extract<Option, { type: MediaKind }> {
  return option.type === "image" || option.type === "video";
}

/** Whether the option names what an image option would take. */
export function namesMedia(option: Option): boolean {
  return option.type === "string" && option.namesMedia === true;
}

/** Takes the first of that kind, or of a kind that nobody knows, out of the list. */
function takeFirst(waiting: Attachment[], wanted: MediaKind): Attachment | undefined {
  const index = waiting.findIndex(({ kind = wanted }) => kind === wanted);
  return index === -1 ? undefined : waiting.splice(index, 1)[0];
}

const words = { image: "picture", video: "video" } as const;
/** What takes the other kind. */
const instead = {
  image: "/restyle changes a picture, and /findframe looks for what is on it.",
  video: "/addvideo takes a video; /findframe then finds a frame of it.",
} as const;

/** Why an attachment is left over. */
function notTaken(command: Command, given: Attachment): AtelierError {
  const taken = Object.entries(command.options).flatMap(([option, { type }]) =>
    type === "image" || type === "video" ? [{ option, type }] : [],
  );
  const [first] = taken;
  const kind = given.kind ?? first?.type ?? "image";
  const ofKind = taken.filter(({ type }) => type === kind);
  const name = `/${command.name}`;
  if (ofKind.length > 0) {
    const count = ofKind.length === 1 ? `one ${words[kind]}` : `${ofKind.length} ${words[kind]}s`;
    return new AtelierError("invalid_input", `${name} takes ${count} at a time.`);
  }
  if (first === undefined) {
    const what = `${name} takes no ${words[kind]}s. Remove what is attached. ${instead[kind]}`;
    return new AtelierError("invalid_input", what);
  }
  const { option, type } = first;
  const what = `${name} takes a ${words[type]}, and this is a ${words[kind]}. ${instead[kind]}`;
  return new AtelierError("invalid_input", what, { option });
}

function read(
  name: string,
  option: Exclude<Option, { type: MediaKind }>,
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
      : isMedia(option)
        ? `Attach a ${words[option.type]}`
        : `Add --${name}`;
  return new AtelierError("invalid_input", `${what}, as in “${example}”.`, { option: name });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
