import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";

export interface TestWebSocket {
  send(text: string): void;
  ping(): void;
  /** Says goodbye first, as the protocol wants it. */
  close(): void;
  /** Cuts the line without a word. */
  cut(): void;
}

interface Listeners {
  onText(text: string): void;
  onClose?(): void;
}

/** The server's side of a WebSocket: call it on a server's "upgrade" event. */
export function acceptWebSocket(
  incoming: IncomingMessage,
  line: Duplex,
  head: Buffer,
  accepted: (socket: TestWebSocket) => Listeners,
): void {
  const server = new WebSocketServer({ noServer: true });
  server.handleUpgrade(incoming, line, head, (socket) => {
    const speaking = speak(socket);
    listen(socket, accepted(speaking));
  });
}

/** The client's side: Node 20 has no WebSocket of its own. */
export async function connectWebSocket(url: string, listeners: Listeners): Promise<TestWebSocket> {
  const socket = new WebSocket(url);
  // Before it is open: the server may speak first.
  listen(socket, listeners);
  await once(socket, "open");
  return speak(socket);
}

function listen(socket: WebSocket, { onText, onClose }: Listeners): void {
  socket.on("message", (data) => onText(String(data)));
  // A line that breaks also closes, and that is what listeners are told.
  socket.on("error", () => {});
  socket.once("close", () => onClose?.());
}

function speak(socket: WebSocket): TestWebSocket {
  const isOpen = () => socket.readyState === WebSocket.OPEN;
  return {
    send: (text) => isOpen() && socket.send(text),
    ping: () => isOpen() && socket.ping(),
    close: () => socket.close(1000),
    cut: () => socket.terminate(),
  };
}
