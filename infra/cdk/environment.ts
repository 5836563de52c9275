import { type Names, REGION } from "./names.ts";
import type { Options } from "./options.ts";
import { secretsOf } from "./secrets.ts";
import type { FunctionId } from "./sizes.ts";

export interface EnvironmentParts {
  names: Names;
  options: Options;
  /** As CloudFormation gives it. */
  jobQueueUrl: string;
  /** Where the model rates are shared; null without Valkey. */
  redisUrl: string | null;
}

/**
 * The settings of each function, names as for `Fn::Sub`. Lambda gives `AWS_REGION` itself, which
 * SageMaker endpoints are in too.
 */
export function environmentOf(id: FunctionId, parts: EnvironmentParts): Record<string, string> {
  const { names, options } = parts;
  const secrets = secretsOf(id, options).map(names.parameter);
  return {
    ...options.settings,
    ...partsOf(id, parts),
    ...(secrets.length > 0 && { SECRET_PARAMETERS: secrets.join(",") }),
  };
}

function partsOf(id: FunctionId, parts: EnvironmentParts): Record<string, string> {
  const { jobQueueUrl, redisUrl } = parts;
  const queue = { JOB_QUEUE_URL: jobQueueUrl };
  const shared: Record<string, string> = redisUrl === null ? {} : { REDIS_URL: redisUrl };
  switch (id) {
    case "webhook":
      return { ...storage(parts), ...imageModel(parts), ...queue };
    case "worker":
      return {
        ...storage(parts),
        ...imageModel(parts),
        ...guardrail(parts),
        ...remoteClip(parts),
        ...frameIndex(parts),
        SEARCH_FUNCTION: parts.names.functions.frameSearch,
        ...queue,
        ...shared,
        ...metrics(parts),
      };
    case "deadLetter":
      return { ...storage(parts), ...imageModel(parts), ...queue, ...metrics(parts) };
    case "generate":
      return {
        ...storage(parts),
        ...imageModel(parts),
        ...guardrail(parts),
        ...cors(parts),
        ...shared,
        ...metrics(parts),
      };
    case "clipInference":
      // It keeps nothing; the bucket is where frames are named in.
      return { MEDIA_BUCKET: parts.names.buckets.media, ...clipModel(parts) };
    case "clipBatch":
      return { ...storage(parts), CLIP: "local", ...clipModel(parts), ...frameIndex(parts) };
    case "frameSearch":
      return { ...storage(parts), ...remoteClip(parts), ...frameIndex(parts) };
  }
}

function storage({ names: { buckets, tables } }: EnvironmentParts) {
  return {
    STORAGE: "aws",
    OUTPUT_BUCKET: buckets.outputs,
    INPUT_BUCKET: buckets.inputs,
    MEDIA_BUCKET: buckets.media,
    STATE_TABLE: tables.state,
    CACHE_TABLE: tables.cache,
    VIDEOS_TABLE: tables.videos,
  };
}

function imageModel({ options }: EnvironmentParts): Record<string, string> {
  const { imageModel: drawer, sagemakerEndpoint, allowedModels, bedrockRegion } = options;
  if (drawer === "sagemaker") {
    return {
      IMAGE_MODEL: drawer,
      SAGEMAKER_ENDPOINT: sagemakerEndpoint ?? "",
      SAGEMAKER_REGION: REGION,
    };
  }
  const [standard = ""] = allowedModels;
  return {
    IMAGE_MODEL: drawer,
    BEDROCK_MODEL_ID: standard,
    BEDROCK_ALLOWED_MODELS: allowedModels.join(","),
    BEDROCK_REGION: bedrockRegion,
  };
}

function guardrail({ options }: EnvironmentParts): Record<string, string> {
  const { guardrailId, guardrailVersion, bedrockRegion } = options;
  return guardrailId === null
    ? {}
    : {
        GUARDRAIL_ID: guardrailId,
        GUARDRAIL_VERSION: guardrailVersion,
        BEDROCK_REGION: bedrockRegion,
      };
}

function clipModel({ options }: EnvironmentParts) {
  return { CLIP_MODEL: options.clipModel };
}

/** Where sentences and pictures are embedded for those that do not do it themselves. */
function remoteClip(parts: EnvironmentParts): Record<string, string> {
  const { names, options } = parts;
  return options.clipSagemaker
    ? {
        CLIP: "sagemaker",
        CLIP_ENDPOINT: names.clipEndpoint,
        SAGEMAKER_REGION: REGION,
        ...clipModel(parts),
      }
    : { CLIP: "lambda", CLIP_FUNCTION: names.functions.clipInference, ...clipModel(parts) };
}

function frameIndex({ options: { vectorBucket } }: EnvironmentParts): Record<string, string> {
  return vectorBucket === null ? {} : { FRAME_INDEX: "s3-vectors", VECTOR_BUCKET: vectorBucket };
}

function metrics({ names }: EnvironmentParts) {
  return { METRICS_NAMESPACE: names.metrics };
}

function cors({ options: { corsOrigins } }: EnvironmentParts): Record<string, string> {
  return corsOrigins.length === 0 ? {} : { CORS_ORIGINS: corsOrigins.join(",") };
}
