import { DiscordRefusal } from "./discord-refusals.ts";
import { DISCORD_APP, DISCORD_CHANNELS, DISCORD_DIRECT_CHANNELS } from "./discord-workspace.ts";

/** https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags */
const DISCORD_PERMISSION = {
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  embedLinks: 1n << 14n,
  attachFiles: 1n << 15n,
  readMessageHistory: 1n << 16n,
  useApplicationCommands: 1n << 31n,
  sendMessagesInThreads: 1n << 38n,
} as const;

export type DiscordPermission = keyof typeof DISCORD_PERMISSION;

export type DiscordPermissions = ReturnType<typeof createDiscordPermissions>;

const ALL = Object.keys(DISCORD_PERMISSION).filter(isPermission);

/** What the bot may do where. */
export function createDiscordPermissions() {
  const missing = new Map<string, Set<DiscordPermission>>([
    [DISCORD_CHANNELS.lobby, new Set(["sendMessages", "sendMessagesInThreads"] as const)],
    [DISCORD_CHANNELS.board, new Set(ALL)],
    [DISCORD_CHANNELS.words, new Set(["attachFiles"] as const)],
  ]);
  const closed = new Set<string>();

  const has = (channel: string, permission: DiscordPermission) =>
    missing.get(channel)?.has(permission) !== true;

  return {
    has,
    /** The bits, as `app_permissions` carries them. */
    bitsIn(channel: string): string {
      const held = ALL.filter((permission) => has(channel, permission));
      return String(held.reduce((sum, permission) => sum | DISCORD_PERMISSION[permission], 0n));
    },
    revoke(channel: string, ...permissions: readonly DiscordPermission[]) {
      missing.set(channel, new Set([...(missing.get(channel) ?? []), ...permissions]));
    },
    grant(channel: string, ...permissions: readonly DiscordPermission[]) {
      for (const permission of permissions) missing.get(channel)?.delete(permission);
    },
    /** The person takes no direct messages from the bot any more, or does again. */
    closeDirectMessages(user: string, isClosed = true) {
      if (isClosed) closed.add(user);
      else closed.delete(user);
    },

    /** Throws Discord's refusal where the bot may not see the channel. */
    needView(channel: string): void {
      const members = DISCORD_DIRECT_CHANNELS[channel];
      const isOut = members !== undefined && !members.includes(DISCORD_APP.botUserId);
      if (isOut || !has(channel, "viewChannel")) throw new DiscordRefusal("missing_access");
    },
    /** Throws where the bot may not write there, with files if there are some. */
    needSend(channel: string, isThread: boolean, hasFiles: boolean): void {
      this.needView(channel);
      const members = DISCORD_DIRECT_CHANNELS[channel] ?? [];
      if (members.some((user) => closed.has(user))) throw new DiscordRefusal("no_direct_messages");
      const send = isThread ? "sendMessagesInThreads" : "sendMessages";
      if (!has(channel, send) || (hasFiles && !has(channel, "attachFiles"))) {
        throw new DiscordRefusal("missing_permissions");
      }
    },
  };
}

function isPermission(name: string): name is DiscordPermission {
  return name in DISCORD_PERMISSION;
}
