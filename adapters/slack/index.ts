import {
  type Adapter,
  type AdapterNotes,
  AtelierError,
  asAtelierError,
  type Clock,
  type Intake,
  type Limiter,
  type Log,
  type NewId,
  type Services,
} from "#core";
import { createSlackAttachments } from "./api/attachments.ts";
import { createRememberedIdentity } from "./api/remembered-identity.ts";
import { createUrlCheck } from "./api/response-url.ts";
import { createSlackApi } from "./api/slack-api.ts";
import { createSlackFiles } from "./api/slack-files.ts";
import { createSlackDelivery } from "./delivery/delivery.ts";
import { createForms } from "./forms.ts";
import { createInbound, type SlackSelf } from "./inbound.ts";
import { addListeners } from "./listeners.ts";
import { createReception } from "./reception.ts";
import { slackScopes } from "./register.ts";
import { PLATFORM } from "./target.ts";
import { createBoltApp } from "./transport/bolt-app.ts";
import { createHttpReceiver } from "./transport/http-receiver.ts";
import { isDoneWithin } from "./transport/is-done-within.ts";
import type { SocketMode, SocketModeOptions } from "./transport/socket-mode.ts";
import { SLACK_WEBHOOK_PATH } from "./webhook-path.ts";

/** Between tries to sign in while Slack cannot be reached. */
const SIGN_IN_PAUSE_MS = 15_000;
/** How long a request waits while its process, just woken, learns whose bot it is. */
const SIGN_IN_WITHIN_MS = 1_000;
/** How long a stop waits for calls that are under way; they go on until `close`. */
const LAST_CALLS_MS = 1_000;

/**
 * Slack, over Socket Mode when there is an app token, else over HTTP with the signing secret.
 * What comes in takes the same road either way; with neither, answers only go out.
 */
export async function createSlackAdapter({
  botToken,
  appToken,
  signingSecret,
  apiUrl,
  services,
  intake,
  notes,
  newLimiter,
  isOnDemand = false,
  clock,
  log,
  newId,
}: {
  botToken: string;
  appToken: string | undefined;
  signingSecret: string | undefined;
  apiUrl: string;
  services: Services;
  intake: Intake;
  notes: AdapterNotes;
  /** A limiter of its own for each method of the Web API. */
  newLimiter: (id: string) => Promise<Limiter>;
  /**
   * The process is there for a request and sleeps after its answer, as a Lambda function does:
   * whose bot it is stands in the notes, and a request that cannot learn it lets the next one try.
   */
  isOnDemand?: boolean;
  clock: Clock;
  log: Log;
  newId: NewId;
}): Promise<Adapter> {
  let known: SlackSelf | null = null;
  const self = (): SlackSelf => {
    if (known === null) throw new AtelierError("unavailable", "Slack cannot be reached yet.");
    return known;
  };
  const api = createSlackApi({ botToken, apiUrl, newLimiter, clock, log });
  const files = createSlackFiles({ api, notes, services, clock, log });
  const delivery = createSlackDelivery({ api, files, notes, services, clock, log });
  const attachments = createSlackAttachments({ api, botToken, services });

  const socket =
    appToken === undefined ? null : await openSocketMode({ appToken, apiUrl, clock, log });
  const http =
    socket === null && signingSecret !== undefined
      ? createHttpReceiver({ signingSecret, clock, log })
      : null;
  const receiver = socket?.receiver ?? http;

  const { commands } = services;
  const forms = createForms({ api, files, services, notes });
  const listeners =
    receiver === null
      ? null
      : addListeners(createBoltApp({ receiver, botToken, apiUrl, self, log }), {
          inbound: createInbound({ self, commands, clock, isExpectedUrl: createUrlCheck(apiUrl) }),
          reception: createReception({ services, intake, notes, forms }),
          forms,
          tell: delivery.tell,
          services,
          clock,
          log,
          newId,
        });
  async function settled(): Promise<void> {
    await http?.settled();
    await listeners?.settled();
  }

  const identify = isOnDemand
    ? createRememberedIdentity({ api, botToken, notes, clock })
    : api.identify;
  const stopping = new AbortController();
  let signingIn = Promise.resolve();

  async function connect(): Promise<void> {
    const { scopes, ...identity } = await identify();
    stopping.signal.throwIfAborted();
    known = identity;
    const missing = Object.keys(slackScopes).filter((scope) => scopes?.has(scope) === false);
    if (missing.length > 0) {
      log.warn({ missing }, "the Slack app lacks scopes: add them and install it again");
    }
    await socket?.start();
    log.info(
      { team: identity.team, transport: socket === null ? "http" : "socket" },
      "Slack is on",
    );
  }

  async function connectLater(): Promise<void> {
    while (known === null && !stopping.signal.aborted) {
      try {
        await clock.sleep(SIGN_IN_PAUSE_MS, stopping.signal);
        await connect();
      } catch (thrown) {
        if (!stopping.signal.aborted) log.error({ err: thrown }, "cannot sign in to Slack");
      }
    }
  }

  /** Of a process that sleeps between requests: each one tries until one has succeeded. */
  async function connectNow(): Promise<void> {
    if (known !== null) return;
    const connected = connect().catch((thrown: unknown) => {
      log.error({ err: thrown }, "cannot sign in to Slack");
    });
    await isDoneWithin(SIGN_IN_WITHIN_MS, connected, clock);
  }

  return {
    platform: PLATFORM,
    ...(http === null ? {} : { webhookPath: SLACK_WEBHOOK_PATH }),
    async fetch(request) {
      if (http === null || new URL(request.url).pathname !== SLACK_WEBHOOK_PATH) return null;
      if (isOnDemand) await connectNow();
      return http.fetch(request);
    },
    async start() {
      if (isOnDemand) return connectNow();
      try {
        await connect();
      } catch (thrown) {
        const error = asAtelierError(thrown);
        if (error.kind === "misconfigured") throw error;
        // The page and other platforms need not wait for Slack.
        log.warn({ err: error }, "cannot sign in to Slack; trying again");
        signingIn = connectLater();
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all([isDoneWithin(LAST_CALLS_MS, signingIn, clock), socket?.stop()]);
      const isAllSaid = await isDoneWithin(LAST_CALLS_MS, settled(), clock);
      if (!isAllSaid) log.warn({}, "Slack is slow: people are still being told while I stop");
    },
    settled,
    close: () => api.close(),
    openAttachment: attachments.open,
    saveVideo: (attachment, _job, options) => attachments.saveVideo(attachment, options),
    begin: delivery.begin,
    progress: delivery.progress,
    pause: delivery.pause,
    deliver: delivery.deliver,
  };
}

/** Loaded only where it is used: over HTTP nobody needs its client. */
async function openSocketMode(options: SocketModeOptions): Promise<SocketMode> {
  const { createSocketMode } = await import("./transport/socket-mode.ts");
  return createSocketMode(options);
}
