import { commands } from "#commands";
import { type JsonRecord, recordOf, textOf } from "../servers/json-record.ts";
import type { SlackProxyOptions } from "../servers/slack-proxy.ts";
import { SLACK_CHANNELS, SLACK_USERS } from "../servers/slack-workspace.ts";
import type { Chat, ChatMessage, Fits } from "./chat-tables.ts";
import { linksIn, type SlackMessage } from "./slack-screen.ts";
import { slackWorlds } from "./slack-world.ts";

/** To call once in a suite: Slack as the scenarios for every platform see it. */
export function slackChats() {
  const worlds = slackWorlds();

  return {
    async start(
      transport: SlackProxyOptions["transport"],
      /** HTTP only: where the bot listens; absent: at the `PORT` of the environment. */
      where: Pick<SlackProxyOptions, "requestUrl"> = {},
    ): Promise<Chat> {
      const slack = await worlds.start({ transport, ...where });
      const toFind = ({ channel, id }: ChatMessage) => ({ channel, ts: id });
      const seen = async (message: ChatMessage): Promise<SlackMessage> => {
        const found = await slack.find(toFind(message));
        if (found === null) throw new Error("The message is gone.");
        return found;
      };
      return {
        environment: slack.environment,
        ...SLACK_USERS,
        studio: SLACK_CHANNELS.studio,
        closed: {
          channel: SLACK_CHANNELS.lobby,
          says: "Type /invite @atelier in it",
          refusal: 'chat.postMessage: {"error":"not_in_channel"}',
        },
        async command(user, channel, typed) {
          await slack.command(user, channel, escaped(typed));
        },
        async press(user, message, label) {
          await slack.press(user, await seen(message), label);
        },
        async fromMenu(user, message, entry) {
          const command = commands.find(({ messageEntry }) => messageEntry?.name === entry);
          await slack.shortcut(user, command?.name ?? entry, await seen(message));
        },
        upload: async (user, channel, file) => asChat(await slack.upload(user, channel, [file])),
        async sendForm(user, fields, files = [], fileField = "Image") {
          await slack.waitForModal();
          await slack.submitModal(user, {
            fields,
            ...(files.length > 0 && { files: { [fileField]: files } }),
          });
          await slack.waitForNoModal();
        },
        waitFor: async (channel, fits) =>
          asChat(await slack.waitForMessage(channel, onSlack(fits))),
        waitForPrivate: async (user, channel, fits) =>
          asChat(await slack.waitForEphemeral(user, channel, onSlack(fits))),
        messages: async (channel) => (await slack.messages(channel)).map(asChat),
        async find(message) {
          const found = await slack.find(toFind(message));
          return found && asChat(found);
        },
        bytes: slack.fileBytes,
        refusals() {
          const refused = slack.proxy.calls.refusals();
          slack.proxy.calls.clear();
          return refused;
        },
      };
    },
  };
}

const onSlack = (fits: Fits) =>
  typeof fits === "function" ? (message: SlackMessage) => fits(asChat(message)) : fits;

/** As Slack hands over what a person typed. */
const escaped = (typed: string) =>
  typed.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function asChat(message: SlackMessage): ChatMessage {
  const { channel, ts, shown, buttons, pictureIds, blocks } = message;
  const pictures = blocks.filter(({ type }) => type === "image");
  return {
    channel,
    id: ts,
    shown,
    literal: objectsIn(blocks)
      .flatMap(({ type, text }) => (type === "text" ? textOf(text) : []))
      .join("\n"),
    buttons,
    pictureIds: pictureIds.map(String),
    alts: pictures.map(({ alt_text }) => textOf(alt_text)),
    links: linksIn(message),
  };
}

function objectsIn(value: unknown): JsonRecord[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (typeof value !== "object" || value === null) return [];
  return [recordOf(value), ...Object.values(value).flatMap(objectsIn)];
}
