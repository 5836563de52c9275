import { S3VectorsClient, type S3VectorsClientConfig } from "@aws-sdk/client-s3vectors";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { oneIdleConnection } from "./idle-connections.ts";

/**
 * The S3 Vectors client with this project's settings; region, credentials and endpoint come from
 * where the SDK looks by default (`AWS_ENDPOINT_URL_S3VECTORS`). Every call of this driver may be
 * repeated, so the SDK's own retries are on: adaptive, as an index takes 2,500 vectors a second.
 */
export function createS3VectorsClient(config: S3VectorsClientConfig = {}): S3VectorsClient {
  return new S3VectorsClient({
    maxAttempts: 6,
    retryMode: "adaptive",
    // Without these the SDK waits for ever; without `throwOnRequestTimeout` it only warns.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 5_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      ...oneIdleConnection(),
    }),
    ...config,
  });
}
