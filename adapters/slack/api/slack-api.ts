import { LogLevel, WebAPIRateLimitedError, WebClient } from "@slack/web-api";
import { z } from "zod";
import { AtelierError, type Clock, type Limiter, type Log } from "#core";
import { postToResponseUrl, type ResponseUrlMessage } from "./respond.ts";
import { createUrlCheck } from "./response-url.ts";
import { lostOnTheWay, translateSlackError } from "./slack-errors.ts";

const SLACK_API_URL = "https://slack.com/api/";
const CALL_TIMEOUT_MS = 10_000;
/** Calls that Slack told to come back later: how often they are made in all, and how long they wait. */
const RATE_LIMITED_TRIES = 3;
const WAIT_MAX_MS = 60_000;
/** Pauses before a call that was lost on the way is made again. */
const LOST_PAUSES_MS = [500, 1_500];
/** Until `identify` has asked; the manifest's own name. */
const BOT_NAME = "atelier";

/** The methods in use: the scope each needs, and whether a second time does no harm. */
const slackMethods = {
  "auth.test": { scope: "chat:write", isRepeatable: true },
  "chat.postMessage": { scope: "chat:write", isRepeatable: false },
  "chat.postEphemeral": { scope: "chat:write", isRepeatable: false },
  "chat.update": { scope: "chat:write", isRepeatable: true },
  "chat.delete": { scope: "chat:write", isRepeatable: true },
  "conversations.open": { scope: "im:write", isRepeatable: true },
  "files.info": { scope: "files:read", isRepeatable: true },
  "files.delete": { scope: "files:write", isRepeatable: true },
  "files.getUploadURLExternal": { scope: "files:write", isRepeatable: true },
  "files.completeUploadExternal": { scope: "files:write", isRepeatable: true },
  "views.open": { scope: "commands", isRepeatable: false },
  "views.publish": { scope: "chat:write", isRepeatable: true },
} as const;
export type SlackMethod = keyof typeof slackMethods;

/** Whom the bot token belongs to. */
export interface SlackIdentity {
  team: string;
  botUser: string;
  /** As people write it after the @. */
  botName: string;
  /** What the app was installed with. */
  scopes: ReadonlySet<string>;
}

export interface CallOptions {
  /** How long to wait at most while Slack asks for a pause; 60 s unless told. */
  waitMaxMs?: number;
  /** Not again after a failure, whatever it was. */
  isOnce?: boolean;
}

const identitySchema = z.object({ team_id: z.string(), user_id: z.string(), user: z.string() });

export type SlackApi = ReturnType<typeof createSlackApi>;

/**
 * All calls to Slack's Web API. Each method has a limiter of its own: a 429 pauses that method
 * for as long as Slack says, and the call is made again. Rejects with an AtelierError whose
 * sentence says what is missing; `slackErrorCode` of it gives Slack's own name.
 */
export function createSlackApi({
  botToken,
  apiUrl = SLACK_API_URL,
  newLimiter,
  clock,
  log,
}: {
  botToken: string;
  apiUrl?: string | undefined;
  newLimiter: (method: string) => Promise<Limiter>;
  clock: Clock;
  log: Log;
}) {
  const { origin } = new URL(apiUrl);
  const isResponseUrl = createUrlCheck(apiUrl);
  const client = new WebClient(botToken, {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: CALL_TIMEOUT_MS,
    allowAbsoluteUrls: false,
    // Its own lines would repeat our errors, and carry what people wrote.
    logger: {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: () => {},
      setLevel: () => {},
      getLevel: () => LogLevel.ERROR,
      setName: () => {},
    },
  });
  const limiters = new Map<string, Promise<Limiter>>();
  let botName = BOT_NAME;

  function limiterOf(method: string): Promise<Limiter> {
    const known = limiters.get(method);
    if (known !== undefined) return known;
    const made = newLimiter(method);
    limiters.set(method, made);
    // A limiter that could not be made is made anew by the next call.
    made.catch(() => limiters.delete(method));
    return made;
  }

  /** What was lost on the way is sent again where that does no harm. */
  async function repeated<T>(method: SlackMethod, attempt: () => Promise<T>): Promise<T> {
    for (let lostBefore = 0; ; lostBefore++) {
      try {
        return await attempt();
      } catch (thrown) {
        const lost = lostOnTheWay(thrown);
        const pauseMs = LOST_PAUSES_MS[lostBefore];
        const mayRepeat = slackMethods[method].isRepeatable || lost?.mayHaveArrived === false;
        if (lost === null || !mayRepeat || pauseMs === undefined) throw thrown;
        await clock.sleep(pauseMs);
      }
    }
  }

  async function call<T>(
    method: SlackMethod,
    request: (client: WebClient) => Promise<T>,
    { waitMaxMs = WAIT_MAX_MS, isOnce = false }: CallOptions = {},
  ): Promise<T> {
    const asked = { method, scope: slackMethods[method].scope, botName };
    const limiter = await limiterOf(method);
    const signal = AbortSignal.timeout(waitMaxMs);
    const endMs = clock.nowMs() + waitMaxMs;
    const attempt = () =>
      limiter.schedule(() => request(client), { priority: "interactive", signal });
    for (let triesLeft = isOnce ? 1 : RATE_LIMITED_TRIES; ; triesLeft--) {
      try {
        return await (isOnce ? attempt() : repeated(method, attempt));
      } catch (thrown) {
        if (thrown === signal.reason) {
          const message = "Slack takes no more from me just now. Try again in a minute.";
          throw new AtelierError("rate_limited", message, { cause: thrown });
        }
        if (!(thrown instanceof WebAPIRateLimitedError)) throw translateSlackError(thrown, asked);
        const pauseMs = thrown.retryAfter * 1000;
        limiter.pause(pauseMs);
        log.warn({ method, pauseMs }, "Slack asks for a pause");
        if (triesLeft === 1 || clock.nowMs() + pauseMs > endMs) {
          throw translateSlackError(thrown, asked);
        }
      }
    }
  }

  return {
    /** Scheme, host and port of the Web API; files and response_urls may be there too. */
    origin,

    /** Calls one method of the real client. */
    call,

    /**
     * Answers through a response_url, once. Rejects with `not_found` when it is expired or used
     * up, with `internal` and Slack's code when the message is refused.
     */
    async respond(url: string, message: ResponseUrlMessage): Promise<void> {
      if (!isResponseUrl(url)) throw new AtelierError("internal", "Not a response_url of Slack's.");
      try {
        await postToResponseUrl(url, message);
      } catch (thrown) {
        throw translateSlackError(thrown, { method: "response_url", scope: "commands", botName });
      }
    },

    /** Asks whom the token belongs to; the sentences name the bot from then on. */
    async identify(): Promise<SlackIdentity> {
      const answer = await call("auth.test", (web) => web.auth.test());
      const { team_id: team, user_id: botUser, user } = identitySchema.parse(answer);
      botName = user;
      const scopes = new Set(answer.response_metadata?.scopes);
      return { team, botUser, botName, scopes };
    },

    /** The name that the sentences give the bot, where it is known without asking. */
    isNamed(name: string): void {
      botName = name;
    },

    /** Lets the process end. */
    async close(): Promise<void> {
      const made = await Promise.allSettled(limiters.values());
      await Promise.all(
        made.map((each) => (each.status === "fulfilled" ? each.value.close() : undefined)),
      );
    },
  };
}
