import type { Services } from "../services.ts";
import type { Choice, Command, Option } from "./command.ts";

/**
 * The command with all that it proposes to this person looked up, so that forms and lists can
 * show it, and with the examples that fit what is set up here.
 */
export async function withProposals(
  command: Command,
  services: Services,
  user: string,
): Promise<Command> {
  const options = await Promise.all(
    Object.entries(command.options).map(async ([name, option]): Promise<[string, Option]> => {
      if (option.type !== "string" || option.propose === undefined) return [name, option];
      const choices = await proposalsOf(option, services, user);
      return [name, { ...option, suggest: () => choices }];
    }),
  );
  const examples = (await command.examplesHere?.(services)) ?? command.examples;
  return { ...command, examples, options: Object.fromEntries(options) };
}

/** What one option proposes to this person; nothing where it cannot be looked up. */
export async function proposalsOf(
  option: Option,
  services: Services,
  user: string,
): Promise<readonly Choice[]> {
  if (option.type === "choice") return option.choices;
  if (option.type !== "string") return [];
  if (option.propose === undefined) return option.suggest?.(services) ?? [];
  // Typing goes on without proposals.
  return option.propose(services, user).catch(() => []);
}
