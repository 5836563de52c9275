import { type RawFile, REST, RESTEvents, type RequestMethod } from "@discordjs/rest";
import { Routes } from "discord-api-types/v10";
import { z } from "zod";
import { AtelierError, type Clock, type Log } from "#core";
import { lostOnTheWay, translateDiscordError } from "./discord-errors.ts";
import { createRequestGuard } from "./request-guard.ts";

const DISCORD_API_URL = "https://discord.com/api";
const DISCORD_API_VERSION = "10";
/** docs.discord.com/developers/resources/message#create-message: a nonce has up to 25 characters. */
const DISCORD_NONCE_MAX = 25;
/** How long a call may take in all, waits for rate limits included. */
const CALL_MAX_MS = 30_000;
const UPLOAD_MAX_MS = 90_000;
/** The first response is worth nothing after 3 s (receiving-and-responding). */
const RESPOND_MAX_MS = 2_500;
/** Pauses before a call that was lost on the way is made again. */
const LOST_PAUSES_MS = [500, 1_500];

/** A message as it leaves: what Discord describes as JSON, and the files that it names. */
export interface OutgoingMessage {
  body: object;
  files?: readonly RawFile[];
}

/** A message that is there. */
export interface PlacedMessage {
  channel: string;
  id: string;
}

export interface CallOptions {
  /** How long it may take in all; 30 s unless told, 90 s with files. */
  waitMaxMs?: number;
  /** Not again after a failure, whatever it was. */
  isOnce?: boolean;
}

interface Request {
  method: `${RequestMethod}`;
  route: `/${string}`;
  message?: OutgoingMessage;
  /** An interaction's token in the route stands for itself; all else needs the bot's. */
  isAsBot: boolean;
  /** Whether a second time does no harm. */
  isRepeatable: boolean;
}

const messageSchema = z.object({ id: z.string(), channel_id: z.string() });
const channelSchema = z.object({ id: z.string() });
const refreshedSchema = z.object({
  refreshed_urls: z.array(z.object({ original: z.string(), refreshed: z.string().nullable() })),
});

export type DiscordApi = ReturnType<typeof createDiscordApi>;

/**
 * All calls to Discord's REST API, through discord.js' own client, which waits as the rate-limit
 * headers say. Rejects with an AtelierError whose sentence says what is missing;
 * `discordErrorCode` of it gives Discord's own number.
 */
export function createDiscordApi({
  token,
  applicationId,
  apiUrl = DISCORD_API_URL,
  log,
  clock,
}: {
  token: string;
  applicationId: string;
  apiUrl?: string | undefined;
  log: Log;
  clock: Clock;
}) {
  const guard = createRequestGuard({ clock, log });
  const rest = new REST({
    api: apiUrl,
    version: DISCORD_API_VERSION,
    // What may be sent twice is known here and not there.
    retries: 0,
    timeout: UPLOAD_MAX_MS,
    rejectOnRateLimit: ({ timeToReset }) => timeToReset > UPLOAD_MAX_MS,
    invalidRequestWarningInterval: guard.warningInterval,
  }).setToken(token);
  rest.on(RESTEvents.InvalidRequestWarning, guard.onWarning);

  async function send(
    { method, route, message, isAsBot }: Request,
    signal: AbortSignal,
  ): Promise<unknown> {
    guard.check(isAsBot);
    // The client forgets a token that was refused once; the guard keeps it from being tried on and on.
    if (isAsBot) rest.setToken(token);
    const answer = rest.request({
      // The enum's members are these very words.
      method: method as RequestMethod,
      fullRoute: route,
      auth: isAsBot,
      signal,
      ...(message === undefined ? {} : { body: message.body }),
      ...(message?.files === undefined ? {} : { files: [...message.files] }),
    });
    // While it waits for a rate limit the client does not look at the signal; it sends nothing after it.
    return untilAborted(answer, signal);
  }

  async function call(
    what: string,
    request: Request,
    { waitMaxMs, isOnce = false }: CallOptions = {},
  ): Promise<unknown> {
    const hasFiles = (request.message?.files?.length ?? 0) > 0;
    const signal = AbortSignal.timeout(waitMaxMs ?? (hasFiles ? UPLOAD_MAX_MS : CALL_MAX_MS));
    for (let lostBefore = 0; ; lostBefore++) {
      try {
        return await send(request, signal);
      } catch (thrown) {
        const error = translateDiscordError(thrown, what);
        const isAnswer = thrown !== error;
        if (isAnswer && error.kind === "misconfigured") guard.onTokenRefused();
        const lost = signal.aborted ? null : lostOnTheWay(thrown);
        const mayRepeat = request.isRepeatable || lost?.mayHaveArrived === false;
        const pauseMs = LOST_PAUSES_MS[lostBefore];
        if (isOnce || lost === null || !mayRepeat || pauseMs === undefined) throw error;
        await clock.sleep(pauseMs);
      }
    }
  }

  async function place(what: string, request: Request, options?: CallOptions) {
    const answer = messageSchema.safeParse(await call(what, request, options));
    if (!answer.success) {
      throw new AtelierError("unavailable", "Discord did not say where it put a message.", {
        cause: answer.error,
      });
    }
    const { id, channel_id: channel } = answer.data;
    return { channel, id } satisfies PlacedMessage;
  }

  const ofToken = { isAsBot: false, isRepeatable: true } as const;
  const asBot = { isAsBot: true, isRepeatable: true } as const;
  const answerRoute = (interactionToken: string, message = "@original") =>
    Routes.webhookMessage(applicationId, interactionToken, message);

  return {
    /** Scheme, host and port of the API; in tests files are there too. */
    origin: new URL(apiUrl).origin,

    /** The first response to an interaction, within Discord's 3 s. */
    async respond(
      { id, token: interactionToken }: { id: string; token: string },
      message: OutgoingMessage,
    ): Promise<void> {
      const route = Routes.interactionCallback(id, interactionToken);
      // Of two first responses, Discord takes one.
      const request = { ...ofToken, method: "POST", route, message } as const;
      await call("a first response", request, { waitMaxMs: RESPOND_MAX_MS });
    },

    /** Changes the first response, or another answer of the same interaction. */
    editAnswer(
      interactionToken: string,
      message: OutgoingMessage,
      options?: CallOptions & { id?: string },
    ): Promise<PlacedMessage> {
      const route = answerRoute(interactionToken, options?.id);
      return place("an edit", { ...ofToken, method: "PATCH", route, message }, options);
    },

    async deleteAnswer(interactionToken: string): Promise<void> {
      const route = answerRoute(interactionToken);
      await call("a deletion", { ...ofToken, method: "DELETE", route });
    },

    /** A further answer; the body's flags say whether the person alone sees it. */
    followUp(interactionToken: string, message: OutgoingMessage): Promise<PlacedMessage> {
      const route = Routes.webhook(applicationId, interactionToken);
      const request = { ...ofToken, isRepeatable: false, method: "POST", route, message } as const;
      return place("a follow-up", request);
    },

    /**
     * A new message by the bot. With a `nonce`, Discord gives back the message that the bot made
     * with the same one in the past few minutes, instead of making another.
     */
    createMessage(
      channel: string,
      { body, files = [] }: OutgoingMessage,
      { nonce, ...options }: CallOptions & { nonce?: string } = {},
    ): Promise<PlacedMessage> {
      const once =
        nonce === undefined
          ? {}
          : { nonce: nonce.slice(0, DISCORD_NONCE_MAX), enforce_nonce: true };
      const request = {
        ...asBot,
        isRepeatable: nonce !== undefined,
        method: "POST",
        route: Routes.channelMessages(channel),
        message: { body: { ...body, ...once }, files },
      } as const;
      return place("a message", request, options);
    },

    editMessage(
      { channel, id }: PlacedMessage,
      message: OutgoingMessage,
      options?: CallOptions,
    ): Promise<PlacedMessage> {
      const route = Routes.channelMessage(channel, id);
      return place("an edit", { ...asBot, method: "PATCH", route, message }, options);
    },

    async deleteMessage({ channel, id }: PlacedMessage): Promise<void> {
      const route = Routes.channelMessage(channel, id);
      await call("a deletion", { ...asBot, method: "DELETE", route });
    },

    /** The message as Discord has it. */
    async getMessage({ channel, id }: PlacedMessage): Promise<unknown> {
      const route = Routes.channelMessage(channel, id);
      return call("a look at a message", { ...asBot, method: "GET", route });
    },

    /** The channel of the direct messages between that person and the bot. */
    async createDm(user: string): Promise<string> {
      const message = { body: { recipient_id: user } };
      const route = Routes.userChannels();
      const answer = await call("a direct message", { ...asBot, method: "POST", route, message });
      return channelSchema.parse(answer).id;
    },

    /** A link to the same file that works now; null where the file is gone. */
    async refreshUrl(url: string): Promise<string | null> {
      const message = { body: { attachment_urls: [url] } };
      const route = "/attachments/refresh-urls";
      const answer = await call("a new link", { ...asBot, method: "POST", route, message });
      return refreshedSchema.parse(answer).refreshed_urls[0]?.refreshed ?? null;
    },

    /** Ends the client's own timers. */
    close(): void {
      rest.clearHashSweeper();
      rest.clearHandlerSweeper();
    },
  };
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      const message = "Discord takes too long to answer. Try again in a minute.";
      reject(new AtelierError("unavailable", message, { cause: signal.reason }));
    };
    signal.addEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
