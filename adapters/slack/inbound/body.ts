import { z } from "zod";
import { AtelierError } from "#core";
import type { SlackSelf } from "../inbound.ts";

/** A team's, person's, channel's, message's or file's id. */
export const slackId = z.string().regex(/^[\w-]{1,64}$/u);
/** What names a message in its channel. */
export const slackTs = z.string().regex(/^\d{1,16}\.\d{1,16}$/u);
export const triggerId = z.string().min(1).max(256);

/** A file as messages carry it; of one in a shared channel there may be nothing but the id. */
export const slackFile = z.object({
  id: slackId,
  mimetype: z.string().nullish(),
  filetype: z.string().nullish(),
  title: z.string().nullish(),
  name: z.string().nullish(),
});

/** The body as the schema says; throws `invalid_input` when it is not. */
export function check<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".");
  throw new AtelierError(
    "invalid_input",
    `Slack sent something that I cannot read${where ? ` (“${where}”)` : ""}.`,
    { cause: parsed.error },
  );
}

/** Throws `invalid_input` for another workspace, or for someone of another in a shared channel. */
export function checkTeam(self: SlackSelf, ...teams: (string | null | undefined)[]): void {
  if (teams.every((team) => team === undefined || team === null || team === self.team)) return;
  throw new AtelierError("invalid_input", "I work for the workspace that I am installed in only.");
}

/** The thread that a message is in. The message that a thread hangs on is itself in the channel. */
export function threadOf(message: {
  ts?: string | undefined;
  thread_ts?: string | null | undefined;
}): { threadTs?: string } {
  const { ts, thread_ts: threadTs } = message;
  return typeof threadTs === "string" && threadTs !== ts ? { threadTs } : {};
}
