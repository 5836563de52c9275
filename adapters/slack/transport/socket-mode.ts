import { type Receiver, SocketModeReceiver } from "@slack/bolt";
import { AtelierError, type Clock, type Log } from "#core";
import { slackErrorCode } from "../api/slack-errors.ts";
import { createBoltLogger } from "./bolt-app.ts";

/** Pauses before each next try to connect; the last one stays. */
const RECONNECT_PAUSES_MS = [0, 1_000, 2_000, 5_000, 10_000, 30_000];
/** What no later try can cure. */
const HOPELESS = ["not_authed", "invalid_auth", "account_inactive", "not_allowed_token_type"];

export interface SocketMode {
  receiver: Receiver;
  /**
   * Connects and stays connected. Rejects with `misconfigured` when Slack does not take the app
   * token; while Slack cannot be reached it goes on trying.
   */
  start(): Promise<void>;
  stop(): Promise<void>;
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
}: {
  appToken: string;
  apiUrl: string;
  clock: Clock;
  log: Log;
}): SocketMode {
  const receiver = new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    logger: createBoltLogger(log),
    installerOptions: { clientOptions: { slackApiUrl: apiUrl, retryConfig: { retries: 0 } } },
    // What was not made durable is not acknowledged: Slack sends it again.
    processEventErrorHandler: async () => false,
  });
  const { client } = receiver;
  const stopping = new AbortController();
  let isEnded = Promise.resolve();

  /** Resolves when a connection that stood has ended; rejects when none came about. */
  async function connectOnce(connected: () => void): Promise<void> {
    const ended = new Promise<void>((resolve) => client.once("disconnected", () => resolve()));
    await client.start();
    connected();
    await ended;
  }

  async function stayConnected(settle: (error: AtelierError | null) => void): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; failures++) {
      const pauseMs = RECONNECT_PAUSES_MS[failures] ?? RECONNECT_PAUSES_MS.at(-1) ?? 0;
      try {
        await clock.sleep(pauseMs, stopping.signal);
        await connectOnce(() => {
          failures = -1;
          log.info({}, "connected to Slack");
          settle(null);
        });
        if (!stopping.signal.aborted) log.info({}, "Slack ended the connection; connecting again");
      } catch (thrown) {
        if (stopping.signal.aborted) break;
        if (HOPELESS.includes(slackErrorCode(thrown) ?? "")) settle(refused(thrown));
        else settle(null);
        log.warn({ err: thrown }, "Slack cannot be reached; trying again");
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
      await client.disconnect();
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
