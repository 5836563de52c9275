import { ApplicationCommandOptionType, ApplicationCommandType } from "discord-api-types/v10";
import { z } from "zod";
import {
  AtelierError,
  type Command,
  getCommand,
  isMedia,
  type MessageEntry,
  type RawArgs,
} from "#core";
import type { InboundParts } from "../inbound.ts";
import { messageCommands } from "../register.ts";
import type { DiscordTarget } from "../target.ts";
import { check, readOrigin, snowflake } from "./body.ts";
import { type DiscordFile, fileOf, resolvedFilesSchema } from "./files.ts";
import { messageSchema, picturesOf, videosOf } from "./message-pictures.ts";
import { withTypedOptions } from "./typed-options.ts";

/** A slash command with its options filled in. */
export interface CommandInbound {
  kind: "command";
  deliveryId: string;
  command: Command;
  /** As Discord typed them, or the person in the text; `readArgs` checks them. */
  raw: RawArgs;
  /** What the image and video options were given, in their order. */
  files: readonly DiscordFile[];
  /** Whether no option was filled in. */
  isEmpty: boolean;
  /** `ephemeral` for what only the person sees. */
  origin: DiscordTarget;
}

/** One of the app's entries in the menu of a message. */
export interface MessageCommandInbound {
  kind: "message";
  deliveryId: string;
  command: Command;
  /** Absent where it is about the job that the message shows. */
  entry?: MessageEntry;
  /** The pictures that the message shows, none of them twice; and its videos. */
  pictures: readonly DiscordFile[];
  videos: readonly DiscordFile[];
  /** `pressed` is the message. */
  origin: DiscordTarget & Required<Pick<DiscordTarget, "pressed">>;
}

const name = z.string().min(1).max(32);

const slashSchema = z.object({
  data: z.object({
    type: z.literal(ApplicationCommandType.ChatInput),
    name,
    options: z
      .array(
        z.object({
          name,
          type: z.number(),
          value: z.union([z.string(), z.number(), z.boolean()]),
        }),
      )
      .nullish(),
    resolved: resolvedFilesSchema,
  }),
});

const messageCommandSchema = z.object({
  data: z.object({
    type: z.literal(ApplicationCommandType.Message),
    name,
    target_id: snowflake,
    resolved: z.object({ messages: z.record(z.string(), messageSchema) }),
  }),
});

const commandTypeSchema = z.object({ data: z.object({ type: z.number() }) });

/** A slash command or a message's entry. */
export function readCommand(
  interaction: unknown,
  parts: InboundParts,
): CommandInbound | MessageCommandInbound {
  const { type } = check(commandTypeSchema, interaction).data;
  return type === ApplicationCommandType.Message
    ? readMessageCommand(interaction, parts)
    : readSlashCommand(interaction, parts);
}

function readSlashCommand(interaction: unknown, parts: InboundParts): CommandInbound {
  const { data } = check(slashSchema, interaction);
  const command = getCommand(data.name, parts.commands);
  const options = data.options ?? [];
  const given = new Map(options.map((option) => [option.name, option]));
  const filled: Record<string, string | number | boolean> = {};
  for (const { name: option, type, value } of options) {
    if (type !== ApplicationCommandOptionType.Attachment) filled[option] = value;
  }
  const raw = withTypedOptions(command, filled, parts.commands);
  const files = Object.entries(command.options).flatMap(([name, option]) => {
    const value = isMedia(option) ? given.get(name)?.value : undefined;
    return value === undefined ? [] : [fileOf(String(value), data.resolved, parts.isFileUrl)];
  });
  const isPrivate = command.audience === "person" || String(raw.private) === "true";
  const { id, origin } = readOrigin(interaction, parts, isPrivate ? "ephemeral" : "public");
  return {
    kind: "command",
    deliveryId: id,
    command,
    raw,
    files,
    isEmpty: options.length === 0,
    origin,
  };
}

function readMessageCommand(interaction: unknown, parts: InboundParts): MessageCommandInbound {
  const { data } = check(messageCommandSchema, interaction);
  const wanted = messageCommands(parts.commands).find((each) => each.name === data.name);
  const message = data.resolved.messages[data.target_id];
  if (wanted === undefined || message === undefined) {
    throw new AtelierError("invalid_input", `I do not know “${data.name}” any more.`);
  }
  const { command, entry } = wanted;
  const pictures = picturesOf(message, parts.isFileUrl);
  const videos = videosOf(message, parts.isFileUrl);
  const files = entry?.takes === "video" ? videos : pictures;
  const isAnswer = entry !== undefined && entry.opensForm !== true && files.length === 1;
  const response = isAnswer && command.audience === "place" ? "public" : "ephemeral";
  const { id, origin } = readOrigin(interaction, parts, response);
  return {
    kind: "message",
    deliveryId: id,
    command,
    ...(entry === undefined ? {} : { entry }),
    pictures,
    videos,
    origin: { ...origin, pressed: message.head },
  };
}
