import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from "@slack/web-api";
import { z } from "zod";
import { AtelierError, type ErrorKind } from "#core";

/** What Slack answered, where it is more than an HTTP status: `{ "ok": false, "error": … }`. */
export class SlackAnswerError extends Error {
  override readonly name = "SlackAnswerError";
  readonly slackCode: string;

  constructor(slackCode: string) {
    super(`Slack answered ${slackCode}.`);
    this.slackCode = slackCode;
  }
}

/** Slack's own name for what went wrong, however deep in the causes; undefined where there is none. */
export function slackErrorCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof SlackAnswerError) return at.slackCode;
    if (at instanceof WebAPIPlatformError) return at.data.error;
  }
  return undefined;
}

/** What a sentence needs to say exactly what is missing. */
interface Asked {
  method: string;
  /** The scope of the method, where Slack does not name the one it misses. */
  scope: string;
  botName: string;
}

interface Reading {
  kind: ErrorKind;
  sentence(asked: Asked): string;
  /** What to do for the next time, for whoever reads it in another conversation. */
  nextTime?(asked: Asked): string;
}

const notHere: Reading = {
  kind: "not_allowed",
  sentence: ({ botName }) =>
    `I am not in this conversation. Type /invite @${botName} in it, then try again.`,
  nextTime: ({ botName }) => `To have it there next time, type /invite @${botName} in it.`,
};
const closedToMe: Reading = {
  kind: "not_allowed",
  sentence: ({ botName }) =>
    `I may not post in this conversation. Someone who manages it can allow @${botName} to post in it.`,
  nextTime: ({ botName }) =>
    `To have it there next time, someone who manages it can allow @${botName} to post in it.`,
};
const noReinstall: Reading = {
  kind: "misconfigured",
  sentence: () =>
    "Slack does not accept the bot token. Install the app again and set SLACK_BOT_TOKEN to the new one.",
};
const away: Reading = {
  kind: "unavailable",
  sentence: () => "Slack does not answer as it should. Try again in a minute.",
};
const tooFast: Reading = {
  kind: "rate_limited",
  sentence: () => "Slack takes no more from me just now. Try again in a minute.",
};
const messageGone: Reading = {
  kind: "not_found",
  sentence: () => "That message is not there any more.",
};
const fileGone: Reading = {
  kind: "not_found",
  sentence: () => "That file is not in Slack any more, or I cannot see it.",
};

const nobodyThere: Reading = {
  kind: "not_allowed",
  sentence: () => "I cannot write to that person directly.",
};

const noUploads: Reading = {
  kind: "not_allowed",
  sentence: () => "This workspace does not let me upload files. An admin can allow it.",
};

/** A form opens within 3 s of the command or press (docs.slack.dev/surfaces/modals#trigger_ids). */
const formTooLate: Reading = {
  kind: "unavailable",
  sentence: () => "The form took too long to open. Try again.",
};

const addressGone: Reading = {
  kind: "not_found",
  sentence: () => "Slack takes no more answers to that.",
};

/** Of the errors that docs.slack.dev/reference/methods lists for the methods in use, those that mean something here. */
const readings: Readonly<Record<string, Reading>> = {
  not_in_channel: notHere,
  channel_not_found: notHere,
  is_archived: {
    kind: "not_allowed",
    sentence: () => "This conversation is archived. Unarchive it, or ask somewhere else.",
    nextTime: () => "That conversation is archived.",
  },
  restricted_action: closedToMe,
  restricted_action_read_only_channel: closedToMe,
  restricted_action_thread_locked: closedToMe,
  restricted_action_non_threadable_channel: closedToMe,
  restricted_action_thread_only_channel: closedToMe,
  no_permission: closedToMe,
  cannot_reply_to_message: closedToMe,
  messages_tab_disabled: {
    kind: "not_allowed",
    sentence: () =>
      "Direct messages with me are turned off. An admin turns them on under App Home, Messages Tab.",
  },
  ekm_access_denied: closedToMe,
  user_not_found: nobodyThere,
  user_not_visible: nobodyThere,
  user_disabled: nobodyThere,
  cannot_dm_bot: nobodyThere,
  not_enabled: {
    kind: "not_allowed",
    sentence: () => "My App Home is turned off. An admin turns it on under App Home, Home Tab.",
  },
  user_not_in_channel: {
    kind: "not_allowed",
    sentence: () => "You are not in that conversation. Join it, then try again.",
  },
  missing_scope: {
    kind: "not_allowed",
    sentence: ({ scope }) =>
      `I lack the scope ${scope}. An admin adds it under OAuth & Permissions and reinstalls the app.`,
  },
  not_authed: noReinstall,
  invalid_auth: noReinstall,
  token_revoked: noReinstall,
  token_expired: noReinstall,
  account_inactive: noReinstall,
  not_allowed_token_type: noReinstall,
  team_access_not_granted: noReinstall,
  ratelimited: tooFast,
  rate_limited: tooFast,
  message_limit_exceeded: tooFast,
  message_not_found: messageGone,
  cant_update_message: messageGone,
  cant_delete_message: messageGone,
  edit_window_closed: messageGone,
  expired_trigger_id: formTooLate,
  exchanged_trigger_id: formTooLate,
  invalid_trigger_id: formTooLate,
  expired_url: addressGone,
  used_url: addressGone,
  file_not_found: fileGone,
  file_deleted: fileGone,
  file_uploads_disabled: noUploads,
  file_uploads_except_images_disabled: noUploads,
  file_type_not_allowed: noUploads,
  file_upload_size_restricted: noUploads,
  storage_limit_reached: {
    kind: "not_allowed",
    sentence: () =>
      "The workspace's file storage is full. An admin frees some, or raises the plan.",
  },
  internal_error: away,
  fatal_error: away,
  service_unavailable: away,
  request_timeout: away,
};

const scopeAnswerSchema = z.object({ needed: z.string().min(1) });

/** A refusal that has another sentence for whoever reads it elsewhere. */
class SlackRefusal extends AtelierError {
  readonly nextTime: string;

  constructor(kind: ErrorKind, sentence: string, nextTime: string, cause: unknown) {
    super(kind, sentence, { cause });
    this.nextTime = nextTime;
  }
}

/** What to do for the next time, as one reads it in another conversation than it is about. */
export function nextTimeSentence(error: AtelierError): string {
  return error instanceof SlackRefusal ? error.nextTime : error.message;
}

/** Turns whatever a call of the Web API or a response_url threw into an AtelierError; `cause` is kept. */
export function translateSlackError(thrown: unknown, asked: Asked): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  if (thrown instanceof WebAPIRateLimitedError) {
    return new AtelierError("rate_limited", tooFast.sentence(asked), {
      cause: thrown,
      retryAfterMs: thrown.retryAfter * 1000,
    });
  }
  const code = slackErrorCode(thrown);
  const reading = code === undefined ? undefined : readings[code];
  if (reading !== undefined) {
    const { kind, nextTime } = reading;
    const sentence = reading.sentence(withNeeded(asked, thrown));
    return nextTime === undefined
      ? new AtelierError(kind, sentence, { cause: thrown })
      : new SlackRefusal(kind, sentence, nextTime(asked), thrown);
  }
  if (code !== undefined) {
    const message = `Slack refused ${asked.method}: ${code.slice(0, 200)}.`;
    return new AtelierError("internal", message, { cause: thrown });
  }
  return new AtelierError("unavailable", away.sentence(asked), { cause: thrown });
}

function withNeeded(asked: Asked, thrown: unknown): Asked {
  if (!(thrown instanceof WebAPIPlatformError)) return asked;
  const answer = scopeAnswerSchema.safeParse(thrown.data);
  return answer.success ? { ...asked, scope: answer.data.needed } : asked;
}

/** Failures to connect: the request never left, so it may be sent again whatever it does. */
const NOT_SENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"];
const codedSchema = z.object({ code: z.string() });

/** Whether it failed on the way, and whether Slack may have taken it nevertheless. */
export function lostOnTheWay(thrown: unknown): { mayHaveArrived: boolean } | null {
  if (thrown instanceof WebAPIHTTPError) {
    return thrown.statusCode >= 500 ? { mayHaveArrived: true } : null;
  }
  if (thrown instanceof WebAPIRequestError) return { mayHaveArrived: wasSent(thrown.original) };
  const code = slackErrorCode(thrown);
  return code !== undefined && readings[code] === away ? { mayHaveArrived: true } : null;
}

function wasSent(failure: unknown): boolean {
  for (let at = failure; at instanceof Error; at = at.cause) {
    const coded = codedSchema.safeParse(at);
    if (coded.success && NOT_SENT.includes(coded.data.code)) return false;
  }
  return true;
}

/** Whether Slack may have done what a call or an answer asked of it, although that failed. */
export function mayHaveArrived(error: AtelierError): boolean {
  if (error.kind !== "unavailable") return false;
  const { cause } = error;
  const isAnswer = cause instanceof WebAPIHTTPError || slackErrorCode(cause) !== undefined;
  if (isAnswer || cause instanceof WebAPIRequestError) {
    return lostOnTheWay(cause)?.mayHaveArrived ?? false;
  }
  // A response_url throws what fetch throws.
  return wasSent(cause);
}
