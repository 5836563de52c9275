import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { loadDeployedSettings } from "../../infra/deployed/deployed-settings.ts";
import { openWebhookApp } from "../../infra/deployed/webhook-app.ts";
import { createTables } from "../../src/drivers/aws/dynamodb-tables.ts";
import { createPinoLog } from "../../src/drivers/pino/pino-log.ts";
import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import { startDelayingProxy } from "../servers/delaying-proxy.ts";
import { startDynamodbLocal } from "../servers/dynamodb-local.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";
import { startHttpApi } from "../servers/http-api.ts";
import { type JsonRecord, parseJson, recordOf, textOf } from "../servers/json-record.ts";
import { startSqsServer } from "../servers/sqs-server.ts";

const QUEUE = "atelier-jobs.fifo";

export type WebhookDesk = Awaited<ReturnType<typeof startWebhookDesk>>;

/**
 * The webhook as it is deployed, in this process: real requests become events of an HTTP API, and
 * it keeps jobs in DynamoDB, behind a proxy that can be slow, and in SQS. The SDK's endpoints are
 * this process's from now on.
 */
export async function startWebhookDesk(platform: Readonly<Record<string, string>>) {
  const [dynamodb, sqs, api] = await Promise.all([
    startDynamodbLocal(),
    startSqsServer({ [QUEUE]: {} }),
    startHttpApi(),
  ]);
  const store = await startDelayingProxy(dynamodb.endpoint);
  const table = dynamodbTestClient(dynamodb);
  await createTables(table, { state: "atelier", cache: "image-cache", videos: "videos" });
  Object.assign(process.env, {
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_DYNAMODB: store.endpoint,
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
  });
  const { settings } = await loadDeployedSettings("webhook", {
    ...platform,
    AWS_REGION: "us-west-2",
    STORAGE: "aws",
    OUTPUT_BUCKET: "atelier-outputs",
    INPUT_BUCKET: "atelier-inputs",
    MEDIA_BUCKET: "atelier-media",
    IMAGE_MODEL: "bedrock",
    JOB_QUEUE_URL: sqs.queueUrl(QUEUE),
  });
  const lines: string[] = [];
  const app = await openWebhookApp({
    settings,
    clock: processClock,
    log: createPinoLog({
      level: "info",
      isPretty: false,
      destination: { write: (line: string) => void lines.push(line) },
    }),
    newId: newRandomId,
  });
  const events: JsonRecord[] = [];
  const route = {
    key: "$default",
    async invoke(event: unknown) {
      events.push(recordOf(event));
      return { isFailed: false, payload: JSON.stringify(await app.handle(event)) };
    },
  };
  api.serve([route]);

  return {
    app,
    store,
    sqs,
    url: api.url,
    slackUrl: `${api.url}/slack/events`,
    discordUrl: `${api.url}/discord/interactions`,
    /** What it logged. */
    log: () => lines.join(""),
    /** Every event so far. */
    events,

    /** What waits in the queue. */
    messages: () =>
      sqs
        .queue(QUEUE)
        .messages()
        .map(({ body, groupId, deduplicationId }) => ({
          jobId: textOf(recordOf(parseJson(body)).jobId),
          groupId,
          deduplicationId,
        })),

    /** The records of all jobs. */
    async jobs(): Promise<JsonRecord[]> {
      const documents = DynamoDBDocumentClient.from(table);
      const { Items = [] } = await documents.send(new ScanCommand({ TableName: "atelier" }));
      return Items.filter(({ pk }) => textOf(pk).startsWith("job#")).map(({ record }) =>
        recordOf(parseJson(textOf(record))),
      );
    },

    table,

    async close(): Promise<void> {
      await app.close();
      table.destroy();
      await Promise.all([api.close(), sqs.close(), store.close()]);
      await dynamodb.close();
    },
  };
}
