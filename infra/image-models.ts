import type { Clock, ImageModel, LimitedImageModel, Limiter, Log, Metrics } from "#core";
import { createBottleneckLimiter } from "../src/drivers/bottleneck/bottleneck-limiter.ts";
import { createLimitedImageModel } from "../src/limits/limited-image-model.ts";
import { createModeratedImageModel } from "../src/limits/moderated-image-model.ts";
import { allowedModelIds } from "./image-model-names.ts";
import { valueOfModel } from "./setting-kinds.ts";
import type { Settings } from "./settings.ts";

export interface ImageModels {
  byId: ReadonlyMap<string, LimitedImageModel>;
  close(): Promise<void>;
}

/** Puts each model behind its own limiter: requests a minute and calls at once from the settings. */
export async function limitImageModels(
  models: readonly ImageModel[],
  {
    settings,
    clock,
    log,
    metrics,
  }: { settings: Settings; clock: Clock; log: Log; metrics: Metrics },
): Promise<ImageModels> {
  const limiters: Limiter[] = [];
  const byId = new Map<string, LimitedImageModel>();
  for (const model of models) {
    const limiter = await createBottleneckLimiter({
      id: model.id,
      requestsPerMinute: valueOfModel(settings.RATE_MODEL_PER_MINUTE, model),
      concurrency: valueOfModel(settings.RATE_MODEL_CONCURRENCY, model),
      ...(settings.REDIS_URL === undefined ? {} : { redisUrl: settings.REDIS_URL }),
      log,
    });
    limiters.push(limiter);
    const priceUsd = valueOfModel(settings.PRICE_IMAGE_USD, model);
    const random = Math.random;
    const options = { model, limiter, clock, metrics, priceUsd, random };
    byId.set(model.id, createLimitedImageModel(options));
  }
  return {
    byId,
    async close() {
      await Promise.all(limiters.map((limiter) => limiter.close()));
    },
  };
}

/** The models that the settings name, the standard one first, behind the guardrail if there is one. */
export async function createImageModels(settings: Settings): Promise<ImageModel[]> {
  const { GUARDRAIL_ID: guardrailId, GUARDRAIL_VERSION: version, BEDROCK_REGION } = settings;
  const models = await createBareModels(settings);
  if (guardrailId === undefined) return models;
  const [{ createGuardrailClient }, { createBedrockGuardrail }] = await Promise.all([
    import("../src/drivers/aws/bedrock-client.ts"),
    import("../src/drivers/aws/bedrock-guardrail.ts"),
  ]);
  const client = createGuardrailClient({ region: BEDROCK_REGION });
  const moderator = createBedrockGuardrail({ client, guardrailId, version });
  return models.map((model) => createModeratedImageModel({ model, moderator }));
}

async function createBareModels(settings: Settings): Promise<ImageModel[]> {
  switch (settings.IMAGE_MODEL) {
    case "sketch": {
      const { createSketchImageModel } = await import(
        "../src/drivers/sketch/sketch-image-model.ts"
      );
      return [createSketchImageModel()];
    }
    case "bedrock": {
      const [{ bedrockModelIds }, { createBedrockClient }, { createBedrockImageModel }] =
        await Promise.all([
          import("../src/drivers/aws/bedrock-bodies.ts"),
          import("../src/drivers/aws/bedrock-client.ts"),
          import("../src/drivers/aws/bedrock-image-model.ts"),
        ]);
      const client = createBedrockClient({ region: settings.BEDROCK_REGION });
      return allowedModelIds(settings, bedrockModelIds).map((modelId) =>
        createBedrockImageModel({ client, modelId }),
      );
    }
    case "sagemaker": {
      const [{ createSagemakerClient }, { createSagemakerImageModel }] = await Promise.all([
        import("../src/drivers/aws/sagemaker-client.ts"),
        import("../src/drivers/aws/sagemaker-image-model.ts"),
      ]);
      const client = createSagemakerClient({ region: settings.SAGEMAKER_REGION });
      return [createSagemakerImageModel({ client, endpoint: settings.SAGEMAKER_ENDPOINT ?? "" })];
    }
  }
}
