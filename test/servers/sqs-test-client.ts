import { SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";

/** A client for the queues on loopback. */
export function sqsTestClient(
  { endpoint }: { endpoint: string },
  config: SQSClientConfig = {},
): SQSClient {
  return new SQSClient({
    endpoint,
    region: "us-west-2",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    ...config,
  });
}
