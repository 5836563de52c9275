import {
  ApplicationCommandType,
  type RESTPostAPIApplicationCommandsJSONBody,
} from "discord-api-types/v10";
import { z } from "zod";

/** What differs between what Discord has and what it should have. */
export interface CommandChange {
  kind: "added" | "changed" | "removed";
  /** As people see it: `/imagine`, `Info`. */
  command: string;
  /** What differs, one line each; empty for what is added or removed. */
  details: readonly string[];
}

const name = z.string();
const localizations = z.record(z.string(), z.string()).nullish();
const named = {
  name,
  name_localizations: localizations,
  description: z.string().nullish(),
  description_localizations: localizations,
};
const optionSchema = z.object({
  ...named,
  type: z.number(),
  required: z.boolean().nullish(),
  autocomplete: z.boolean().nullish(),
  choices: z
    .array(
      z.object({
        name,
        name_localizations: localizations,
        value: z.union([z.string(), z.number()]),
      }),
    )
    .nullish(),
  min_value: z.number().nullish(),
  max_value: z.number().nullish(),
  min_length: z.number().nullish(),
  max_length: z.number().nullish(),
  file_types: z.array(z.string()).nullish(),
});

/** The part of an application command that is ours to say; Discord fills in more. */
const commandSchema = z.object({
  ...named,
  type: z.number().default(ApplicationCommandType.ChatInput),
  options: z.array(optionSchema).nullish(),
  default_member_permissions: z.string().nullish(),
  nsfw: z.boolean().nullish(),
  contexts: z.array(z.number()).nullish(),
  integration_types: z.array(z.number()).nullish(),
});
type Known = z.infer<typeof commandSchema>;

/**
 * What has to change so that Discord has exactly the wanted commands. Commands of one server have
 * no contexts: what Discord says of theirs is not compared.
 */
export function diffCommands(
  existing: readonly unknown[],
  wanted: readonly RESTPostAPIApplicationCommandsJSONBody[],
): CommandChange[] {
  const before = byKey(existing);
  const after = byKey(wanted);
  const changes: CommandChange[] = [];
  for (const [key, command] of after) {
    const old = before.get(key);
    if (old === undefined) {
      changes.push({ kind: "added", command: label(command), details: [] });
      continue;
    }
    const details = differences(old, command);
    if (details.length > 0) changes.push({ kind: "changed", command: label(command), details });
  }
  for (const [key, command] of before) {
    if (after.has(key)) continue;
    changes.push({ kind: "removed", command: label(command), details: [] });
  }
  return changes;
}

/** The changes in lines for the operator. */
export function changeLines(changes: readonly CommandChange[]): string[] {
  const signs = { added: "+", changed: "~", removed: "-" } as const;
  return changes.flatMap(({ kind, command, details }) => [
    `${signs[kind]} ${command}`,
    ...details.map((detail) => `    ${detail}`),
  ]);
}

function byKey(commands: readonly unknown[]): Map<string, Known> {
  const known = commands.flatMap((command) => {
    const parsed = commandSchema.safeParse(command);
    return parsed.success ? [parsed.data] : [];
  });
  return new Map(known.map((command) => [`${command.type} ${command.name}`, command]));
}

function label({ type, name: own }: Known): string {
  return type === ApplicationCommandType.ChatInput ? `/${own}` : own;
}

function differences(old: Known, wanted: Known): string[] {
  const { contexts: _c, integration_types: _i, ...rest } = old;
  const isOfServer = wanted.contexts === undefined && wanted.integration_types === undefined;
  const before = facts(isOfServer ? rest : old);
  const after = facts(wanted);
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => `${path}: ${before.get(path) ?? "none"} → ${after.get(path) ?? "none"}`);
}

/**
 * Every single thing that a command says, by where it says it, without what is the same as
 * nothing: Discord leaves out, or fills in, null, false, "" and [].
 */
function facts(value: unknown, path = ""): Map<string, string> {
  if (Array.isArray(value)) return factsOfList(value, path);
  if (typeof value === "object" && value !== null) {
    return joined(
      Object.entries(value).map(([key, below]) =>
        facts(below, path === "" ? key : `${path}.${key}`),
      ),
    );
  }
  const isNothing = value === undefined || value === null || value === false || value === "";
  return new Map(isNothing ? [] : [[path, JSON.stringify(value)]]);
}

/** A list of named things by their names, and their order; the order of others says nothing. */
function factsOfList(list: readonly unknown[], path: string): Map<string, string> {
  const names = list.flatMap((each) => {
    const parsed = z.object({ name }).safeParse(each);
    return parsed.success ? [parsed.data.name] : [];
  });
  if (list.length === 0) return new Map();
  if (names.length < list.length) return new Map([[path, [...list].map(String).sort().join(", ")]]);
  const below = list.map((each, index) => {
    const own = facts(each, `${path}.${names[index]}`);
    own.delete(`${path}.${names[index]}.name`);
    return own;
  });
  return joined([new Map([[path, names.join(", ")]]), ...below]);
}

function joined(maps: readonly ReadonlyMap<string, string>[]): Map<string, string> {
  return new Map(maps.flatMap((map) => [...map]));
}
