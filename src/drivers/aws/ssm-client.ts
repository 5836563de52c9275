import { SSMClient } from "@aws-sdk/client-ssm";
import { NodeHttpHandler } from "@smithy/node-http-handler";

/** A client for a cold start: it is asked once, while somebody waits for an answer. */
export function createSsmClient({
  region,
  connectMs,
  requestMs,
}: {
  /** Absent: as the environment says. */
  region: string | undefined;
  connectMs: number;
  requestMs: number;
}): SSMClient {
  return new SSMClient({
    ...(region === undefined ? {} : { region }),
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectMs,
      requestTimeout: requestMs,
      throwOnRequestTimeout: true,
    }),
  });
}
