import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { oneIdleConnection } from "./idle-connections.ts";

/**
 * The S3 client with this project's settings. Region, credentials and endpoint come from where
 * the SDK looks by default (`AWS_REGION`, the credential chain, `AWS_ENDPOINT_URL_S3`); an endpoint
 * given as an IP address is addressed with the bucket in the path. `config` overrides all.
 */
export function createS3Client(config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    // The SDK's default checksums break presigned uploads and some S3-compatible servers.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Without these the SDK waits for ever; without `throwOnRequestTimeout` it only warns.
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      ...oneIdleConnection(),
    },
    ...config,
  });
}
