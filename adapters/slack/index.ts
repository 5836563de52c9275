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
import { createUrlCheck } from "./api/response-url.ts";
import { createSlackApi } from "./api/slack-api.ts";
import { createSlackFiles } from "./api/slack-files.ts";
import { createSlackDelivery } from "./delivery/delivery.ts";
import { createForms } from "./forms.ts";
import { createInbound, type SlackSelf } from "./inbound.ts";
import { addListeners } from "./listeners.ts";
import { createReception } from "./reception.ts";
import { SLACK_WEBHOOK_PATH, slackScopes } from "./register.ts";
import { PLATFORM } from "./target.ts";
import { createBoltApp } from "./transport/bolt-app.ts";
import { createHttpReceiver } from "./transport/http-receiver.ts";
import { isDoneWithin } from "./transport/is-done-within.ts";
import { createSocketMode } from "./transport/socket-mode.ts";

/** Between tries to sign in while Slack cannot be reached. */
const SIGN_IN_PAUSE_MS = 15_000;
/** How long a stop waits for calls that are under way; they go on until `close`. */
const LAST_CALLS_MS = 1_000;

/**
 * Slack, over Socket Mode when there is an app token, else over HTTP with the signing secret.
 * What comes in takes the same road either way.
 */
export function createSlackAdapter({
  botToken,
  appToken,
  signingSecret,
  apiUrl,
  services,
  intake,
  notes,
  newLimiter,
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
  clock: Clock;
  log: Log;
  newId: NewId;
}): Adapter {
  let known: SlackSelf | null = null;
  const self = (): SlackSelf => {
    if (known === null) throw new AtelierError("unavailable", "Slack cannot be reached yet.");
    return known;
  };
  const api = createSlackApi({ botToken, apiUrl, newLimiter, clock, log });
  const files = createSlackFiles({ api, notes, services, clock, log });
  const delivery = createSlackDelivery({ api, files, notes, services, clock, log });
  const attachments = createSlackAttachments({ api, botToken, services });

  const socket = appToken === undefined ? null : createSocketMode({ appToken, apiUrl, clock, log });
  const http =
    socket === null ? createHttpReceiver({ signingSecret: signingSecret ?? "", clock, log }) : null;
  const receiver = socket?.receiver ?? http;
  if (receiver === null) throw new AtelierError("misconfigured", "Slack has no way in.");

  const { commands } = services;
  const forms = createForms({ api, files, services, notes });
  const listeners = addListeners(createBoltApp({ receiver, botToken, apiUrl, self, log }), {
    inbound: createInbound({ self, commands, clock, isExpectedUrl: createUrlCheck(apiUrl) }),
    reception: createReception({ services, intake, notes, forms }),
    forms,
    tell: delivery.tell,
    services,
    clock,
    log,
    newId,
  });

  const stopping = new AbortController();
  let signingIn = Promise.resolve();

  async function connect(): Promise<void> {
    const identity = await api.identify();
    stopping.signal.throwIfAborted();
    known = identity;
    const missing = Object.keys(slackScopes).filter((scope) => !identity.scopes.has(scope));
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

  return {
    platform: PLATFORM,
    ...(http === null ? {} : { webhookPath: SLACK_WEBHOOK_PATH }),
    async fetch(request) {
      return new URL(request.url).pathname === SLACK_WEBHOOK_PATH
        ? (http?.fetch(request) ?? null)
        : null;
    },
    async start() {
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
      const isAllSaid = await isDoneWithin(LAST_CALLS_MS, listeners.settled(), clock);
      if (!isAllSaid) log.warn({}, "Slack is slow: people are still being told while I stop");
    },
    close: () => api.close(),
    openAttachment: attachments.open,
    saveVideo: (attachment, _job, options) => attachments.saveVideo(attachment, options),
    begin: delivery.begin,
    progress: delivery.progress,
    deliver: delivery.deliver,
  };
}
