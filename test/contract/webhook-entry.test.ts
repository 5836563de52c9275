import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTables } from "../../src/drivers/aws/dynamodb-tables.ts";
import { discordSignature } from "../servers/discord-signature.ts";
import { DISCORD_APP } from "../servers/discord-workspace.ts";
import { type DynamodbLocal, startDynamodbLocal } from "../servers/dynamodb-local.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";
import { type SsmServer, startSsmServer } from "../servers/ssm-server.ts";

const ping = JSON.stringify({ type: 1, application_id: DISCORD_APP.id });

function pingEvent() {
  return {
    rawPath: "/discord/interactions",
    headers: { "content-type": "application/json", ...discordSignature({ body: ping }) },
    requestContext: { stage: "$default", http: { method: "POST" } },
    body: ping,
    isBase64Encoded: false,
  };
}

describe("the entry of the webhook function", { timeout: 60_000 }, () => {
  let ssm: SsmServer;
  let dynamodb: DynamodbLocal;

  beforeAll(async () => {
    [ssm, dynamodb] = await Promise.all([startSsmServer(), startDynamodbLocal()]);
    const table = dynamodbTestClient(dynamodb);
    await createTables(table, { state: "atelier", cache: "image-cache", videos: "videos" });
    table.destroy();
    ssm.put("/atelier/DISCORD_TOKEN", DISCORD_APP.botToken);
    Object.assign(process.env, {
      AWS_REGION: "us-west-2",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_ENDPOINT_URL_SSM: ssm.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      LOG_LEVEL: "silent",
      STORAGE: "aws",
      OUTPUT_BUCKET: "atelier-outputs",
      INPUT_BUCKET: "atelier-inputs",
      JOB_QUEUE_URL: "https://sqs.us-west-2.amazonaws.com/123456789012/atelier-jobs.fifo",
      DISCORD_APPLICATION_ID: DISCORD_APP.id,
      SECRET_PARAMETERS: "/atelier/DISCORD_TOKEN,/atelier/DISCORD_PUBLIC_KEY",
    });
  }, 90_000);
  afterAll(() => Promise.all([ssm.close(), dynamodb.close()]));

  it("names the parameter that is missing, and works as soon as it is there", async () => {
    const { handler } = await import("../../infra/lambda/webhook.lambda.ts");
    await expect(handler(pingEvent())).rejects.toThrow(
      "SSM has no parameter /atelier/DISCORD_PUBLIC_KEY in this account and region.",
    );
    ssm.put("/atelier/DISCORD_PUBLIC_KEY", DISCORD_APP.publicKey);
    const answer = await handler(pingEvent());
    expect(answer).toMatchObject({ statusCode: 200, body: '{"type":1}' });
    const reads = ssm.reads();
    expect(await handler({ ...pingEvent(), rawPath: "/generate" })).toMatchObject({
      statusCode: 404,
    });
    // Once for all the deliveries that this process takes.
    expect(ssm.reads()).toBe(reads);
  });
});
