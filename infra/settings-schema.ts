import { z } from "zod";
import { bucket, list, perModel, snowflake, table, url, wholeNumber } from "./setting-kinds.ts";

/** What `HOST` can be to listen on every address; nobody can follow a link to one of these. */
const ANY_ADDRESS = ["0.0.0.0", "::"];

/** Every setting with its default and what it means; `.env.example` is made from this. */
export const settingsSchema = z
  .object({
    PORT: wholeNumber(0, 65_535)
      .prefault("3000")
      .describe("Port of the page, the API and local signed links."),
    HOST: z
      .string()
      .prefault("127.0.0.1")
      .describe(
        "Address to listen on. Anything but loopback needs API_KEYS; 0.0.0.0 also PUBLIC_URL.",
      ),
    PUBLIC_URL: url
      .optional()
      .describe(
        "How people reach this process from outside; local signed links begin with it. Beyond loopback it needs API_KEYS.",
      ),
    DATA_DIR: z
      .string()
      .prefault(".atelier")
      .describe("Folder of the embedded store: pictures and state."),
    STORAGE: z
      .enum(["local", "aws"], "is local or aws")
      .optional()
      .describe(
        "local: disk and an embedded DynamoDB. aws: S3 and DynamoDB; the default once OUTPUT_BUCKET is set.",
      ),
    OUTPUT_BUCKET: bucket.optional().describe("S3 bucket for pictures that were made."),
    INPUT_BUCKET: bucket.optional().describe("S3 bucket for pictures that people gave."),
    MEDIA_BUCKET: bucket.optional().describe("S3 bucket for videos, their frames and the index."),
    CACHE_TABLE: table.prefault("image-cache").describe("DynamoDB table of cached results."),
    VIDEOS_TABLE: table.prefault("videos").describe("DynamoDB table of videos."),
    STATE_TABLE: table.prefault("atelier").describe("DynamoDB table of jobs and counters."),
    LINK_TTL_SECONDS: wholeNumber(1, 604_800)
      .prefault("900")
      .describe("How long a presigned link works."),
    CACHE_TTL_SECONDS: wholeNumber(1, 31_536_000)
      .prefault("2592000")
      .describe("How long a result is served from the cache."),
    AWS_REGION: z.string().prefault("us-west-2").describe("Region of S3 and DynamoDB."),
    IMAGE_MODEL: z
      .enum(["sketch", "bedrock", "sagemaker"], "is sketch, bedrock or sagemaker")
      .prefault("sketch")
      .describe("What draws: the built-in sketch, Amazon Bedrock, or a SageMaker endpoint."),
    BEDROCK_MODEL_ID: z
      .string()
      .prefault("stability.sd3-5-large-v1:0")
      .describe("The Bedrock model that draws when nobody chose one."),
    BEDROCK_REGION: z
      .string()
      .prefault("us-west-2")
      .describe("Region of Bedrock; only us-west-2 has all three models."),
    SAGEMAKER_ENDPOINT: z.string().optional().describe("Name of the Stable Diffusion endpoint."),
    SAGEMAKER_REGION: z.string().prefault("us-west-2").describe("Region of SageMaker endpoints."),
    CLIP: z
      .enum(["local", "lambda", "sagemaker"], "is local, lambda or sagemaker")
      .prefault("local")
      .describe(
        "Where sentences and frames are embedded: in this process, by the Lambda function clip-inference, or by a SageMaker endpoint.",
      ),
    CLIP_MODEL: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]*$/u, "takes a model's name, such as demo")
      .prefault("demo")
      .describe(
        "The model that finds moments: the built-in demo, or one that npm run model pulled.",
      ),
    CLIP_MODEL_DIR: z
      .string()
      .optional()
      .describe("Folder of a model in the hub's layout, instead of CLIP_MODEL."),
    CLIP_FUNCTION: z
      .string()
      .regex(/^[\w:.$-]{1,170}$/u, "takes the name or ARN of a Lambda function")
      .optional()
      .describe("Name or ARN of the Lambda function clip-inference."),
    CLIP_ENDPOINT: z
      .string()
      .regex(/^[a-zA-Z0-9][a-zA-Z0-9-]{0,62}$/u, "takes the name of a SageMaker endpoint")
      .optional()
      .describe("Name of the SageMaker endpoint that embeds; its region is SAGEMAKER_REGION."),
    HF_ENDPOINT: url
      .prefault("https://huggingface.co")
      .describe("The hub that npm run model pulls from, or a mirror of it."),
    FRAME_INDEX: z
      .enum(["packed", "s3-vectors"], "is packed or s3-vectors")
      .prefault("packed")
      .describe(
        "What finds the nearest frames: packed segments, exact up to about 3 million frames; beyond, Amazon S3 Vectors.",
      ),
    VECTOR_BUCKET: bucket.optional().describe("S3 vector bucket of FRAME_INDEX=s3-vectors."),
    VIDEO_MAX_MB: wholeNumber(1, 100_000)
      .prefault("4000")
      .describe("How large a video may be, in megabytes."),
    VIDEO_MAX_HOURS: wholeNumber(1, 100)
      .prefault("12")
      .describe("How long a video may be, in hours."),
    SLACK_BOT_TOKEN: z
      .string()
      .regex(/^xoxb-[\w-]+$/u, "takes the Bot User OAuth Token, which begins with xoxb-")
      .optional()
      .describe("Turns Slack on: the app's Bot User OAuth Token (xoxb-…)."),
    SLACK_APP_TOKEN: z
      .string()
      .regex(/^xapp-[\w-]+$/u, "takes an app-level token, which begins with xapp-")
      .optional()
      .describe(
        "The app-level token (xapp-…) with connections:write: Slack over Socket Mode, without a public address.",
      ),
    SLACK_SIGNING_SECRET: z
      .string()
      .min(16, "takes the app's Signing Secret, from its page Basic Information")
      .optional()
      .describe("Instead of the app token: Slack over HTTP on POST /slack/events."),
    SLACK_API_URL: url
      .prefault("https://slack.com/api")
      .describe("Slack's Web API; another address only for tests and proxies."),
    DISCORD_TOKEN: z
      .string()
      .regex(
        /^[\w-]+\.[\w-]+\.[\w-]+$/u,
        "takes the bot's token: three parts with dots between them",
      )
      .optional()
      .describe("Turns Discord on: the bot's token."),
    DISCORD_APPLICATION_ID: snowflake
      .optional()
      .describe("The app's Application ID; needed beside DISCORD_TOKEN."),
    DISCORD_PUBLIC_KEY: z
      .string()
      .regex(/^[0-9a-f]{64}$/iu, "takes the app's Public Key: 64 hexadecimal digits")
      .optional()
      .describe(
        "The app's Public Key: Discord over HTTP on POST /discord/interactions, instead of the gateway.",
      ),
    DISCORD_GUILD_ID: snowflake
      .optional()
      .describe("Where npm run register puts the commands; everywhere unless set."),
    DISCORD_SPOILERS: list
      .pipe(
        z.array(
          z
            .string()
            .regex(
              /^(all|age-restricted|\d{17,20})$/u,
              "takes all, age-restricted, or ids of channels, separated by commas",
            ),
        ),
      )
      .prefault("")
      .describe(
        "Where Discord hides pictures until they are pressed: all, age-restricted, or ids of channels.",
      ),
    DISCORD_API_URL: url
      .prefault("https://discord.com/api")
      .describe("Discord's API; another address only for tests and proxies."),
    API_KEYS: list
      .pipe(
        z.array(z.string().min(16, "takes keys of at least 16 characters, separated by commas")),
      )
      .prefault("")
      .describe(
        "Keys for POST /generate, /metrics and, beyond loopback, the page; separated by commas.",
      ),
    CORS_ORIGINS: list
      .prefault("")
      .describe(
        "Web origins that may call /generate, separated by commas; * for all, which needs API_KEYS.",
      ),
    RATE_MODEL_PER_MINUTE: perModel
      // The built-in model costs nothing and runs here.
      .prefault("60,sketch=6000")
      .describe("Calls a minute to each model; exceptions as 60,core=120."),
    RATE_MODEL_CONCURRENCY: perModel
      .prefault("4")
      .describe("Calls at once to each model; exceptions as 4,core=8."),
    RATE_API_PER_MINUTE: wholeNumber(1, 100_000)
      .prefault("120")
      .describe("Calls of /generate a minute for each key."),
    REDIS_URL: z
      .string()
      .regex(/^rediss?:\/\//u, "takes a URL such as redis://127.0.0.1:6379")
      .optional()
      .describe("Shares the model rates among several processes."),
    LOG_LEVEL: z
      .enum(["debug", "info", "warn", "error", "silent"], "is debug, info, warn, error or silent")
      .prefault("info")
      .describe("How much is logged."),
  })
  // Also beside other mistakes, so that nobody has to start again and again to find them all.
  .superRefine(
    (settings, context) => {
      const demand = (path: string, message: string) =>
        context.addIssue({ code: "custom", path: [path], message });
      if (settings.STORAGE === "aws" && settings.OUTPUT_BUCKET === undefined) {
        demand("OUTPUT_BUCKET", "is needed with STORAGE=aws: the bucket that keeps the pictures");
      }
      const isOnAws =
        settings.STORAGE === "aws" ||
        (settings.STORAGE === undefined && settings.OUTPUT_BUCKET !== undefined);
      if (isOnAws && settings.INPUT_BUCKET === undefined) {
        demand(
          "INPUT_BUCKET",
          "is needed beside OUTPUT_BUCKET: the bucket for pictures that people give",
        );
      }
      if (settings.IMAGE_MODEL === "sagemaker" && settings.SAGEMAKER_ENDPOINT === undefined) {
        demand("SAGEMAKER_ENDPOINT", "is needed with IMAGE_MODEL=sagemaker: the endpoint's name");
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
      const { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET } = settings;
      if (SLACK_BOT_TOKEN !== undefined && !SLACK_APP_TOKEN && !SLACK_SIGNING_SECRET) {
        const either = "for Socket Mode; or SLACK_SIGNING_SECRET for HTTP";
        demand("SLACK_APP_TOKEN", `is needed beside SLACK_BOT_TOKEN, ${either}`);
      }
      if (SLACK_BOT_TOKEN === undefined && (SLACK_APP_TOKEN || SLACK_SIGNING_SECRET)) {
        demand("SLACK_BOT_TOKEN", "is needed to answer in Slack: the Bot User OAuth Token");
      }
      const { DISCORD_TOKEN, DISCORD_APPLICATION_ID, DISCORD_PUBLIC_KEY } = settings;
      if (DISCORD_TOKEN !== undefined && !DISCORD_APPLICATION_ID) {
        demand(
          "DISCORD_APPLICATION_ID",
          "is needed beside DISCORD_TOKEN: the app's Application ID",
        );
      }
      if (DISCORD_TOKEN === undefined && DISCORD_PUBLIC_KEY) {
        demand("DISCORD_TOKEN", "is needed to answer in Discord: the bot's token");
      }
      const { HOST, PUBLIC_URL } = settings;
      if (ANY_ADDRESS.includes(HOST) && PUBLIC_URL === undefined && !isOnAws) {
        demand("PUBLIC_URL", `is needed while HOST is ${HOST}: links to pictures begin with it`);
      }
      if (settings.API_KEYS?.length === 0) {
        if (!isLoopback(HOST)) {
          demand(
            "API_KEYS",
            `is needed while HOST is ${HOST}: without keys only 127.0.0.1 is safe`,
          );
        } else if (isReachableFromOutside(settings)) {
          const why = "without keys whoever knows the address could draw and delete";
          demand("API_KEYS", `is needed while PUBLIC_URL is ${PUBLIC_URL}: ${why}`);
        } else if (settings.CORS_ORIGINS?.includes("*")) {
          const why = "without keys every web page could draw here";
          demand("API_KEYS", `is needed while CORS_ORIGINS is *: ${why}`);
        }
      }
    },
    { when: () => true },
  );

/** Whether others than this machine can reach the process, directly or through a proxy. */
export function isReachableFromOutside({
  HOST,
  PUBLIC_URL,
}: {
  HOST: string;
  PUBLIC_URL?: string | undefined;
}): boolean {
  if (!isLoopback(HOST)) return true;
  return URL.canParse(PUBLIC_URL ?? "") && !isLoopback(bareHost(new URL(PUBLIC_URL ?? "")));
}

/** The host as `HOST` would name it: an IPv6 address without its brackets. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/gu, "");
}

/** Whether only this machine can reach that address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/u.test(host);
}
