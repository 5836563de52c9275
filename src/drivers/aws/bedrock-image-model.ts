import { type BedrockRuntimeClient, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime";
import { AtelierError } from "../../errors.ts";
import type { Drawing, DrawRequest, ImageModel } from "../../ports/index.ts";
import { getBedrockModel } from "./bedrock-bodies.ts";
import { bedrockError } from "./bedrock-errors.ts";
import { readBedrockReply } from "./bedrock-reply.ts";
import { abortError } from "./model-errors.ts";

/** Source: Amazon Bedrock API Reference, InvokeModel, "Request Body". */
const BEDROCK_BODY_MAX_BYTES = 25_000_000;

/**
 * A Stability model on Bedrock: InvokeModel, one picture a call, one call a `draw`. The client
 * must be one of `createBedrockClient`. Throws `misconfigured` for a model that is not supported.
 */
export function createBedrockImageModel(options: {
  client: BedrockRuntimeClient;
  modelId: string;
}): ImageModel {
  const { client, modelId } = options;
  const { label, outputFormats, initLimits, body } = getBedrockModel(modelId);

  return {
    id: modelId,
    label,
    outputFormats,
    initLimits,

    async draw(request: DrawRequest, { signal }: { signal: AbortSignal }): Promise<Drawing> {
      if (signal.aborted) throw abortError(signal);
      if (request.init !== undefined && initLimits === null) {
        throw new AtelierError(
          "invalid_input",
          `${label} draws from text only. Leave the picture out, or choose another model.`,
        );
      }
      // Every model writes PNG; the caller converts it, without a second loss of quality.
      const outputFormat = outputFormats.includes(request.outputFormat)
        ? request.outputFormat
        : "png";
      const encoded = Buffer.from(JSON.stringify(body({ ...request, outputFormat })));
      if (encoded.byteLength > BEDROCK_BODY_MAX_BYTES) {
        throw new AtelierError("invalid_input", "The picture is too large. Give a smaller one.", {
          code: "InvalidImage",
        });
      }
      return readBedrockReply(await invoke(encoded, signal), request.seed);
    },
  };

  async function invoke(body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const command = new InvokeModelCommand({
      modelId,
      contentType: "application/json",
      accept: "application/json",
      body,
    });
    try {
      return (await client.send(command, { abortSignal: signal })).body;
    } catch (thrown) {
      throw signal.aborted ? abortError(signal) : bedrockError(thrown, modelId);
    }
  }
}
