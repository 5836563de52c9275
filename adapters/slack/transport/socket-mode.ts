import { type Receiver, SocketModeReceiver } from "@slack/bolt";
import { AtelierError, type Clock, type Log } from "#core";
import { slackErrorCode } from "../api/slack-errors.ts";
import { createBoltLogger } from "./bolt-app.ts";
import { isDoneWithin } from "./is-done-within.ts";

/** From the beginning of one try to that of the next, at least; the last one stays. */
const TRIES_APART_MS = [0, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
/** Keeps processes that were cut off together from coming back together. */
const JITTER = 0.2;
/** A connection that ends sooner counts as a failure, or one that Slack ends at once would be a storm. */
const STABLE_AFTER_MS = 30_000;
/** Slack's SDK has no limit of its own for either. */
const CALL_TIMEOUT_MS = 10_000;
const OPEN_WITHIN_MS = 20_000;
/** How long a goodbye waits for its answer. */
const GOODBYE_MS = 500;
/** What no later try can cure. */
const HOPELESS = [
  "not_authed",
  "invalid_auth",
  "account_inactive",
  "not_allowed_token_type",
  "missing_scope",
  "token_revoked",
  "token_expired",
];

export interface SocketMode {
  receiver: Receiver;
  /**
   * Connects and stays connected. Rejects with `misconfigured` when Slack does not take the app
   * token; while Slack cannot be reached it resolves and goes on trying.
   */
  start(): Promise<void>;
  /** Hangs up, within a second even where Slack does not answer. */
  stop(): Promise<void>;
}

export interface SocketModeOptions {
  appToken: string;
  apiUrl: string;
  clock: Clock;
  log: Log;
  /** From 0 to 1, as Math.random. */
  random?: () => number;
}

/**
 * Bolt's Socket Mode. Reconnecting is done here: the client's own waits longer after each failed
 * try without end, and what goes wrong meanwhile becomes an unhandled rejection.
 */
export function createSocketMode({
  appToken,
  apiUrl,
  clock,
  log,
  random = Math.random,
}: SocketModeOptions): SocketMode {
  /** Of the connection that is tried or stands: aborted when it is over. */
  let current = new AbortController();
  const receiver = new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    logger: createBoltLogger(log),
    installerOptions: {
      clientOptions: {
        slackApiUrl: apiUrl,
        retryConfig: { retries: 0 },
        timeout: CALL_TIMEOUT_MS,
        fetch: (url, init) => {
          const signals = [current.signal, init?.signal].filter(
            (signal) => signal instanceof AbortSignal,
          );
          return fetch(url, { ...init, signal: AbortSignal.any(signals) });
        },
      },
    },
    // What was not made durable is not acknowledged: Slack sends it again.
    processEventErrorHandler: async () => false,
  });
  const { client } = receiver;
  const stopping = new AbortController();
  let isEnded = Promise.resolve();

  async function hangUp(started: Promise<unknown>): Promise<void> {
    const gone = Promise.all([client.disconnect(), started.catch(() => {})]);
    if (await isDoneWithin(GOODBYE_MS, gone, clock)) return;
    // Told a second time, the client closes without an answer.
    await isDoneWithin(GOODBYE_MS, client.disconnect(), clock);
  }

  /** Resolves when a connection that stood has ended; rejects when none came about in time. */
  async function connectOnce(connected: () => void): Promise<void> {
    const connection = new AbortController();
    current = connection;
    const end = () => connection.abort("over");
    const ended = new Promise<void>((resolve) => {
      connection.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    stopping.signal.addEventListener("abort", end, { once: true });
    client.once("disconnected", end);
    const started = client.start();
    try {
      const opened = await Promise.race([
        isDoneWithin(OPEN_WITHIN_MS, started, clock),
        ended.then(() => false),
      ]);
      if (!opened) throw new AtelierError("unavailable", "Slack opened no connection.");
      connected();
      await ended;
    } finally {
      end();
      stopping.signal.removeEventListener("abort", end);
      client.off("disconnected", end);
      await hangUp(started);
    }
  }

  async function stayConnected(settle: (error: AtelierError | null) => void): Promise<void> {
    /** Tries in vain since Slack last said hello, and connections in a row that soon ended. */
    let failures = 0;
    let flaps = 0;
    let triedAtMs = 0;
    let connectedAtMs = 0;
    while (!stopping.signal.aborted) {
      const step = Math.min(Math.max(failures, flaps), TRIES_APART_MS.length - 1);
      const apartMs = (TRIES_APART_MS[step] ?? 0) * (1 + JITTER * random());
      const sinceMs = Math.max(0, clock.nowMs() - triedAtMs);
      try {
        await clock.sleep(Math.max(0, apartMs - sinceMs), stopping.signal);
        triedAtMs = clock.nowMs();
        await connectOnce(() => {
          failures = 0;
          connectedAtMs = clock.nowMs();
          log.info({}, "connected to Slack");
          settle(null);
        });
        flaps = clock.nowMs() - connectedAtMs < STABLE_AFTER_MS ? flaps + 1 : 0;
        if (!stopping.signal.aborted) log.info({}, "Slack ended the connection; connecting again");
      } catch (thrown) {
        if (stopping.signal.aborted) break;
        failures += 1;
        if (HOPELESS.includes(slackErrorCode(thrown) ?? "")) {
          const error = refused(thrown);
          settle(error);
          log.error({ err: error }, "Slack refuses the connection; trying again");
        } else {
          settle(null);
          log.warn({ err: thrown }, "Slack cannot be reached; trying again");
        }
      }
    }
    settle(null);
  }

  return {
    receiver,

    async start() {
      const error = await new Promise<AtelierError | null>((resolve) => {
        isEnded = stayConnected(resolve);
      });
      if (error !== null) throw error;
    },

    async stop() {
      stopping.abort();
      await isEnded;
    },
  };
}

function refused(cause: unknown): AtelierError {
  return new AtelierError(
    "misconfigured",
    "Slack does not accept SLACK_APP_TOKEN. Make an app-level token with the scope connections:write under Basic Information and set it.",
    { cause },
  );
}
