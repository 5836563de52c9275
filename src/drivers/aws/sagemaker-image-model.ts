import {
  InvokeEndpointCommand,
  type SageMakerRuntimeClient,
} from "@aws-sdk/client-sagemaker-runtime";
import { AtelierError } from "../../errors.ts";
import type { AspectRatio, Drawing, DrawRequest, ImageModel } from "../../ports/index.ts";
import { abortError } from "./model-errors.ts";
import { sagemakerError } from "./sagemaker-errors.ts";
import { describeSagemakerModel } from "./sagemaker-model-name.ts";
import { readSagemakerReply } from "./sagemaker-reply.ts";

/**
 * Containers take a size, not a ratio: multiples of 8 px, and Stable Diffusion is trained at
 * about one megapixel. Each size has its ratio exactly, is a multiple of 16 px, and lies
 * between 0.92 and 1.06 million pixels.
 */
const SIZES_PX: Readonly<Record<AspectRatio, { width: number; height: number }>> = {
  "1:1": { width: 1024, height: 1024 },
  "16:9": { width: 1280, height: 720 },
  "21:9": { width: 1568, height: 672 },
  "2:3": { width: 832, height: 1248 },
  "3:2": { width: 1248, height: 832 },
  "4:5": { width: 896, height: 1120 },
  "5:4": { width: 1120, height: 896 },
  "9:16": { width: 720, height: 1280 },
  "9:21": { width: 672, height: 1568 },
};

/**
 * A Stable Diffusion endpoint on SageMaker that draws from text: InvokeEndpoint, one picture a
 * call, one call a `draw`. The client must be one of `createSagemakerClient`.
 */
export function createSagemakerImageModel(options: {
  client: SageMakerRuntimeClient;
  endpoint: string;
}): ImageModel {
  const { client, endpoint } = options;

  return {
    ...describeSagemakerModel(endpoint),

    async draw(request: DrawRequest, { signal }: { signal: AbortSignal }): Promise<Drawing> {
      if (signal.aborted) throw abortError(signal);
      if (request.init !== undefined) {
        throw new AtelierError(
          "invalid_input",
          "This image model draws from text only. Leave the picture out, or choose another model.",
        );
      }
      return readSagemakerReply(await invoke(request, signal), request.seed);
    },
  };

  async function invoke(request: DrawRequest, signal: AbortSignal): Promise<Uint8Array> {
    const command = new InvokeEndpointCommand({
      EndpointName: endpoint,
      ContentType: "application/json",
      Accept: "application/json;jpeg",
      Body: JSON.stringify({
        prompt: request.prompt,
        negative_prompt: request.negativePrompt,
        ...SIZES_PX[request.aspectRatio],
        seed: request.seed,
        num_images_per_prompt: 1,
      }),
    });
    try {
      return (await client.send(command, { abortSignal: signal })).Body;
    } catch (thrown) {
      throw signal.aborted ? abortError(signal) : sagemakerError(thrown, endpoint);
    }
  }
}
