import { type Command, type RawArgs, splitCommandLine } from "#core";

/** `--ar 16:9`: a dash of another kind, or a lone one, is part of the text. */
const OPTION = /(?:^|\s)--\p{L}/u;

/**
 * The values with the options that stand in the text itself, such as `a fox --ar 16:9`: Discord
 * puts a pasted line into the text whole. What was given to an option of its own counts for more.
 */
export function withTypedOptions(
  command: Command,
  given: RawArgs,
  commands: readonly Command[],
): RawArgs {
  const [text = ""] =
    Object.entries(command.options).find(
      ([, option]) => option.type === "string" && option.isText === true,
    ) ?? [];
  const { [text]: typed, ...others } = given;
  if (typeof typed !== "string" || !OPTION.test(typed)) return given;
  return { ...splitCommandLine(`/${command.name} ${typed}`, commands).raw, ...others };
}
