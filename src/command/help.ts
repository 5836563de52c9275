import type { Command, Option } from "./command.ts";

/** How to write a command, a line each: what it does, examples, options. */
export function commandHelp(command: Command): string {
  const options = Object.entries(command.options).map(
    ([name, option]) => `  ${usage(name, option)}  ${option.description}${values(option)}`,
  );
  const lines = [
    `/${command.name}  ${command.description}`,
    "",
    ...command.examples.map((each) => `  ${each}`),
  ];
  return [...lines, ...(options.length === 0 ? [] : ["", ...options])].join("\n");
}

/** All commands that people type, a line each. */
export function commandList(commands: readonly Command[]): string {
  return commands
    .filter((command) => command.reach === "typed")
    .map((command) => `/${command.name}  ${command.description}`)
    .join("\n");
}

function usage(name: string, option: Option): string {
  if (option.type === "image") return "(attach a picture)";
  if (option.type === "video") return "(attach a video)";
  if (option.type === "string" && option.isText) return `(${name})`;
  return option.alias === undefined ? `--${name}` : `--${name}, --${option.alias}`;
}

function values(option: Option): string {
  switch (option.type) {
    case "choice":
      return ` (${option.choices.map((choice) => choice.value).join(" ")})`;
    case "integer":
    case "number":
      return ` (${option.min}–${option.max})`;
    default:
      return "";
  }
}
