import { DiscordAPIError, REST } from "@discordjs/rest";
import { type RESTPostAPIApplicationCommandsJSONBody, Routes } from "discord-api-types/v10";
import { AtelierError, type Command } from "#core";
import { translateDiscordError } from "./api/discord-errors.ts";
import { type CommandChange, diffCommands } from "./command-changes.ts";
import { discordCommands, type Localize } from "./register.ts";

interface Registration {
  /** What differs between Discord's commands and ours. */
  compare(): Promise<CommandChange[]>;
  /** Makes Discord's commands ours. */
  write(): Promise<void>;
}

/**
 * Registers the commands: in one server, where a change shows at once, or everywhere. Rejects
 * with an AtelierError that names the setting that is wrong.
 */
export function createRegistration({
  token,
  applicationId,
  guild,
  apiUrl,
  commands,
  localize,
}: {
  token: string;
  applicationId: string;
  guild: string | undefined;
  apiUrl: string;
  commands: readonly Command[];
  localize?: Localize;
}): Registration {
  const rest = new REST({ api: apiUrl, version: "10" }).setToken(token);
  const all = discordCommands(commands, localize === undefined ? {} : { localize });
  const wanted = guild === undefined ? all : all.map(ofServer);
  const route =
    guild === undefined
      ? Routes.applicationCommands(applicationId)
      : Routes.applicationGuildCommands(applicationId, guild);

  async function call<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (thrown) {
      throw explained(thrown, guild);
    }
  }

  return {
    async compare() {
      const query = new URLSearchParams({ with_localizations: "true" });
      const existing = await call(rest.get(route, { query }));
      return diffCommands(Array.isArray(existing) ? existing : [], wanted);
    },
    async write() {
      await call(rest.put(route, { body: wanted }));
    },
  };
}

/** Contexts and installations are for commands that are everywhere (…/interactions/application-commands). */
function ofServer(
  command: RESTPostAPIApplicationCommandsJSONBody,
): RESTPostAPIApplicationCommandsJSONBody {
  const { contexts: _contexts, integration_types: _types, ...rest } = command;
  return rest;
}

function explained(thrown: unknown, guild: string | undefined): AtelierError {
  const isRefused =
    thrown instanceof DiscordAPIError && (thrown.status === 403 || thrown.status === 404);
  if (!isRefused) return translateDiscordError(thrown, "the commands");
  const message =
    guild === undefined
      ? "Discord does not know DISCORD_APPLICATION_ID, or DISCORD_TOKEN is another app's. Copy both from the app's pages in the developer portal."
      : "Discord does not let the app register commands in DISCORD_GUILD_ID. Check that the app is installed there, and that DISCORD_APPLICATION_ID and DISCORD_TOKEN are of the same app.";
  return new AtelierError("misconfigured", message, { cause: thrown });
}
