import type { RichTextUserMention } from "@slack/web-api";
import { personOf } from "#core";
import { PLATFORM } from "../target.ts";

/** The user's id in `slack:{team}:{user}`, or null for whoever is not known here. */
export function slackUserOf(identity: string | undefined): string | null {
  if (identity === undefined || !identity.startsWith(`${PLATFORM}:`)) return null;
  const id = personOf(identity);
  return /^[UW][A-Z0-9]{2,30}$/u.test(id) ? id : null;
}

/** A mention, which shows the name that the person has in the workspace. */
export function mention(userId: string): RichTextUserMention {
  return { type: "user", user_id: userId };
}
