import { SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { oneIdleConnection } from "./idle-connections.ts";

const CONNECTION_TIMEOUT_MS = 700;
/** Whoever queues something has a platform waiting, for 3 seconds at most. */
const REQUEST_TIMEOUT_MS = 900;
const ATTEMPTS = 3;

/**
 * The client of queues, in the SDK's own region unless told; `destroy()` it at the end. Everything
 * that it sends may be sent twice: a repeated message has the same deduplication id, and a
 * visibility timeout can be set again.
 */
export function createSqsClient({ region }: { region?: string } = {}): SQSClient {
  return new SQSClient({
    ...(region === undefined ? {} : { region }),
    // The endpoint is the region's, or that of AWS_ENDPOINT_URL_SQS, whatever host a URL names.
    useQueueUrlAsEndpoint: false,
    maxAttempts: ATTEMPTS,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      ...oneIdleConnection(),
    }),
  });
}
