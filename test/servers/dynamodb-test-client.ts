import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

/** A client for a server on loopback, which checks no signature; the embedded one has a key of its own. */
export function dynamodbTestClient(
  { endpoint, accessKeyId = "test" }: { endpoint: string; accessKeyId?: string },
  config: DynamoDBClientConfig = {},
): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: "us-west-2",
    credentials: { accessKeyId, secretAccessKey: "test" },
    ...config,
  });
}
