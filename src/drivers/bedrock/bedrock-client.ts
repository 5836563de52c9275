import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const CONNECTION_TIMEOUT_MS = 5_000;

/**
 * The client that the image models share; `destroy()` it at the end. It makes one attempt a
 * call: a retry of the SDK's own could pay for the same picture up to three times, and the
 * core's retry policy knows which failures may have been charged. It speaks HTTP/1.1, which
 * proxies and test servers take too; the SDK's own choice, HTTP/2, has no connection timeout.
 */
export function createBedrockClient({ region }: { region: string }): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region,
    maxAttempts: 1,
    // No request timeout: the caller's signal is the only deadline of a call.
    requestHandler: new NodeHttpHandler({ connectionTimeout: CONNECTION_TIMEOUT_MS }),
  });
}
