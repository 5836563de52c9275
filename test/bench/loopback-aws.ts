import { createTables } from "../../src/drivers/aws/dynamodb-tables.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";
import { startSqsServer } from "../servers/sqs-server.ts";
import { startSsmServer } from "../servers/ssm-server.ts";
import { startDiscordStandIn } from "./discord-stand-in.ts";
import { startSlackStandIn } from "./slack-stand-in.ts";

const QUEUE = "bench-jobs.fifo";
const SECRETS = ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "DISCORD_TOKEN"];

export type LoopbackAws = Awaited<ReturnType<typeof startLoopbackAws>>;

/** What the deployed functions need of AWS and of the platforms, beside a DynamoDB and an S3. */
export async function startLoopbackAws(dynamodb: {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
}) {
  const { endpoint, ...credentials } = dynamodb;
  const [sqs, slack, discord] = await Promise.all([
    startSqsServer({ [QUEUE]: {} }),
    startSlackStandIn("http"),
    startDiscordStandIn(),
  ]);
  const client = dynamodbTestClient(dynamodb, { credentials });
  await createTables(client, { state: "atelier", cache: "image-cache", videos: "videos" });
  client.destroy();
  const given = { ...slack.environment, ...discord.environment };
  const ssm = await startSsmServer(
    Object.fromEntries(SECRETS.map((name) => [`/bench/${name}`, given[name] ?? ""])),
  );
  return {
    slack,
    discord,
    sqs,
    queueUrl: sqs.queueUrl(QUEUE),
    queueArn: sqs.queueArn(QUEUE),
    credentials,
    /** What connects a function to all of it; the secrets are in the parameter store. */
    environment: {
      ...Object.fromEntries(Object.entries(given).filter(([name]) => !SECRETS.includes(name))),
      AWS_REGION: "us-west-2",
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_ENDPOINT_URL_SQS: sqs.endpoint,
      AWS_ENDPOINT_URL_SSM: ssm.endpoint,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      OUTPUT_BUCKET: "bench-outputs",
      INPUT_BUCKET: "bench-inputs",
      IMAGE_MODEL: "bedrock",
      JOB_QUEUE_URL: sqs.queueUrl(QUEUE),
      SECRET_PARAMETERS: SECRETS.map((name) => `/bench/${name}`).join(","),
    },
    async close() {
      await Promise.all([sqs.close(), slack.close(), discord.close(), ssm.close()]);
    },
  };
}
