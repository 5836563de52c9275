import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createDiscordCalls } from "./discord-calls.ts";
import { createDiscordCdn } from "./discord-cdn.ts";
import { createDiscordCommands } from "./discord-commands.ts";
import { createDiscordDeliveries } from "./discord-deliveries.ts";
import { createDiscordDoors, type DiscordSizes, isTooLarge } from "./discord-doors.ts";
import { createDiscordFaults } from "./discord-faults.ts";
import { createDiscordGateway } from "./discord-gateway.ts";
import { createDiscordHttpTransport } from "./discord-http-transport.ts";
import { createDiscordInteractions } from "./discord-interactions.ts";
import { createDiscordMessages } from "./discord-messages.ts";
import { createDiscordPayloads, type DiscordInstallation } from "./discord-payloads.ts";
import { createDiscordPermissions } from "./discord-permissions.ts";
import { createDiscordRateLimits } from "./discord-rate-limits.ts";
import { DiscordRefusal } from "./discord-refusals.ts";
import { type DiscordAnswer, type DiscordBody, sendAnswer } from "./discord-requests.ts";
import { createDiscordResponses } from "./discord-responses.ts";
import { createDiscordRest } from "./discord-rest.ts";
import { type DiscordRoute, paramsOf } from "./discord-routes.ts";
import { createDiscordSnowflakes } from "./discord-snowflakes.ts";
import { startDiscordTwin } from "./discord-twin.ts";
import { connectTwinGateway } from "./discord-twin-gateway.ts";
import { createDiscordWebhooks } from "./discord-webhooks.ts";
import { type JsonRecord, textOf } from "./json-record.ts";

export interface DiscordProxyOptions {
  transport: "gateway" | "http";
  /** HTTP only: where the bot listens; may be given later, with `deliverTo`. */
  endpointUrl?: string;
  /** Absent: in the server, and by people. */
  installation?: Partial<DiscordInstallation>;
  /** Absent: 10 MiB a file, 25 MiB a request. */
  sizes?: Partial<DiscordSizes>;
  /** What people's clients are set to; absent: `en-US`. */
  locale?: string;
  /** How many gateway connections Discord recommends; absent: 1. */
  shards?: number;
}

export type DiscordProxy = Awaited<ReturnType<typeof startDiscordProxy>>;

/** A dialog that stands open before a person. */
export interface OpenModal {
  readonly modal: JsonRecord;
  readonly channel: string;
  /** The message whose button opened it; null for a command. */
  readonly messageId: string | null;
}

const MIB = 1024 * 1024;

/**
 * Discord, as far as a bot can tell: discord-digital-twin's server behind Discord's own rules. The
 * bot knows the proxy alone, and the proxy has what the twin lacks: files, tokens, limits, faults,
 * signed webhooks and a gateway that can be resumed.
 */
export async function startDiscordProxy(options: DiscordProxyOptions) {
  const calls = createDiscordCalls(options);
  const faults = createDiscordFaults();
  const limits = createDiscordRateLimits();
  const permissions = createDiscordPermissions();
  const snowflakes = createDiscordSnowflakes();
  const interactions = createDiscordInteractions();
  const commands = createDiscordCommands(snowflakes);
  const modals = new Map<string, OpenModal>();
  let installation: DiscordInstallation = { guild: true, people: true, ...options.installation };
  let sizes: DiscordSizes = {
    fileBytes: 10 * MIB,
    requestBytes: 25 * MIB,
    ...options.sizes,
  };
  let endpointUrl = options.endpointUrl ?? "";

  const server = createServer((request, response) => {
    doors.open(request, response).catch((thrown) => {
      calls.broken(request.url ?? "", thrown);
      sendAnswer(response, { status: 500, body: String(thrown) });
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
  const url = `http://127.0.0.1:${address.port}`;
  const gatewayUrl = `${url.replace("http", "ws")}/gateway`;

  const twin = await startDiscordTwin();
  const cdn = createDiscordCdn(() => url, snowflakes);
  const messages = createDiscordMessages(twin, cdn);
  const gateway = createDiscordGateway({
    url: () => gatewayUrl,
    greeting: () => ({
      ready: twinGateway.ready(),
      guild: installation.guild ? twinGateway.guild() : null,
    }),
  });
  const twinGateway = await connectTwinGateway(twin.gatewayUrl, onTwinEvent);
  server.on("upgrade", gateway.upgrade);

  const responses = createDiscordResponses({
    twin,
    calls,
    messages,
    interactions,
    snowflakes,
    onModal({ user, channel, originalId }, modal) {
      // The newest is the last.
      modals.delete(user);
      modals.set(user, { modal, channel, messageId: originalId });
    },
  });
  const webhooks = createDiscordWebhooks({ twin, calls, messages, interactions });
  const rest = createDiscordRest({
    twin,
    cdn,
    calls,
    messages,
    commands,
    permissions,
    installation: () => installation,
    gatewayUrl: () => gatewayUrl,
    shards: options.shards ?? 1,
  });
  const doors = createDiscordDoors({
    url: () => url,
    cdn,
    calls,
    faults,
    limits,
    sizes: () => sizes,
    answer,
  });
  const http = createDiscordHttpTransport({ endpointUrl: () => endpointUrl, onAnswer });
  const payloads = createDiscordPayloads({
    cdn,
    permissions,
    snowflakes,
    newToken: interactions.newToken,
    installation: () => installation,
    attachmentSizeLimit: () => sizes.fileBytes,
    locale: () => options.locale ?? "en-US",
  });
  const overGateway = {
    async send(payload: JsonRecord) {
      return gateway.interaction(payload) ? { status: null } : null;
    },
  };
  const deliveries = createDiscordDeliveries(
    options.transport === "gateway" ? overGateway : http,
    interactions,
  );

  /** Messages without their content: no app has the intent for it unless it asked. */
  function onTwinEvent(name: string, data: JsonRecord): void {
    const isDirect = textOf(data.guild_id) === "";
    const bare = { content: "", embeds: [], components: [], attachments: [] };
    gateway.event(name, name.startsWith("MESSAGE_") && !isDirect ? { ...data, ...bare } : data);
  }

  function answer(
    route: DiscordRoute,
    query: URLSearchParams,
    body: DiscordBody,
  ): Promise<DiscordAnswer> {
    const { application, token, interaction, message } = paramsOf(route);
    switch (route.name) {
      case "callback": {
        const withResponse = query.get("with_response") === "true";
        return responses.respond(interaction, token, body, "callback", withResponse);
      }
      case "follow_up":
        return webhooks.followUp(application, token, body);
      case "edit_response":
        return webhooks.edit(application, token, message, body);
      case "get_response":
        return webhooks.get(application, token, message);
      case "delete_response":
        return webhooks.delete(application, token, message);
      default:
        return rest.answer(route, query, body);
    }
  }

  /** The bot's answer to an interaction that came by HTTP. */
  async function onAnswer(payload: JsonRecord, status: number, body: DiscordBody): Promise<void> {
    const call = calls.add({
      method: "http_response",
      path: `the answer to ${textOf(payload.id)}`,
      params: {},
      body: body.json,
      files: body.files,
      atMs: performance.timeOrigin + performance.now(),
    });
    // 202: the bot answers at the callback endpoint. Refusing is the bot's right.
    if (status === 202 || status >= 400) return;
    const fault = faults.next("http_response", call.atMs);
    if (fault?.kind === "slow") await sleep(fault.ms);
    try {
      if (isTooLarge(body, sizes)) throw new DiscordRefusal("too_large");
      await responses.respond(textOf(payload.id), textOf(payload.token), body, "http", false);
      call.status = 200;
    } catch (thrown) {
      if (!(thrown instanceof DiscordRefusal)) return calls.broken(call.path, thrown);
      call.answer = thrown.body;
      // Discord pays no attention to the answer to what it knows to be answered.
      call.status = thrown.is("already_acknowledged") ? 200 : thrown.status;
    }
  }

  return {
    /** The root of everything that the bot may reach. */
    url,
    /** What `DISCORD_API_URL` is to be. */
    apiUrl: `${url}/api`,
    twin,
    cdn,
    calls,
    faults,
    limits,
    gateway,
    http,
    commands,
    messages,
    payloads,
    deliveries,
    interactions,
    permissions,
    modals,

    /** HTTP: where the bot listens from now on. */
    deliverTo(next: string) {
      endpointUrl = next;
    },
    install(next: Partial<DiscordInstallation>) {
      installation = { ...installation, ...next };
    },
    allowSizes(next: Partial<DiscordSizes>) {
      sizes = { ...sizes, ...next };
    },

    /** Sends what a person did; resolves at the first response, or 3 s later. */
    async interact(payload: JsonRecord, sourceMessageId: string | null = null) {
      await twin.expectInteraction(payload, sourceMessageId);
      interactions.register(payload);
      return deliveries.deliver(payload);
    },

    /** HTTP: what the endpoint answers to a right PING and to wrong signatures, by what is wrong. */
    examine: () => http.examine(payloads.ping()),

    /** From now on every connection is refused, and those that stand are broken. */
    async goAway(): Promise<void> {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      gateway.cut();
      await closed;
    },
    /** At the same address as before. */
    async comeBack(): Promise<void> {
      server.listen(address.port, "127.0.0.1");
      await once(server, "listening");
    },

    async close(): Promise<void> {
      gateway.end();
      twinGateway.end();
      server.close();
      server.closeAllConnections();
      await twin.stop();
    },
  };
}
