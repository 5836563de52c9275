import { z } from "zod";

/** The first part of its identities and places. */
export const PLATFORM = "slack";

/**
 * How long a `response_url` is used, of the 30 minutes and 5 answers that Slack gives it
 * (docs.slack.dev/interactivity/handling-user-interaction).
 */
export const SLACK_RESPONSE_URL_MS = 29 * 60_000;

/** What it takes to answer a job here; kept in the job as its target. */
const slackTargetSchema = z.object({
  /** `home`: the answer becomes the person's App Home instead of a message. */
  surface: z.enum(["channel", "home"]),
  team: z.string(),
  user: z.string(),
  /** A channel, or a direct message's `D…`; of the App Home the person's own id. */
  channel: z.string(),
  /** A direct message of this person and the bot; another `D…` is one of two people. */
  isWithBot: z.literal(true).optional(),
  /** The thread that the answer goes to. */
  threadTs: z.string().optional(),
  /** Answers without being a member of the channel, for a while. */
  responseUrl: z.string().optional(),
  responseUrlUntilMs: z.number().optional(),
  /** The message whose button was pressed; when it is ephemeral, only `responseUrl` can change it. */
  pressed: z.object({ ts: z.string(), isEphemeral: z.boolean() }).optional(),
});
export type SlackTarget = z.infer<typeof slackTargetSchema>;

/** The target of a job that this adapter made. */
export function targetOf(job: { target: unknown }): SlackTarget {
  return slackTargetSchema.parse(job.target);
}

/** `slack:{team}:{user}` */
export function identityOf({ team, user }: Pick<SlackTarget, "team" | "user">): string {
  return `${PLATFORM}:${team}:${user}`;
}

/** A thread is a place of its own. */
export function placeOf({
  team,
  channel,
  threadTs,
}: Pick<SlackTarget, "team" | "channel" | "threadTs">): string {
  return `${PLATFORM}:${team}:${channel}${threadTs === undefined ? "" : `:${threadTs}`}`;
}

/** Whether it is a direct message, of whomever. */
export function isDirect({ channel }: Pick<SlackTarget, "channel">): boolean {
  return channel.startsWith("D");
}

/** The note that says which job a message shows. */
export const shownJobKey = ({ channel }: Pick<SlackTarget, "channel">, ts: string) =>
  `shown#${channel}#${ts}`;
