import type { RichTextElement } from "@slack/web-api";
import type { AtelierError } from "#core";
import { nextTimeSentence } from "../api/slack-errors.ts";
import { literal } from "../blocks/literal-text.ts";
import type { SlackTarget } from "../target.ts";

/** Why the message is not where it was asked for, and what to do for the next one. */
export function elsewhereRemark(
  { channel }: SlackTarget,
  why: AtelierError | null,
): RichTextElement[] {
  const advice = why === null ? "" : ` ${nextTimeSentence(why)}`;
  const end = literal(`, so here it is.${advice}`);
  // A direct message has no name that a mention would show.
  return /^[CG]/u.test(channel)
    ? [literal("I could not post this in "), { type: "channel", channel_id: channel }, end]
    : [literal("I could not post this where you asked"), end];
}

/** Why only the person sees what was for everyone. */
export function unsureRemark(): RichTextElement[] {
  const sentence =
    "Slack did not say whether it showed this to everyone, so here it is for you alone.";
  return [literal(sentence)];
}
