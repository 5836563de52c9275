import { z } from "zod";
import { demandCompanions } from "./setting-companions.ts";
import {
  bucket,
  lambdaFunction,
  list,
  perModel,
  pricePerModel,
  snowflake,
  table,
  url,
  wholeNumber,
} from "./setting-kinds.ts";

const fields = z.object({
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
    .describe(
      "Folder of the embedded store: pictures, videos, state; and of the models that were pulled.",
    ),
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
  AWS_REGION: z
    .string()
    .prefault("us-west-2")
    .describe("Region of S3, DynamoDB, and all of AWS that has no setting of its own."),
  IMAGE_MODEL: z
    .enum(["sketch", "bedrock", "sagemaker"], "is sketch, bedrock or sagemaker")
    .prefault("sketch")
    .describe("What draws: the built-in sketch, Amazon Bedrock, or a SageMaker endpoint."),
  BEDROCK_MODEL_ID: z
    .string()
    .prefault("stability.sd3-5-large-v1:0")
    .describe("The Bedrock model that draws when nobody chose one."),
  BEDROCK_ALLOWED_MODELS: list
    .prefault("")
    .describe("Which Bedrock models people may choose, separated by commas; all three unless set."),
  BEDROCK_REGION: z
    .string()
    .prefault("us-west-2")
    .describe("Region of Bedrock; only us-west-2 has all three models."),
  GUARDRAIL_ID: z
    .string()
    .regex(/^[a-zA-Z0-9:/-]{1,2048}$/u, "takes the id or ARN of a Bedrock guardrail")
    .optional()
    .describe("A guardrail of Amazon Bedrock, in BEDROCK_REGION, that judges what is to be drawn."),
  GUARDRAIL_VERSION: z
    .string()
    .regex(/^(DRAFT|[1-9]\d{0,7})$/u, "takes a number, or DRAFT")
    .prefault("DRAFT")
    .describe("Which version of the guardrail."),
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
    .describe("The model that finds moments: the built-in demo, or one that npm run model pulled."),
  CLIP_MODEL_DIR: z
    .string()
    .optional()
    .describe("Folder of a model in the hub's layout, instead of CLIP_MODEL."),
  CLIP_FUNCTION: lambdaFunction
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
  SEARCH_FUNCTION: lambdaFunction
    .optional()
    .describe(
      "Name or ARN of the Lambda function frame-search, which then searches in the place of this process.",
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
    .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/u, "takes the bot's token: three parts with dots between them")
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
    .pipe(z.array(z.string().min(16, "takes keys of at least 16 characters, separated by commas")))
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
  PRICE_IMAGE_USD: pricePerModel
    // The built-in model costs nothing.
    .prefault("0.08,core=0.04,ultra=0.14,sketch=0")
    .describe("What one picture costs, in USD; exceptions as 0.08,core=0.04."),
  JOB_QUEUE_URL: url
    .refine((value) => value.endsWith(".fifo"), "takes the URL of an SQS queue that ends in .fifo")
    .optional()
    .describe("On Lambda: the SQS FIFO queue between the webhooks and the worker."),
  SECRET_PARAMETERS: list
    .pipe(
      z.array(
        z
          .string()
          .regex(
            /^[\w./-]{1,1011}$/u,
            "takes names of SSM parameters, such as /atelier/SLACK_BOT_TOKEN, separated by commas",
          ),
      ),
    )
    .prefault("")
    .describe(
      "On Lambda: SSM parameters that hold settings, each named as its setting in the last part, as /atelier/SLACK_BOT_TOKEN.",
    ),
  METRICS_NAMESPACE: z
    .string()
    .regex(/^[\w.\-/#:]{1,255}$/u, "takes a namespace of CloudWatch, such as atelier")
    .prefault("atelier")
    .describe("On Lambda: where CloudWatch keeps the figures; another one for each deployment."),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//u, "takes a URL such as redis://127.0.0.1:6379")
    .optional()
    .describe("Shares the model rates among several processes."),
  LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error", "silent"], "is debug, info, warn, error or silent")
    .prefault("info")
    .describe("How much is logged."),
});

/** What the fields are, each on its own. */
export type SettingFields = z.infer<typeof fields>;

/** Whether pictures and state are kept in S3 and DynamoDB. */
export function isOnAws({
  STORAGE,
  OUTPUT_BUCKET,
}: Pick<SettingFields, "STORAGE" | "OUTPUT_BUCKET">): boolean {
  return STORAGE === undefined ? OUTPUT_BUCKET !== undefined : STORAGE === "aws";
}

/** Every setting with its default and what it means; `.env.example` is made from this. */
export const settingsSchema = fields.superRefine(
  (settings, context) => {
    demandCompanions(settings, (path, message) =>
      context.addIssue({ code: "custom", path: [path], message }),
    );
  },
  // Also beside other mistakes, so that nobody has to start again and again to find them all.
  { when: () => true },
);
