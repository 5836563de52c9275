import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const CONNECTION_TIMEOUT_MS = 5_000;

/**
 * The client that endpoints are called with; `destroy()` it at the end. It makes one attempt a
 * call, as the core's retry policy decides about the next, and has no request timeout: the
 * caller's signal is the only deadline.
 */
export function createSagemakerClient(options: { region: string }): SageMakerRuntimeClient {
  return new SageMakerRuntimeClient({
    region: options.region,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ connectionTimeout: CONNECTION_TIMEOUT_MS }),
  });
}
