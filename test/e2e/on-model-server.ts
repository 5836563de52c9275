import type { ModelServer } from "../servers/model-server.ts";

/** Draws with Bedrock at the model server, at a rate that holds no test up. */
export function onModelServer({ endpoint }: Pick<ModelServer, "endpoint">): Record<string, string> {
  return {
    IMAGE_MODEL: "bedrock",
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    RATE_MODEL_PER_MINUTE: "6000",
    RATE_MODEL_CONCURRENCY: "40",
  };
}
