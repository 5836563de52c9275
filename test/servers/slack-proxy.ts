import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type JsonRecord, readdressed, recordOf, recordsOf, textOf } from "./json-record.ts";
import { startLocalSlack } from "./local-slack.ts";
import { readAcknowledgement } from "./slack-acknowledgement.ts";
import { isSubscribed, SLACK_DEFAULT_GRANTS, type SlackGrants } from "./slack-api-rules.ts";
import { createSlackCalls } from "./slack-calls.ts";
import { createDeliveries, type DeliveryKind } from "./slack-deliveries.ts";
import { createSlackDoors } from "./slack-doors.ts";
import { createSlackFaults } from "./slack-faults.ts";
import { createSlackFiles, type FileProcessing } from "./slack-files.ts";
import { createSlackHttpTransport } from "./slack-http-transport.ts";
import { eventCallback, onEphemeral, ownMessageEvent, withExactTimes } from "./slack-payloads.ts";
import { answerJson, answerText, readBody, readHandover } from "./slack-requests.ts";
import { createSlackResponseUrls } from "./slack-response-urls.ts";
import { createSlackSocketMode } from "./slack-socket-mode.ts";
import { createSlackTriggers } from "./slack-triggers.ts";
import { createSlackWebApi } from "./slack-web-api.ts";
import { SLACK_APP } from "./slack-workspace.ts";

export interface SlackProxyOptions {
  transport: "socket" | "http";
  /** HTTP only: where the bot listens; may be given later, with `deliverTo`. */
  requestUrl?: string;
  /** What the app may do and hears of; absent: what Atelier uses. */
  grants?: Partial<SlackGrants>;
  /** Absent: the first `files.info` shows a file that is still processed. */
  fileProcessing?: Partial<FileProcessing>;
  /** Absent: Slack's own, 0, 1 and 5 minutes. */
  retryDelaysMs?: readonly number[];
}

export type SlackProxy = Awaited<ReturnType<typeof startSlackProxy>>;

/** What becomes of a press that stands for something local-slack cannot do. */
type Injection = (press: JsonRecord) => JsonRecord;

const INJECTED = "injected:";

/**
 * Slack, as far as a bot can tell: local-slack's workspace behind Slack's own rules. The bot knows
 * the proxy alone. local-slack hands everything over by HTTP, and the proxy delivers it over the
 * transport of the test, because local-slack's Socket Mode sends each envelope to every connection
 * and loses it where there is none.
 */
export async function startSlackProxy(options: SlackProxyOptions) {
  const calls = createSlackCalls();
  const faults = createSlackFaults();
  const triggers = createSlackTriggers();
  const sockets = createSlackSocketMode();
  const injections = new Map<string, Injection>();
  let grants: SlackGrants = { ...SLACK_DEFAULT_GRANTS, ...options.grants };
  let processing: FileProcessing = { polls: 1, ms: 0, ...options.fileProcessing };
  let requestUrl = options.requestUrl ?? "";

  const server = createServer((request, response) => {
    route(request, response).catch((thrown) => {
      calls.broken(request.url ?? "", thrown);
      answerText(response, 500, String(thrown));
    });
  });
  server.keepAliveTimeout = 60_000;
  server.on("upgrade", sockets.upgrade);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
  const url = `http://127.0.0.1:${address.port}`;

  const local = await startLocalSlack(`${url}/_handover`);
  const files = createSlackFiles(local, () => processing);
  const responseUrls = createSlackResponseUrls(local);
  const deliveries = createDeliveries({
    transport:
      options.transport === "socket"
        ? sockets.transport
        : createSlackHttpTransport({
            signingSecret: SLACK_APP.signingSecret,
            requestUrl: () => requestUrl,
          }),
    ...(options.retryDelaysMs === undefined ? {} : { retryDelaysMs: options.retryDelaysMs }),
  });
  const webApi = createSlackWebApi({
    local,
    files,
    triggers,
    grants: () => grants,
    newSocketUrl() {
      const ticket = sockets.newTicket();
      return ticket === null ? null : url.replace("http", "ws") + ticket;
    },
    onOwnDirectMessage(method, channel, answer) {
      handOver("events_api", eventCallback(ownMessageEvent(method, channel, answer)));
    },
  });
  const doors = createSlackDoors({
    url,
    local,
    calls,
    faults,
    files,
    responseUrls,
    webApi,
    grants: () => grants,
  });

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url !== "/_handover") return doors.open(request, response);
    const { kind, payload } = readHandover(request, await readBody(request));
    answerJson(response, 200, await handOver(kind, payload));
  }

  /** From local-slack to the bot; resolves with what local-slack is to make of the acknowledgement. */
  async function handOver(kind: DeliveryKind, given: JsonRecord): Promise<JsonRecord> {
    if (kind === "events_api" && !isSubscribed(recordOf(given.event), grants)) return {};
    const payload = readdressed(withExactTimes(outgoing(kind, given)), local.url, url);
    const taken = await deliveries.deliver(kind, payload);
    const { answer, problems } = await readAcknowledgement(kind, payload, taken, files);
    if (problems.length > 0) calls.refusedAcknowledgement(payload, problems);
    return answer;
  }

  function outgoing(kind: DeliveryKind, given: JsonRecord): JsonRecord {
    if (kind === "events_api") return given;
    triggers.register(given.trigger_id);
    if (kind === "slash_commands") {
      responseUrls.register(given, null);
      const isDirect = textOf(given.channel_id).startsWith("D");
      return isDirect ? { ...given, channel_name: "directmessage" } : given;
    }
    const actionId = textOf(recordsOf(given.actions)[0]?.action_id);
    const injection = injections.get(actionId);
    injections.delete(actionId);
    const message = recordOf(given.message);
    responseUrls.register(given, injection === undefined ? message : null);
    if (injection !== undefined) return injection(given);
    return webApi.withFirstViewIds(message.subtype === "ephemeral" ? onEphemeral(given) : given);
  }

  return {
    /** The root of everything that the bot may reach. */
    url,
    /** What `SLACK_API_URL` is to be. */
    apiUrl: `${url}/api/`,
    local,
    faults,
    files,
    sockets,
    responseUrls,
    deliveries,
    calls,

    /** HTTP: where the bot listens from now on. */
    deliverTo(next: string) {
      requestUrl = next;
    },
    /** As if the app were installed anew with these. */
    grant(next: Partial<SlackGrants>) {
      grants = { ...grants, ...next };
    },
    revoke(scope: string) {
      grants = { ...grants, scopes: grants.scopes.filter((one) => one !== scope) };
    },
    processFiles(next: Partial<FileProcessing>) {
      processing = { ...processing, ...next };
    },

    /** Hands the bot an event of which local-slack knows nothing. */
    sendEvent: (event: JsonRecord) => handOver("events_api", eventCallback(event)),

    /**
     * Has local-slack make a press (with a trigger_id and a response_url that work) and hands the
     * bot what `become` makes of it: shortcuts, and presses in views.
     */
    async inject(user: string, at: { channel: string; ts: string }, become: Injection) {
      const action_id = `${INJECTED}${injections.size}${Date.now()}${user}`;
      injections.set(action_id, become);
      const press = { channel: at.channel, messageTs: at.ts, user, action: { action_id } };
      await local.control("interact", press);
    },

    /** From now on every connection is refused, and those that stand are broken. */
    async goAway(): Promise<void> {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      sockets.cutAll();
      await closed;
    },
    /** At the same address as before. */
    async comeBack(): Promise<void> {
      server.listen(address.port, "127.0.0.1");
      await once(server, "listening");
    },

    async close(): Promise<void> {
      deliveries.end();
      sockets.end();
      await local.close();
      server.close();
      server.closeAllConnections();
    },
  };
}
