import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { Socket } from "node:net";

export interface ForgetfulServer {
  endpoint: string;
  /** From now on what is sent on a connection that is open by now is answered with a reset. */
  forget(): void;
  close(): Promise<void>;
}

/** Keeps connections, and forgets them as a network does while a function is frozen. */
export async function startForgetfulServer(answer: RequestListener): Promise<ForgetfulServer> {
  const sockets = new Set<Socket>();
  const server = createServer(answer);
  server.keepAliveTimeout = 0;
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    forget() {
      for (const socket of sockets) {
        socket.removeAllListeners("data");
        socket.on("data", () => socket.resetAndDestroy());
      }
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
