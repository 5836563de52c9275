import type { DiscordCdn } from "./discord-cdn.ts";
import { DISCORD_COMMAND_TYPE, DISCORD_OPTION } from "./discord-command-rules.ts";
import type { DiscordPermissions } from "./discord-permissions.ts";
import type { DiscordSnowflakes } from "./discord-snowflakes.ts";
import {
  DISCORD_APP,
  DISCORD_CHANNEL_TYPE,
  DISCORD_CHANNELS,
  DISCORD_DIRECT_CHANNELS,
  DISCORD_GUILD,
  DISCORD_GUILD_CHANNELS,
  DISCORD_NAMES,
} from "./discord-workspace.ts";
import type { JsonRecord } from "./json-record.ts";

/** https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-interaction-type */
const DISCORD_INTERACTION = {
  ping: 1,
  command: 2,
  component: 3,
  autocomplete: 4,
  modal: 5,
} as const;

/** Where the app is installed. */
export interface DiscordInstallation {
  readonly guild: boolean;
  readonly people: boolean;
}

/** An option's value as a person gave it. */
export interface GivenOption {
  readonly name: string;
  readonly type: number;
  readonly value: string | number | boolean;
  readonly focused?: boolean;
}

interface PayloadsOptions {
  cdn: DiscordCdn;
  permissions: DiscordPermissions;
  snowflakes: DiscordSnowflakes;
  newToken: () => string;
  installation: () => DiscordInstallation;
  attachmentSizeLimit: () => number;
  locale: () => string;
}

/** Interactions as Discord sends them, the same over both transports. */
export function createDiscordPayloads(options: PayloadsOptions) {
  const { cdn, permissions, snowflakes, newToken, installation } = options;

  function base(user: string, channel: string): JsonRecord {
    const isGuild = DISCORD_DIRECT_CHANNELS[channel] === undefined;
    const locale = options.locale();
    const person = personOf(user);
    return {
      id: snowflakes.next(),
      application_id: DISCORD_APP.id,
      token: newToken(),
      version: 1,
      channel_id: channel,
      channel: { ...channelFacts(channel), permissions: permissions.bitsIn(channel) },
      ...(isGuild
        ? {
            guild_id: DISCORD_GUILD.id,
            guild: { id: DISCORD_GUILD.id, locale: "en-US", features: [] },
            guild_locale: "en-US",
            member: memberOf(user),
          }
        : { user: person }),
      app_permissions: permissions.bitsIn(channel),
      locale,
      entitlements: [],
      entitlement_sku_ids: [],
      authorizing_integration_owners: ownersOf(user, channel),
      context: contextOf(channel),
      attachment_size_limit: options.attachmentSizeLimit(),
    };
  }

  function ownersOf(user: string, channel: string): JsonRecord {
    const { guild, people } = installation();
    const context = contextOf(channel);
    const ofGuild = context === 0 ? (guild ? { 0: DISCORD_GUILD.id } : {}) : {};
    const ofBotDm = context === 1 && guild ? { 0: "0" } : {};
    return { ...ofGuild, ...ofBotDm, ...(people ? { 1: user } : {}) };
  }

  function command(registered: JsonRecord, given: readonly GivenOption[], isTyping: boolean) {
    const files = given.filter(({ type }) => type === DISCORD_OPTION.attachment);
    const attachments = files.map(({ value }) => [value, cdn.attachment(String(value))]);
    const resolved = { attachments: Object.fromEntries(attachments) };
    return {
      id: registered.id,
      name: registered.name,
      type: registered.type,
      ...(registered.guild_id === undefined ? {} : { guild_id: registered.guild_id }),
      ...(given.length === 0 ? {} : { options: given }),
      ...(files.length === 0 || isTyping ? {} : { resolved }),
    };
  }

  return {
    base,

    slash: (
      user: string,
      channel: string,
      registered: JsonRecord,
      given: readonly GivenOption[],
    ) => ({
      ...base(user, channel),
      type: DISCORD_INTERACTION.command,
      data: command(registered, given, false),
    }),

    autocomplete: (
      user: string,
      channel: string,
      registered: JsonRecord,
      given: readonly GivenOption[],
    ) => ({
      ...base(user, channel),
      type: DISCORD_INTERACTION.autocomplete,
      data: command(registered, given, true),
    }),

    /** Right-click on a message. */
    onMessage: (user: string, channel: string, registered: JsonRecord, message: JsonRecord) => ({
      ...base(user, channel),
      type: DISCORD_INTERACTION.command,
      data: {
        ...command(registered, [], false),
        type: DISCORD_COMMAND_TYPE.message,
        target_id: message.id,
        resolved: { messages: { [String(message.id)]: message } },
      },
    }),

    press: (user: string, channel: string, message: JsonRecord, data: JsonRecord) => ({
      ...base(user, channel),
      type: DISCORD_INTERACTION.component,
      message,
      data,
    }),

    modal: (user: string, channel: string, data: JsonRecord, message: JsonRecord | null) => ({
      ...base(user, channel),
      type: DISCORD_INTERACTION.modal,
      ...(message === null ? {} : { message }),
      data,
    }),

    ping: (): JsonRecord => ({
      id: snowflakes.next(),
      application_id: DISCORD_APP.id,
      type: DISCORD_INTERACTION.ping,
      token: newToken(),
      version: 1,
      user: personOf(Object.keys(DISCORD_NAMES)[0] ?? ""),
      entitlements: [],
    }),
  };
}

function personOf(user: string): JsonRecord {
  const username = DISCORD_NAMES[user] ?? user;
  const isBot = user === DISCORD_APP.botUserId;
  return {
    id: user,
    username,
    global_name: username,
    avatar: null,
    discriminator: "0",
    public_flags: 0,
    ...(isBot ? { bot: true } : {}),
  };
}

/** Members of the workspace may do everything that people usually may. */
function memberOf(user: string): JsonRecord {
  return {
    user: personOf(user),
    nick: null,
    avatar: null,
    roles: [],
    joined_at: "2026-01-05T09:00:00.000000+00:00",
    premium_since: null,
    deaf: false,
    mute: false,
    pending: false,
    flags: 0,
    permissions: "2248473465835073",
  };
}

/** 0 in a server, 1 in the direct messages with the bot, 2 in other direct messages. */
export function contextOf(channel: string): 0 | 1 | 2 {
  const members = DISCORD_DIRECT_CHANNELS[channel];
  if (members === undefined) return 0;
  return members.includes(DISCORD_APP.botUserId) ? 1 : 2;
}

/** A channel as its REST resource and the interactions in it show it. */
export function channelFacts(channel: string): JsonRecord {
  const members = DISCORD_DIRECT_CHANNELS[channel];
  if (members !== undefined) {
    const isOwn = contextOf(channel) === 1;
    return {
      id: channel,
      type: isOwn ? DISCORD_CHANNEL_TYPE.dm : DISCORD_CHANNEL_TYPE.groupDm,
      flags: 0,
      recipients: members.filter((user) => user !== DISCORD_APP.botUserId).map(personOf),
    };
  }
  const found = DISCORD_GUILD_CHANNELS.find(({ id }) => id === channel);
  const parent = found !== undefined && "parentId" in found ? found.parentId : null;
  return {
    id: channel,
    name: found?.name,
    guild_id: DISCORD_GUILD.id,
    flags: 0,
    nsfw: channel === DISCORD_CHANNELS.attic,
    ...(parent === null
      ? { type: DISCORD_CHANNEL_TYPE.text, parent_id: null, position: 0 }
      : {
          type: DISCORD_CHANNEL_TYPE.publicThread,
          parent_id: parent,
          thread_metadata: {
            archived: false,
            auto_archive_duration: 1440,
            archive_timestamp: "2026-01-05T09:00:00.000000+00:00",
            locked: false,
          },
        }),
  };
}
