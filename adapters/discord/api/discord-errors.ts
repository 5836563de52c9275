import { DiscordAPIError, HTTPError, RateLimitError } from "@discordjs/rest";
import { z } from "zod";
import { AtelierError, type ErrorKind } from "#core";

interface Reading {
  kind: ErrorKind;
  sentence: string;
}

const takesNoMore: Reading = {
  kind: "not_found",
  sentence: "Discord takes no more answers to that.",
};
const cannotSee: Reading = {
  kind: "not_allowed",
  sentence:
    "I cannot see this channel. Someone who manages it gives my role the permission View Channel.",
};
const mayNotPost: Reading = {
  kind: "not_allowed",
  sentence:
    "I lack a permission in this channel. Someone who manages it gives my role View Channel, Send Messages (in threads Send Messages in Threads) and Attach Files.",
};
const closedToMe: Reading = {
  kind: "not_allowed",
  sentence:
    "I cannot write to you directly. Allow direct messages from this server's members in your privacy settings.",
};
const threadClosed: Reading = {
  kind: "not_allowed",
  sentence: "This thread is closed. Open it again, or ask somewhere else.",
};
const tooLarge: Reading = { kind: "invalid_input", sentence: "That is too large for Discord." };
const tooFast: Reading = {
  kind: "rate_limited",
  sentence: "Discord takes no more from me just now. Try again in a minute.",
};
const away: Reading = {
  kind: "unavailable",
  sentence: "Discord does not answer as it should. Try again in a minute.",
};
const noToken: Reading = {
  kind: "misconfigured",
  sentence:
    "Discord does not accept the bot token. Reset it under Bot in the developer portal and set DISCORD_TOKEN.",
};

/** Of the codes in docs.discord.com/developers/topics/opcodes-and-status-codes#json, those that mean something here. */
const readings: ReadonlyMap<number, Reading> = new Map([
  [10003, cannotSee],
  [10004, cannotSee],
  [10008, { kind: "not_found", sentence: "That message is not there any more." }],
  [10013, closedToMe],
  [10015, takesNoMore],
  [10062, takesNoMore],
  [20016, tooFast],
  [20022, tooFast],
  [20028, tooFast],
  [40003, tooFast],
  [40005, tooLarge],
  [40060, takesNoMore],
  [40094, takesNoMore],
  [50001, cannotSee],
  [50007, closedToMe],
  [50013, mayNotPost],
  [50027, takesNoMore],
  [50083, threadClosed],
  [50278, closedToMe],
  [130000, away],
  [160005, threadClosed],
  [
    200000,
    { kind: "not_allowed", sentence: "The AutoMod of this server does not let my answer through." },
  ],
]);

/** What Discord answered, however deep in the causes. */
function answerIn(error: unknown): DiscordAPIError | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof DiscordAPIError) return at;
  }
  return null;
}

/** Discord's own number for what went wrong; undefined where it gave none. */
export function discordErrorCode(error: unknown): number | undefined {
  const code = Number(answerIn(error)?.code);
  return Number.isInteger(code) && code !== 0 ? code : undefined;
}

/** An interaction's token opens nothing more, whatever its age: docs issue discord-api-docs#6851. */
export function isTokenDead(error: unknown): boolean {
  const answer = answerIn(error);
  if (answer === null || !isTokenUrl(answer.url)) return false;
  if (readings.get(Number(answer.code)) === takesNoMore) return true;
  const isBare = discordErrorCode(answer) === undefined;
  return answer.status === 401 || (answer.status === 404 && isBare);
}

/** What Discord says of a token, or of `@original`, while it has no first response yet; also of what is gone. */
export function isUnknownYet(error: unknown): boolean {
  const answer = answerIn(error);
  if (answer === null || !isTokenUrl(answer.url)) return false;
  return answer.code === 10015 || answer.code === 10008;
}

/** Whether the body or one of its files was over a limit. */
export function isTooLarge(error: unknown): boolean {
  if (discordErrorCode(error) === 40005 || answerIn(error)?.status === 413) return true;
  const cause = error instanceof AtelierError ? error.cause : error;
  return cause instanceof HTTPError && cause.status === 413;
}

/** Turns whatever a call threw into an AtelierError; `cause` is kept. */
export function translateDiscordError(thrown: unknown, what: string): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  if (thrown instanceof RateLimitError) {
    const { retryAfter, timeToReset } = thrown;
    const retryAfterMs = Math.max(retryAfter, timeToReset);
    return new AtelierError("rate_limited", tooFast.sentence, { cause: thrown, retryAfterMs });
  }
  const { kind, sentence } = readingOf(thrown, what);
  return new AtelierError(kind, sentence, { cause: thrown });
}

function readingOf(thrown: unknown, what: string): Reading {
  if (!(thrown instanceof DiscordAPIError)) return isTooLarge(thrown) ? tooLarge : away;
  const { status, code, url, message } = thrown;
  const known = readings.get(Number(code));
  if (known !== undefined) return known;
  if (isTokenDead(thrown)) return takesNoMore;
  if (status === 401 && !isTokenUrl(url)) return noToken;
  if (status === 413) return tooLarge;
  if (status === 429) return tooFast;
  if (status === 403) return mayNotPost;
  const why = message.replaceAll(/\s+/gu, " ").slice(0, 300);
  return { kind: "internal", sentence: `Discord refused ${what}: ${code} ${why}` };
}

function isTokenUrl(url: string): boolean {
  return /\/(?:webhooks|interactions)\//u.test(url);
}

/** Failures to connect: the request never left, so it may be sent again whatever it does. */
const NOT_SENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"];
const codedSchema = z.object({ code: z.string() });

/** Whether it failed on the way, and whether Discord may have taken it nevertheless. */
export function lostOnTheWay(thrown: unknown): { mayHaveArrived: boolean } | null {
  if (thrown instanceof HTTPError) return thrown.status >= 500 ? { mayHaveArrived: true } : null;
  if (thrown instanceof DiscordAPIError || thrown instanceof RateLimitError) return null;
  if (thrown instanceof AtelierError) return null;
  for (let at = thrown; at instanceof Error; at = at.cause) {
    const coded = codedSchema.safeParse(at);
    if (coded.success && NOT_SENT.includes(coded.data.code)) return { mayHaveArrived: false };
  }
  return { mayHaveArrived: true };
}
