import { isLoopback, isReachableFromOutside } from "./reachability.ts";
import { isOnAws, type SettingFields } from "./settings-schema.ts";

/** What `HOST` can be to listen on every address; nobody can follow a link to one of these. */
const ANY_ADDRESS = ["0.0.0.0", "::"];

/** Demands the settings that others need beside them; of those that are wrong themselves, none is there. */
export function demandCompanions(
  settings: SettingFields,
  demand: (setting: string, message: string) => void,
): void {
  if (settings.STORAGE === "aws" && settings.OUTPUT_BUCKET === undefined) {
    demand("OUTPUT_BUCKET", "is needed with STORAGE=aws: the bucket that keeps the pictures");
  }
  if (isOnAws(settings) && settings.INPUT_BUCKET === undefined) {
    demand(
      "INPUT_BUCKET",
      "is needed beside OUTPUT_BUCKET: the bucket for pictures that people give",
    );
  }
  if (settings.IMAGE_MODEL === "sagemaker" && settings.SAGEMAKER_ENDPOINT === undefined) {
    demand("SAGEMAKER_ENDPOINT", "is needed with IMAGE_MODEL=sagemaker: the endpoint's name");
  }
  const { BEDROCK_ALLOWED_MODELS: allowed = [], BEDROCK_MODEL_ID } = settings;
  if (allowed.length > 0 && !allowed.includes(BEDROCK_MODEL_ID)) {
    demand("BEDROCK_ALLOWED_MODELS", `lacks ${BEDROCK_MODEL_ID}, the standard model`);
  }
  if (settings.CLIP === "lambda" && settings.CLIP_FUNCTION === undefined) {
    demand("CLIP_FUNCTION", "is needed with CLIP=lambda: the function's name or ARN");
  }
  if (settings.CLIP === "sagemaker" && settings.CLIP_ENDPOINT === undefined) {
    demand("CLIP_ENDPOINT", "is needed with CLIP=sagemaker: the endpoint's name");
  }
  if (settings.FRAME_INDEX === "s3-vectors" && settings.VECTOR_BUCKET === undefined) {
    demand("VECTOR_BUCKET", "is needed with FRAME_INDEX=s3-vectors: the vector bucket's name");
  }
  const { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET, JOB_QUEUE_URL } = settings;
  // With a queue, the function that takes commands is another than the one that answers them.
  const takesHere = JOB_QUEUE_URL === undefined;
  if (SLACK_BOT_TOKEN !== undefined && !SLACK_APP_TOKEN && !SLACK_SIGNING_SECRET && takesHere) {
    const either = "for Socket Mode; or SLACK_SIGNING_SECRET for HTTP";
    demand("SLACK_APP_TOKEN", `is needed beside SLACK_BOT_TOKEN, ${either}`);
  }
  if (SLACK_BOT_TOKEN === undefined && (SLACK_APP_TOKEN || SLACK_SIGNING_SECRET)) {
    demand("SLACK_BOT_TOKEN", "is needed to answer in Slack: the Bot User OAuth Token");
  }
  const { DISCORD_TOKEN, DISCORD_APPLICATION_ID, DISCORD_PUBLIC_KEY } = settings;
  if (DISCORD_TOKEN !== undefined && !DISCORD_APPLICATION_ID) {
    demand("DISCORD_APPLICATION_ID", "is needed beside DISCORD_TOKEN: the app's Application ID");
  }
  if (DISCORD_TOKEN === undefined && DISCORD_PUBLIC_KEY) {
    demand("DISCORD_TOKEN", "is needed to answer in Discord: the bot's token");
  }
  const { HOST, PUBLIC_URL } = settings;
  if (ANY_ADDRESS.includes(HOST) && PUBLIC_URL === undefined && !isOnAws(settings)) {
    demand("PUBLIC_URL", `is needed while HOST is ${HOST}: links to pictures begin with it`);
  }
  if (settings.API_KEYS?.length === 0) {
    if (!isLoopback(HOST)) {
      demand("API_KEYS", `is needed while HOST is ${HOST}: without keys only 127.0.0.1 is safe`);
    } else if (isReachableFromOutside(settings)) {
      const why = "without keys whoever knows the address could draw and delete";
      demand("API_KEYS", `is needed while PUBLIC_URL is ${PUBLIC_URL}: ${why}`);
    } else if (settings.CORS_ORIGINS?.includes("*")) {
      const why = "without keys every web page could draw here";
      demand("API_KEYS", `is needed while CORS_ORIGINS is *: ${why}`);
    }
  }
}
