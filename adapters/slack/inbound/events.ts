import { z } from "zod";
import { isMedia } from "#core";
import { isPicture, isVideo } from "../api/file-type.ts";
import type { InboundParts } from "../inbound.ts";
import type { SlackTarget } from "../target.ts";
import { check, checkTeam, slackFile, slackId, slackTs, threadOf } from "./body.ts";
import { commandLineOf, restyleLineOf, typedText } from "./typed-text.ts";

export interface MessageInbound {
  deliveryId: string;
  /** The command line that the message is, or null when it is none. */
  line: string | null;
  /** What was typed, without the bot's name. */
  text: string;
  /** What came with it and the command takes, pictures unless told; other files when there is none. */
  fileIds: readonly string[];
  /** Those of them that are videos. */
  videoIds: readonly string[];
  origin: SlackTarget;
}

export interface HomeOpenedInbound {
  deliveryId: string;
  /** Its surface is `home`. */
  origin: SlackTarget;
}

const envelope = { team_id: slackId, event_id: z.string().min(1).max(256) };

/** What decides whether a message is for us; edits and deletions have other fields than messages. */
const kindSchema = z.object({
  event: z.object({
    subtype: z.string().nullish(),
    bot_id: z.string().nullish(),
    user: z.string().nullish(),
    edited: z.unknown().optional(),
    hidden: z.boolean().nullish(),
  }),
});

/** docs.slack.dev/reference/events/app_mention and /message.im */
const messageSchema = z.object({
  ...envelope,
  event: z.object({
    type: z.enum(["app_mention", "message"]),
    user: slackId,
    /** Where someone of another workspace writes in a shared channel. */
    user_team: slackId.nullish(),
    channel: slackId,
    text: z.string().default(""),
    ts: slackTs,
    thread_ts: slackTs.nullish(),
    files: z.array(slackFile).nullish(),
  }),
});

/** docs.slack.dev/reference/events/app_home_opened */
const homeOpenedSchema = z.object({
  ...envelope,
  event: z.object({
    type: z.literal("app_home_opened"),
    tab: z.string().default("home"),
    user: slackId,
  }),
});

export function createEventReader({ self, commands }: InboundParts) {
  function takesVideo(line: string | null): boolean {
    const name = /^\/(\S+)/u.exec(line ?? "")?.[1]?.toLowerCase();
    const options = commands.find((command) => command.name === name)?.options ?? {};
    return Object.values(options).some((option) => isMedia(option) && option.type === "video");
  }

  function readMessage(body: unknown): MessageInbound | null {
    const { botUser, ...rest } = self();
    const { subtype, bot_id: botId, user, edited, hidden } = check(kindSchema, body).event;
    if ((subtype ?? "file_share") !== "file_share" || hidden === true) return null;
    if (botId || user === botUser || edited) return null;
    const { event, team_id: team, event_id: deliveryId } = check(messageSchema, body);
    checkTeam({ botUser, ...rest }, team, event.user_team);
    const text = typedText(event.text, botUser);
    const files = event.files ?? [];
    const typed = commandLineOf(text, commands);
    const wanted = files.filter(takesVideo(typed) ? isVideo : isPicture);
    const taken = wanted.length > 0 ? wanted : files;
    return {
      deliveryId: `event:${deliveryId}`,
      // A sentence that came with a picture says what the picture should become.
      line: typed ?? (files.length > 0 ? restyleLineOf(text, commands) : null),
      text,
      fileIds: taken.map(({ id }) => id),
      videoIds: taken.filter(isVideo).map(({ id }) => id),
      origin: {
        surface: "channel",
        team,
        user: event.user,
        channel: event.channel,
        ...threadOf(event),
      },
    };
  }

  return {
    /** Null for edits, and for what bots wrote. */
    readMention: readMessage,

    /** Null as above, and for what Slack wrote itself. */
    readDirectMessage(body: unknown): MessageInbound | null {
      const message = readMessage(body);
      if (message === null) return null;
      const origin: SlackTarget = { ...message.origin, isWithBot: true };
      return { ...message, origin };
    },

    /** Null for the App Home's other tabs. */
    readHomeOpened(body: unknown): HomeOpenedInbound | null {
      const { event, team_id: team, event_id: deliveryId } = check(homeOpenedSchema, body);
      if (event.tab !== "home") return null;
      checkTeam(self(), team);
      const { user } = event;
      return {
        deliveryId: `event:${deliveryId}`,
        origin: { surface: "home", team, user, channel: user },
      };
    },
  };
}
