import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type JsonRecord, parseJson, recordOf, textOf } from "./json-record.ts";
import type { Acknowledgement, Delivery, DeliveryTransport } from "./slack-deliveries.ts";
import { SLACK_APP } from "./slack-workspace.ts";
import { acceptWebSocket, type TestWebSocket } from "./web-socket.ts";

/** The client ends a line on which no ping comes for 30 s after the first. */
const PING_EVERY_MS = 10_000;
/** https://docs.slack.dev/apis/events-api/using-socket-mode: at most ten connections. */
const SLACK_SOCKETS_MAX = 10;

interface Unacknowledged {
  delivery: Delivery;
  resolve(taken: Acknowledgement | null): void;
}

/**
 * Slack's end of Socket Mode. An envelope goes to one connection (the newest), waits where there
 * is none, and goes to the next one where it was not acknowledged before its connection broke.
 */
export function createSlackSocketMode() {
  const tickets = new Set<string>();
  const sockets: TestWebSocket[] = [];
  const waiting: Unacknowledged[] = [];
  const acknowledged: string[] = [];
  let connections = 0;

  function newest(): TestWebSocket | undefined {
    return sockets.at(-1);
  }

  function take(text: string): void {
    const said = recordOf(parseJson(text));
    const id = textOf(said.envelope_id);
    if (id === "") return;
    acknowledged.push(id);
    const index = waiting.findIndex(({ delivery }) => delivery.id === id);
    const [taken] = index < 0 ? [] : waiting.splice(index, 1);
    taken?.resolve({ status: null, answer: said.payload });
  }

  function connect(incoming: IncomingMessage, line: Duplex, head: Buffer): void {
    acceptWebSocket(incoming, line, head, (socket) => {
      const pinging = setInterval(() => socket.ping(), PING_EVERY_MS).unref();
      sockets.push(socket);
      connections += 1;
      socket.send(JSON.stringify(hello(sockets.length)));
      for (const { delivery } of waiting) socket.send(JSON.stringify(envelope(delivery)));
      return {
        onText: take,
        onClose() {
          clearInterval(pinging);
          sockets.splice(sockets.indexOf(socket), 1);
        },
      };
    });
  }

  const transport: DeliveryTransport = {
    newId: randomUUID,
    send(delivery) {
      return new Promise((resolve) => {
        waiting.push({ delivery, resolve });
        newest()?.send(JSON.stringify(envelope(delivery)));
      });
    },
  };

  return {
    transport,

    /** What `apps.connections.open` gives: a path that can be used once. */
    newTicket(): string | null {
      if (sockets.length >= SLACK_SOCKETS_MAX) return null;
      const ticket = randomUUID();
      tickets.add(ticket);
      return `/socket/${ticket}`;
    },

    upgrade(incoming: IncomingMessage, line: Duplex, head: Buffer): void {
      const ticket = incoming.url?.replace("/socket/", "").split("?")[0] ?? "";
      if (tickets.delete(ticket)) connect(incoming, line, head);
      else line.end("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
    },

    open: () => sockets.length,
    /** How many there have been. */
    connections: () => connections,
    /** The ids of the envelopes that were acknowledged, as often as they were. */
    acknowledged: acknowledged as readonly string[],
    unacknowledged: () => waiting.map(({ delivery }) => delivery),

    /** Breaks every line without a word. */
    cutAll() {
      for (const socket of [...sockets]) socket.cut();
    },
    /** What Slack does some times a day: it asks for a new connection and ends the old one. */
    refreshAll(reason: "warning" | "refresh_requested" = "refresh_requested") {
      for (const socket of [...sockets]) {
        socket.send(
          JSON.stringify({ type: "disconnect", reason, debug_info: { host: "slack-proxy" } }),
        );
      }
    },
    end() {
      // A client whose line breaks while it says goodbye waits 30 s for the answer.
      for (const socket of [...sockets]) {
        socket.close();
        setTimeout(() => socket.cut(), 1000).unref();
      }
      for (const { resolve } of waiting.splice(0)) resolve(null);
    },
  };
}

function hello(connections: number): JsonRecord {
  return {
    type: "hello",
    num_connections: connections,
    connection_info: { app_id: SLACK_APP.appId },
    debug_info: { host: "slack-proxy", approximate_connection_time: 18_060 },
  };
}

function envelope({ id, kind, payload, attempt, reason }: Delivery): JsonRecord {
  return {
    envelope_id: id,
    type: kind,
    payload,
    accepts_response_payload: kind !== "events_api",
    ...(kind === "events_api" ? { retry_attempt: attempt, retry_reason: reason } : {}),
  };
}
