import { z } from "zod";

/** The first part of its identities and places. */
export const PLATFORM = "discord";

/** An interaction's token answers for 15 minutes (discord.com/developers/docs/interactions/receiving-and-responding). */
export const DISCORD_TOKEN_MS = 15 * 60_000;

/** What it takes to answer a job here; kept in the job as its target. */
const discordTargetSchema = z.object({
  /** The server, or null in direct messages. */
  guild: z.string().nullable(),
  channel: z.string(),
  user: z.string(),
  /** For the first answer and its edits. */
  interactionToken: z.string(),
  tokenUntilMs: z.number(),
  /**
   * Who sees the first response; `update`: it is the pressed message itself, which stays as it is
   * until something takes its place.
   */
  response: z.enum(["public", "ephemeral", "update"]),
  /** A thread has a permission of its own. */
  isThread: z.boolean().optional(),
  /** The channel that the thread is in. */
  parentChannel: z.string().optional(),
  /** The direct messages of the person and the bot: nobody else is there. */
  isWithBot: z.boolean().optional(),
  /** The message whose button was pressed, or that a message command is about. */
  pressed: z.object({ id: z.string(), isEphemeral: z.boolean() }).optional(),
  /** What the bot may do there, as a decimal bit set; absent in direct messages. */
  appPermissions: z.string().optional(),
  /** The largest file that may be attached there. */
  attachmentMaxBytes: z.number(),
  isAgeRestricted: z.boolean().optional(),
  locale: z.string().optional(),
});
export type DiscordTarget = z.infer<typeof discordTargetSchema>;

/** The target of a job that this adapter made. */
export function targetOf(job: { target: unknown }): DiscordTarget {
  return discordTargetSchema.parse(job.target);
}

/** `discord:{guild or dm}:{user}` */
export function identityOf({ guild, user }: Pick<DiscordTarget, "guild" | "user">): string {
  return `${PLATFORM}:${guild ?? "dm"}:${user}`;
}

/** A thread is a channel of its own on Discord, and so a place of its own. */
export function placeOf({ guild, channel }: Pick<DiscordTarget, "guild" | "channel">): string {
  return `${PLATFORM}:${guild ?? "dm"}:${channel}`;
}

/** The note that says which job a message shows. */
export const shownJobKey = (messageId: string) => `shown#${messageId}`;
