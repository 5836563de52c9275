import type { DiscordCalls } from "./discord-calls.ts";
import type { DiscordCdn } from "./discord-cdn.ts";
import type { DiscordCommands } from "./discord-commands.ts";
import type { DiscordMessages } from "./discord-messages.ts";
import { channelFacts, contextOf, type DiscordInstallation } from "./discord-payloads.ts";
import type { DiscordPermissions } from "./discord-permissions.ts";
import { DiscordRefusal } from "./discord-refusals.ts";
import { type DiscordAnswer, type DiscordBody, recordIn } from "./discord-requests.ts";
import { checkBody } from "./discord-responses.ts";
import { type DiscordRoute, paramsOf } from "./discord-routes.ts";
import type { DiscordTwin } from "./discord-twin.ts";
import {
  DISCORD_APP,
  DISCORD_CHANNEL_TYPE,
  DISCORD_CHANNELS,
  DISCORD_DIRECT_CHANNELS,
  DISCORD_GUILD,
} from "./discord-workspace.ts";
import { type JsonRecord, recordOf, recordsOf, textOf } from "./json-record.ts";

interface RestOptions {
  twin: DiscordTwin;
  cdn: DiscordCdn;
  calls: DiscordCalls;
  messages: DiscordMessages;
  commands: DiscordCommands;
  permissions: DiscordPermissions;
  installation: () => DiscordInstallation;
  gatewayUrl: () => string;
  /** How many connections Discord recommends. */
  shards: number;
}

/** What the bot's own token opens. */
export function createDiscordRest(options: RestOptions) {
  const { twin, cdn, calls, messages, commands, permissions, installation } = options;
  /** Discord keeps nonces for a few minutes: no test lives longer. */
  const byNonce = new Map<string, Promise<JsonRecord>>();

  function needIn(channel: string): JsonRecord {
    if (!Object.values(DISCORD_CHANNELS).some((id) => id === channel)) {
      throw new DiscordRefusal("unknown_channel");
    }
    if (!installation().guild && contextOf(channel) === 0)
      throw new DiscordRefusal("missing_access");
    permissions.needView(channel);
    return channelFacts(channel);
  }

  /** The message as the bot may see it through the channel: nothing that is for one person. */
  function messageIn(channel: string, id: string): JsonRecord {
    needIn(channel);
    const raw = messages.raw(id);
    if (raw === null || raw.channel_id !== channel || messages.isEphemeral(raw)) {
      throw new DiscordRefusal("unknown_message");
    }
    return raw;
  }

  function ownMessageIn(channel: string, id: string): JsonRecord {
    const raw = messageIn(channel, id);
    if (recordOf(raw.author).id === DISCORD_APP.botUserId) return raw;
    throw new DiscordRefusal("others_message");
  }

  async function post(channel: string, body: JsonRecord, files: DiscordBody["files"]) {
    const prepared = await messages.prepare({ channel, body, files, existing: null });
    const made = await twin.ask("POST", `/channels/${channel}/messages`, prepared.body);
    const about = { onlyFor: null, token: null, metadata: null };
    return messages.finish(channel, textOf(made.id), prepared, about);
  }

  async function createMessage(channel: string, given: DiscordBody): Promise<DiscordAnswer> {
    const facts = needIn(channel);
    const isThread = facts.type === DISCORD_CHANNEL_TYPE.publicThread;
    permissions.needSend(channel, isThread, given.files.length > 0);
    checkBody(calls, "create_message", given.json);
    const { files } = given;
    const body = recordIn(given);
    const nonce = body.enforce_nonce === true ? `${channel} ${String(body.nonce)}` : null;
    const earlier = nonce === null ? undefined : byNonce.get(nonce);
    if (earlier !== undefined) return ok(messages.shown(await earlier));
    const posted = post(channel, body, files);
    if (nonce !== null) {
      byNonce.set(nonce, posted);
      posted.catch(() => byNonce.delete(nonce));
    }
    return ok(messages.shown(await posted));
  }

  async function editMessage(channel: string, id: string, given: DiscordBody) {
    const existing = ownMessageIn(channel, id);
    if (given.files.length > 0 && !permissions.has(channel, "attachFiles")) {
      throw new DiscordRefusal("missing_permissions");
    }
    checkBody(calls, "edit_message", given.json, existing);
    const { files } = given;
    const body = recordIn(given);
    const prepared = await messages.prepare({ channel, body, files, existing });
    await twin.ask("PATCH", `/channels/${channel}/messages/${id}`, prepared.body);
    return ok(await messages.finish(channel, id, prepared, null));
  }

  async function deleteMessage(channel: string, id: string): Promise<DiscordAnswer> {
    const raw = messageIn(channel, id);
    if (recordOf(raw.author).id !== DISCORD_APP.botUserId) {
      throw new DiscordRefusal("missing_permissions");
    }
    await twin.ask("DELETE", `/channels/${channel}/messages/${id}`);
    messages.forget(id);
    return { status: 204, body: null };
  }

  function createDm(body: JsonRecord): DiscordAnswer {
    const user = textOf(body.recipient_id);
    const found = Object.entries(DISCORD_DIRECT_CHANNELS).find(
      ([, members]) => members.includes(user) && members.includes(DISCORD_APP.botUserId),
    );
    if (found === undefined) throw new DiscordRefusal("unknown_user");
    return ok(channelFacts(found[0]));
  }

  function refreshed(body: JsonRecord): DiscordAnswer {
    const urls = Array.isArray(body.attachment_urls) ? body.attachment_urls.map(String) : [];
    const refreshed_urls = urls.map((original) => {
      const id = cdn.idInUrl(original);
      return { original, refreshed: id === null ? null : cdn.attachment(id).url };
    });
    return ok({ refreshed_urls });
  }

  async function passed(method: string, { path }: DiscordRoute): Promise<DiscordAnswer> {
    const { status, body } = await twin.api(method, path);
    return { status, body };
  }

  /** Throws what Discord refuses. */
  async function answer(route: DiscordRoute, query: URLSearchParams, given: DiscordBody) {
    const { channel, message, guild, command, application } = paramsOf(route);
    const body = recordIn(given);
    const isOwnApp = application === "" || application === DISCORD_APP.id;
    if (!isOwnApp) throw new DiscordRefusal("unknown_application");
    const isOwnGuild = guild === DISCORD_GUILD.id && installation().guild;
    if (guild !== "" && !isOwnGuild) throw new DiscordRefusal("missing_access");
    switch (route.name) {
      case "gateway":
        return ok({
          url: options.gatewayUrl(),
          shards: options.shards,
          session_start_limit: {
            total: 1000,
            remaining: 999,
            reset_after: 14_400_000,
            max_concurrency: options.shards,
          },
        });
      case "plain_gateway":
        return ok({ url: options.gatewayUrl() });
      case "create_dm":
        checkBody(calls, "create_dm", given.json);
        return createDm(body);
      case "get_channel":
        return ok(needIn(channel));
      case "typing":
        needIn(channel);
        return passed("POST", route);
      case "list_messages": {
        needIn(channel);
        const seen = messages.in(channel).filter((raw) => !messages.isEphemeral(raw));
        const limit = Number(query.get("limit") ?? 50);
        return ok(seen.slice(-limit).reverse().map(messages.shown));
      }
      case "get_message":
        return ok(messages.shown(messageIn(channel, message)));
      case "create_message":
        return createMessage(channel, given);
      case "edit_message":
        return editMessage(channel, message, given);
      case "delete_message":
        return deleteMessage(channel, message);
      case "refresh_urls":
        return refreshed(body);
      case "list_commands":
      case "list_guild_commands":
        return ok(commands.list(guild, query.get("with_localizations") === "true"));
      case "put_commands":
      case "put_guild_commands":
        checkBody(calls, "commands", given.json);
        return ok(commands.overwrite(guild, recordsOf(given.json)));
      case "create_command":
      case "create_guild_command":
        checkBody(calls, "command", given.json);
        return ok(commands.upsert(guild, body));
      case "edit_command":
      case "edit_guild_command":
        checkBody(calls, "command_change", given.json);
        return ok(commands.edit(command, body));
      case "delete_command":
      case "delete_guild_command":
        commands.delete(command);
        return { status: 204, body: null };
      default:
        return passed("GET", route);
    }
  }

  return { answer };
}

function ok(body: unknown): DiscordAnswer {
  return { status: 200, body };
}
