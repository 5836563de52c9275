import { NodeHttpHandler } from "@smithy/node-http-handler";
import { oneIdleConnection } from "./idle-connections.ts";

const CONNECTION_TIMEOUT_MS = 5_000;
/** A little over the 60 s that SageMaker gives a container. */
const REQUEST_TIMEOUT_MS = 65_000;
const ATTEMPTS = 5;

/**
 * How clients call what may be repeated: embedding the same item twice gives the same row and
 * costs next to nothing, so the SDK's own retries (throttling, server errors, lost connections)
 * are welcome, and an ingest does not end because a service is busy for some seconds. The
 * caller's signal ends all of them.
 */
export function patientRequests() {
  return {
    maxAttempts: ATTEMPTS,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      ...oneIdleConnection(),
    }),
  };
}
