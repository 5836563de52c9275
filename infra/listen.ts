import { setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import { AtelierError } from "#core";
import { answerMalformed } from "./malformed-request.ts";
import type { Settings } from "./settings.ts";

export interface Listening {
  /** Where this machine reaches the server, e.g. `http://127.0.0.1:3000`. */
  url: string;
  /** Takes no new connections; requests under way go on. */
  stopListening(): Promise<void>;
  /** Ends what is still open, such as event streams. */
  close(): Promise<void>;
}

/**
 * Longer than proxies keep an idle connection (60 s is common): were it this side that closes
 * first, a request already on its way would be lost. Node's own 5 s is below that.
 */
const KEEP_ALIVE_MS = 75_000;
/** How long `close` waits for answers that are given but not yet written. */
const LAST_WRITES_MS = 200;

/** Serves `fetch` on `HOST` and `PORT`; rejects with `misconfigured` when that address is taken. */
export async function listen(
  fetch: (request: Request) => Promise<Response>,
  { HOST, PORT }: Pick<Settings, "HOST" | "PORT">,
): Promise<Listening> {
  const server = createAdaptorServer({
    fetch,
    serverOptions: { keepAliveTimeout: KEEP_ALIVE_MS },
  });
  server.on("clientError", answerMalformed);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(listenError(cause, HOST, PORT)));
    server.listen(PORT, HOST, () => resolve());
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : PORT;
  const host = HOST.includes(":") ? `[${HOST}]` : HOST;
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  return {
    url: `http://${host}:${port}`,
    async stopListening() {
      server.close();
    },
    async close() {
      if ("closeIdleConnections" in server) server.closeIdleConnections();
      await Promise.race([closed, sleep(LAST_WRITES_MS)]);
      if ("closeAllConnections" in server) server.closeAllConnections();
    },
  };
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): AtelierError {
  const why =
    cause.code === "EADDRINUSE"
      ? `Port ${port} on ${host} is taken. Stop what uses it, or set PORT to another one.`
      : `Cannot listen on ${host}:${port} (${cause.message}). Check HOST and PORT.`;
  return new AtelierError("misconfigured", why, { cause });
}
