import { once } from "node:events";
import { createServer, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface DelayingProxy {
  endpoint: string;
  /** Holds every request back for that long from now on. */
  setDelayMs(ms: number): void;
  /** Answers every request with 500 from now on, or not any more. */
  setBroken(isBroken: boolean): void;
  close(): Promise<void>;
}

/** Stands between a client and an HTTP server, to show what a slow server does to it. */
export async function startDelayingProxy(upstream: string): Promise<DelayingProxy> {
  let delayMs = 0;
  let isBroken = false;
  const server = createServer(async (incoming, outgoing) => {
    if (delayMs > 0) await sleep(delayMs);
    if (isBroken) {
      outgoing.writeHead(500).end();
      return;
    }
    const { method = "GET", headers, url = "/" } = incoming;
    const onward = request(new URL(url, upstream), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    setDelayMs(ms) {
      delayMs = ms;
    },
    setBroken(next) {
      isBroken = next;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
