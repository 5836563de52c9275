import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import { acceptWebSocket, type TestWebSocket } from "../servers/web-socket.ts";

/** What Slack's end does with whoever wants a connection. */
export type SocketEndMood =
  | "welcoming"
  /** Says hello and asks to go at once, as for an app whose Socket Mode is being turned off. */
  | "fickle"
  /** Opens, and never says hello. */
  | "wordless"
  /** Says hello and hears nothing more, goodbyes included. */
  | "deaf"
  /** Never answers `apps.connections.open`. */
  | "silent"
  | { refuses: string };

/** Slack's end of Socket Mode without its manners; gone after the test. */
export async function startSocketEnd(mood: SocketEndMood) {
  const sockets = new Set<TestWebSocket>();
  const openedAtMs: number[] = [];
  let now: SocketEndMood = mood;
  let hellos = 0;

  const server = createServer((_request, response) => {
    openedAtMs.push(performance.now());
    if (now === "silent") return;
    const answer =
      typeof now === "object"
        ? { ok: false, error: now.refuses }
        : { ok: true, url: `${url.replace("http", "ws")}/link` };
    response.setHeader("Content-Type", "application/json").end(JSON.stringify(answer));
  });
  server.on("upgrade", (incoming: IncomingMessage, line: Duplex, head: Buffer) => {
    acceptWebSocket(incoming, line, head, (socket) => {
      sockets.add(socket);
      if (now !== "wordless") {
        hellos += 1;
        socket.send(JSON.stringify({ type: "hello" }));
      }
      if (now === "fickle") {
        socket.send(JSON.stringify({ type: "disconnect", reason: "link_disabled" }));
      }
      if (now === "deaf") setImmediate(() => line.pause());
      return { onText() {}, onClose: () => sockets.delete(socket) };
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port.");
  const url = `http://127.0.0.1:${address.port}`;
  onTestFinished(() => {
    for (const socket of sockets) socket.cut();
    server.close();
    server.closeAllConnections();
  });

  return {
    apiUrl: `${url}/api/`,
    /** When `apps.connections.open` was called. */
    openedAtMs: openedAtMs as readonly number[],
    hellos: () => hellos,
    open: () => sockets.size,
    become(next: SocketEndMood) {
      now = next;
    },
    cutAll() {
      for (const socket of sockets) socket.cut();
    },
  };
}
