import type { ImageModel } from "../../ports/index.ts";

/** What is known about a Stable Diffusion endpoint on SageMaker without calling it. */
export function describeSagemakerModel(endpoint: string): Omit<ImageModel, "draw"> {
  return {
    id: `sagemaker:${endpoint}`,
    label: `Stable Diffusion (${endpoint})`,
    outputFormats: ["jpeg"],
    initLimits: null,
  };
}
