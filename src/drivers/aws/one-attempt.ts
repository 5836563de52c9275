import { NodeHttpHandler } from "@smithy/node-http-handler";
import { noIdleConnections } from "./idle-connections.ts";

const CONNECTION_TIMEOUT_MS = 5_000;

/**
 * How the clients of image models call: one attempt a call, as a retry of the SDK's own could pay
 * for the same picture up to three times, and the core's retry policy knows which failures may
 * have been charged. Nor is that one attempt made on a connection that may be dead. There is no
 * request timeout: the caller's signal is the only deadline. Over HTTP/1.1, which proxies and test
 * servers take too; HTTP/2 has no connection timeout.
 */
export function oneAttempt() {
  return {
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      ...noIdleConnections(),
    }),
  };
}
