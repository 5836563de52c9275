import type { DiscordProxyOptions } from "../servers/discord-proxy.ts";
import { DISCORD_CHANNELS, DISCORD_USERS } from "../servers/discord-workspace.ts";
import type { Chat, ChatMessage, Fits } from "./chat-tables.ts";
import { type DiscordMessage, linksIn } from "./discord-screen.ts";
import { registerAll } from "./discord-studio.ts";
import { discordWorlds } from "./discord-world.ts";

/** To call once in a suite: Discord as the scenarios for every platform see it. */
export function discordChats() {
  const worlds = discordWorlds();

  return {
    async start(
      transport: DiscordProxyOptions["transport"],
      /** HTTP only: where the bot listens; absent: at the `PORT` of the environment. */
      where: Pick<DiscordProxyOptions, "endpointUrl"> = {},
    ): Promise<Chat> {
      const discord = await worlds.start({ transport, ...where });
      await registerAll(discord);
      const seen = async (message: ChatMessage): Promise<DiscordMessage> => {
        const found = await discord.find(message);
        if (found === null) throw new Error("The message is gone.");
        return found;
      };
      return {
        environment: discord.environment,
        ...DISCORD_USERS,
        studio: DISCORD_CHANNELS.studio,
        closed: {
          channel: DISCORD_CHANNELS.lobby,
          says: "I lack the permission Send Messages",
          refusal: null,
        },
        async command(user, channel, typed) {
          await discord.command(user, channel, typed);
        },
        async press(user, message, label) {
          await discord.press(user, await seen(message), label);
        },
        async fromMenu(user, message, entry) {
          await discord.messageCommand(user, entry, await seen(message));
        },
        upload: async (user, channel, file) => asChat(await discord.upload(user, channel, [file])),
        async sendForm(user, fields, files = [], fileField = "Image") {
          await discord.waitForModal(user);
          await discord.submitModal(user, {
            fields,
            ...(files.length > 0 && { files: { [fileField]: files } }),
          });
        },
        waitFor: async (channel, fits) =>
          asChat(await discord.waitForMessage(channel, onDiscord(fits))),
        waitForPrivate: async (user, channel, fits) =>
          asChat(await discord.waitForEphemeral(user, channel, onDiscord(fits))),
        messages: async (channel) => (await discord.messages(channel)).map(asChat),
        async find(message) {
          const found = await discord.find(message);
          return found && asChat(found);
        },
        bytes: discord.fileBytes,
        refusals() {
          const refused = discord.proxy.calls.refusals();
          discord.proxy.calls.clear();
          return refused;
        },
      };
    },
  };
}

const onDiscord = (fits: Fits) =>
  typeof fits === "function" ? (message: DiscordMessage) => fits(asChat(message)) : fits;

function asChat(message: DiscordMessage): ChatMessage {
  const { channel, id, shown, text, buttons, pictureIds, alts } = message;
  return {
    channel,
    id,
    shown,
    literal: literalIn(text),
    buttons,
    pictureIds,
    alts,
    links: linksIn(message),
  };
}

/** Markdown as Discord shows it: a mark that means something stands in ⟦⟧, an escaped one as itself. */
function literalIn(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])|([*_~`|<>@[\]])/gu, (_, escaped, mark) =>
    escaped === undefined ? `⟦${mark}⟧` : escaped,
  );
}
