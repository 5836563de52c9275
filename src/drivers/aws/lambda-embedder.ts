import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { Embedder } from "../../ports/index.ts";
import { type ClipEmbedderOptions, createClipEmbedder } from "./clip-embedder.ts";
import type { ClipServiceName } from "./clip-errors.ts";
import { callLambda } from "./lambda-call.ts";

export interface LambdaEmbedderOptions extends Omit<ClipEmbedderOptions, "transport"> {
  /** One of `createLambdaClient`; `close` ends it. */
  client: LambdaClient;
  /** Name or ARN of a function that keeps the format of clip-inference. */
  functionName: string;
}

/** Embeddings from the Lambda function clip-inference, invoked synchronously. */
export function createLambdaEmbedder(options: LambdaEmbedderOptions): Promise<Embedder> {
  const { client, functionName, ...rest } = options;
  const service: ClipServiceName = {
    title: `the Lambda function ${functionName}`,
    right: "lambda:InvokeFunction",
    settings: "CLIP_FUNCTION and AWS_REGION",
  };
  return createClipEmbedder({
    ...rest,
    transport: {
      service,
      send: (body, signal) => callLambda({ client, functionName, service }, body, signal),
      close: () => client.destroy(),
    },
  });
}
