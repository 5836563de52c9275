import type { ImageModel } from "#core";
import type { Settings } from "./settings.ts";

/**
 * The models that `createImageModels` makes of the same settings, in the same order, without what
 * calls them; of the built-in one, which is never deployed, nothing.
 */
export async function nameImageModels(settings: Settings): Promise<Omit<ImageModel, "draw">[]> {
  switch (settings.IMAGE_MODEL) {
    case "sketch":
      return [];
    case "bedrock": {
      const { bedrockModelIds, getBedrockModel } = await import(
        "../src/drivers/aws/bedrock-bodies.ts"
      );
      return allowedModelIds(settings, bedrockModelIds).map((id) => {
        const { label, outputFormats, initLimits } = getBedrockModel(id);
        return { id, label, outputFormats, initLimits };
      });
    }
    case "sagemaker": {
      const { describeSagemakerModel } = await import("../src/drivers/aws/sagemaker-model-name.ts");
      return [describeSagemakerModel(settings.SAGEMAKER_ENDPOINT ?? "")];
    }
  }
}

/** The Bedrock models that may be chosen: the standard one first. */
export function allowedModelIds(
  {
    BEDROCK_MODEL_ID: standard,
    BEDROCK_ALLOWED_MODELS: allowed,
  }: Pick<Settings, "BEDROCK_MODEL_ID" | "BEDROCK_ALLOWED_MODELS">,
  supported: readonly string[],
): string[] {
  const ids = allowed.length > 0 ? allowed : supported;
  return [standard, ...ids.filter((id) => id !== standard)];
}
