import { personOf } from "#core";
import { PLATFORM } from "../target.ts";

/** The user's id in `discord:{guild or dm}:{user}`, or null for whoever is not known here. */
export function discordUserOf(identity: string | undefined): string | null {
  if (identity === undefined || !identity.startsWith(`${PLATFORM}:`)) return null;
  const id = personOf(identity);
  // A snowflake (https://docs.discord.com/developers/reference#snowflakes).
  return /^\d{15,20}$/u.test(id) ? id : null;
}

/** A mention, which shows the person's name; whom it notifies says `allowed_mentions`. */
export function mention(userId: string): string {
  return `<@${userId}>`;
}
