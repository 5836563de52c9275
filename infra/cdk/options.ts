import { DEFAULT_NAME } from "./names.ts";
import { createContextReader } from "./read-context.ts";

/** What an operator chooses, in `cdk.json` under `context` or with `-c name=value`. */
export interface Options {
  /** Of the stack, and what its resources' names begin with. */
  name: string;
  slack: boolean;
  discord: boolean;
  /** Web origins that may call `/generate`. */
  corsOrigins: readonly string[];
  /** How callers of `/generate` prove who they are: one of `API_KEYS`, or IAM. */
  generateAuth: "key" | "iam";
  imageModel: "bedrock" | "sagemaker";
  /** The Bedrock models that may be called; the first one draws when nobody chose. */
  allowedModels: readonly string[];
  bedrockRegion: string;
  /** The Stable Diffusion endpoint of `imageModel=sagemaker`. */
  sagemakerEndpoint: string | null;
  /** The CLIP model in the image. */
  clipModel: string;
  /** Also a real-time endpoint that embeds, from the same image. */
  clipSagemaker: boolean;
  clipInstanceType: string;
  /** A cache that shares the model rates among all processes, in a network of its own. */
  valkey: boolean;
  /** The S3 vector bucket that finds frames, instead of the packed index. */
  vectorBucket: string | null;
  /** The Bedrock guardrail, in `bedrockRegion`, that judges what is to be drawn. */
  guardrailId: string | null;
  guardrailVersion: string;
  /** Null: no budget. */
  monthlyBudgetUsd: number | null;
  /** Who hears of alarms. */
  alarmEmail: string | null;
  /** How many jobs run at once. */
  workerConcurrency: number;
  logRetentionDays: number;
  architecture: "arm64" | "x86_64";
  /** `npm run destroy` leaves buckets with pictures and tables where they are. */
  keepData: boolean;
  /** Further settings for every function, as in `.env.example`. */
  settings: Readonly<Record<string, string>>;
}

/** Those that the code can draw with. */
const BEDROCK_MODELS = [
  "stability.sd3-5-large-v1:0",
  "stability.stable-image-core-v1:1",
  "stability.stable-image-ultra-v1:1",
];
/** What CloudWatch Logs takes, up to ten years. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];
/** Settings that the stack gives or that are secrets. */
const NOT_HERE =
  /^(AWS_|_|STORAGE$|DATA_DIR$|PORT$|HOST$|PUBLIC_URL$|API_KEYS$|(OUTPUT|INPUT|MEDIA|VECTOR)_BUCKET$|\w+_TABLE$|CLIP|IMAGE_MODEL$|BEDROCK_|GUARDRAIL_|SAGEMAKER_|FRAME_INDEX$|SEARCH_FUNCTION$|JOB_QUEUE_URL$|SECRET_PARAMETERS$|CORS_ORIGINS$|REDIS_URL$|METRICS_NAMESPACE$|SLACK_(?!API_URL)|DISCORD_(?!SPOILERS|API_URL|GUILD_ID))/u;

/** Reads and checks the context; throws one Error that names everything that is wrong. */
export function readOptions(context: Readonly<Record<string, unknown>>): Options {
  const read = createContextReader(context);
  const architecture = read.choice("architecture", ["arm64", "x86_64"]);
  const options: Options = {
    name: read.text(
      "name",
      DEFAULT_NAME,
      /^[a-z][a-z0-9-]{1,18}[a-z0-9]$/u,
      "3 to 20 lower-case letters, digits and -",
    ),
    slack: read.flag("slack", true),
    discord: read.flag("discord", true),
    corsOrigins: read.list("corsOrigins", [], /^(\*|https?:\/\/[^\s/]+)$/u, "origins"),
    generateAuth: read.choice("generateAuth", ["key", "iam"]),
    imageModel: read.choice("imageModel", ["bedrock", "sagemaker"]),
    allowedModels: read.list("allowedModels", BEDROCK_MODELS, oneOf(BEDROCK_MODELS), "models"),
    bedrockRegion: read.text("bedrockRegion", "us-west-2", /^[a-z]{2}(-[a-z]+)+-\d$/u, "a region"),
    sagemakerEndpoint: read.optional("sagemakerEndpoint", /^[\w-]{1,63}$/u, "an endpoint's name"),
    clipModel: read.text("clipModel", "demo", /^[a-z0-9][a-z0-9.-]*$/u, "a CLIP model's name"),
    clipSagemaker: read.flag("clipSagemaker", false),
    clipInstanceType: read.text(
      "clipInstanceType",
      architecture === "arm64" ? "ml.c7g.large" : "ml.c6i.large",
      /^ml\.[a-z0-9]+\.[a-z0-9]+$/u,
      "an instance type of SageMaker",
    ),
    valkey: read.flag("valkey", false),
    vectorBucket: read.optional("vectorBucket", /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/u, "a name"),
    guardrailId: read.optional("guardrailId", /^[a-z0-9]{1,32}$/u, "a guardrail's id"),
    guardrailVersion: read.text(
      "guardrailVersion",
      "DRAFT",
      /^(DRAFT|[1-9]\d{0,7})$/u,
      "a number, or DRAFT",
    ),
    monthlyBudgetUsd: read.amount("monthlyBudgetUsd"),
    alarmEmail: read.optional("alarmEmail", /^[^\s@]+@[^\s@]+$/u, "an e-mail address"),
    // SQS takes no fewer than two.
    workerConcurrency: read.wholeNumber("workerConcurrency", 10, { min: 2, max: 1000 }),
    logRetentionDays: read.wholeNumber("logRetentionDays", 30, { oneOf: RETENTION_DAYS }),
    architecture,
    keepData: read.flag("keepData", true),
    settings: read.settings("settings", NOT_HERE),
  };
  if (!options.slack && !options.discord) {
    read.refuse("slack and discord are both off: nobody could ask for a picture");
  }
  if (options.imageModel === "sagemaker" && options.sagemakerEndpoint === null) {
    read.refuse("imageModel=sagemaker needs sagemakerEndpoint, the endpoint's name");
  }
  if (options.allowedModels.length === 0) read.refuse("allowedModels needs at least one model");
  if (options.corsOrigins.includes("*") && options.generateAuth === "iam") {
    read.refuse("corsOrigins=* is for callers with a key; with generateAuth=iam name the origins");
  }
  read.finish();
  return options;
}

function oneOf(values: readonly string[]): RegExp {
  return new RegExp(`^(${values.map((each) => each.replaceAll(".", "\\.")).join("|")})$`, "u");
}
