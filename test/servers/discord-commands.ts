import { DISCORD_COMMAND_TYPE } from "./discord-command-rules.ts";
import { DiscordRefusal } from "./discord-refusals.ts";
import type { DiscordSnowflakes } from "./discord-snowflakes.ts";
import { DISCORD_APP } from "./discord-workspace.ts";
import { type JsonRecord, textOf } from "./json-record.ts";

export type DiscordCommands = ReturnType<typeof createDiscordCommands>;

/** The registered commands; a guild of "" stands for the global ones. */
export function createDiscordCommands(snowflakes: DiscordSnowflakes) {
  let all: readonly JsonRecord[] = [];
  let writes = 0;

  const isIn = (guild: string) => (command: JsonRecord) => textOf(command.guild_id) === guild;
  const isSame = (a: JsonRecord, b: JsonRecord) =>
    a.name === b.name && typeOf(a) === typeOf(b) && a.guild_id === b.guild_id;

  /** With all that Discord fills in: https://docs.discord.com/developers/interactions/application-commands#application-command-object */
  function registered(given: JsonRecord, guild: string): JsonRecord {
    const inGuild = guild === "" ? {} : { guild_id: guild };
    const wanted = { ...given, type: typeOf(given), ...inGuild };
    const before = all.find((one) => isSame(one, wanted));
    return {
      default_member_permissions: null,
      name_localizations: null,
      description: "",
      description_localizations: null,
      nsfw: false,
      dm_permission: true,
      integration_types: [0],
      contexts: null,
      ...wanted,
      id: before?.id ?? snowflakes.next(),
      application_id: DISCORD_APP.id,
      version: snowflakes.next(),
    };
  }

  function get(id: string): JsonRecord {
    const found = all.find((command) => command.id === id);
    if (found === undefined) throw new DiscordRefusal("unknown_command");
    return found;
  }

  return {
    /** Those of a guild, or the global ones, as registration sees them. */
    list(guild: string, withLocalizations: boolean): JsonRecord[] {
      const here = all.filter(isIn(guild));
      if (withLocalizations) return here;
      return here.map(({ name_localizations, description_localizations, ...rest }) => rest);
    },
    /** How often something was written. */
    writes: () => writes,

    /** Those that are not named are gone; those that keep their name keep their id. */
    overwrite(guild: string, commands: readonly JsonRecord[]): JsonRecord[] {
      writes += 1;
      const made = commands.map((command) => registered(command, guild));
      all = [...all.filter((command) => !isIn(guild)(command)), ...made];
      return made;
    },
    upsert(guild: string, command: JsonRecord): JsonRecord {
      writes += 1;
      const made = registered(command, guild);
      all = [...all.filter(({ id }) => id !== made.id), made];
      return made;
    },
    edit(id: string, change: JsonRecord): JsonRecord {
      writes += 1;
      const changed = { ...get(id), ...change, id, version: snowflakes.next() };
      all = all.map((command) => (command.id === id ? changed : command));
      return changed;
    },
    delete(id: string): void {
      writes += 1;
      get(id);
      all = all.filter((command) => command.id !== id);
    },

    /** What a person who types or right-clicks finds; a guild's own command hides a global one. */
    find(name: string, guild: string, type: number = DISCORD_COMMAND_TYPE.chatInput): JsonRecord {
      const named = all.filter((command) => command.name === name && typeOf(command) === type);
      const found = named.find(isIn(guild)) ?? named.find(isIn(""));
      if (found !== undefined) return found;
      const names = all.filter((command) => typeOf(command) === type).map((one) => one.name);
      throw new Error(
        `No command "${name}" of type ${type} is registered; there are: ${names.join(", ") || "none"}.`,
      );
    },
  };
}

function typeOf({ type }: JsonRecord): number {
  return typeof type === "number" ? type : DISCORD_COMMAND_TYPE.chatInput;
}
