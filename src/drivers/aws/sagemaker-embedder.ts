import {
  InvokeEndpointCommand,
  ModelError,
  SageMakerRuntimeClient,
} from "@aws-sdk/client-sagemaker-runtime";
import { z } from "zod";
import type { Embedder } from "../../ports/index.ts";
import type { ClipReply } from "./clip-answer.ts";
import { type ClipEmbedderOptions, createClipEmbedder } from "./clip-embedder.ts";
import { type ClipServiceName, clipBusy, clipNotFound, sharedClipError } from "./clip-errors.ts";
import { patientRequests } from "./patient-requests.ts";

export interface SagemakerEmbedderOptions extends Omit<ClipEmbedderOptions, "transport"> {
  /** One of `createSagemakerEmbedderClient`; `close` ends it. */
  client: SageMakerRuntimeClient;
  /** Name of a real-time endpoint whose container answers as `npm run serve` does. */
  endpoint: string;
}

/** Some containers hand on what the Lambda's handler returns, status and all. */
const wrappedSchema = z.object({ statusCode: z.int(), body: z.unknown() });

export function createSagemakerEmbedderClient({
  region,
}: {
  region: string;
}): SageMakerRuntimeClient {
  return new SageMakerRuntimeClient({ region, ...patientRequests() });
}

/** Embeddings from a SageMaker endpoint. */
export function createSagemakerEmbedder(options: SagemakerEmbedderOptions): Promise<Embedder> {
  const { client, endpoint, ...rest } = options;
  const service: ClipServiceName = {
    title: `the SageMaker endpoint ${endpoint}`,
    right: "sagemaker:InvokeEndpoint",
    settings: "CLIP_ENDPOINT and SAGEMAKER_REGION, and that the endpoint is InService",
  };

  async function send(body: string, signal: AbortSignal): Promise<ClipReply> {
    const command = new InvokeEndpointCommand({
      EndpointName: endpoint,
      ContentType: "application/json",
      Accept: "application/json",
      Body: body,
    });
    try {
      const { Body } = await client.send(command, { abortSignal: signal });
      return unwrapped({ statusCode: 200, body: new TextDecoder().decode(Body) });
    } catch (thrown) {
      // The container answered, and not with 200: its own body says why.
      if (thrown instanceof ModelError && thrown.OriginalMessage !== undefined) {
        return unwrapped({
          statusCode: thrown.OriginalStatusCode ?? 500,
          body: thrown.OriginalMessage,
        });
      }
      throw sagemakerError(thrown, service);
    }
  }

  return createClipEmbedder({
    ...rest,
    transport: { service, send, close: () => client.destroy() },
  });
}

/** The body read once, out of a wrapper where there is one; a body that is no JSON is left as text. */
function unwrapped(reply: { statusCode: number; body: string }): ClipReply {
  let body: unknown;
  try {
    body = JSON.parse(reply.body);
  } catch {
    // An error page of a container, say. Below 500 the reader of the answer complains.
    return reply.statusCode === 200 ? reply : { ...reply, body: { message: reply.body } };
  }
  const wrapped = wrappedSchema.safeParse(body);
  return wrapped.success ? wrapped.data : { statusCode: reply.statusCode, body };
}

/** Names from the Amazon SageMaker API Reference, InvokeEndpoint, "Errors". */
function sagemakerError(thrown: unknown, service: ClipServiceName) {
  const name = thrown instanceof Error ? thrown.name : "";
  switch (name) {
    case "ModelNotReadyException":
      return clipBusy(thrown);
    // "Endpoint … of account … not found." comes under this name, with status 400.
    case "ValidationError":
    case "ValidationException":
      return clipNotFound(service, thrown);
    default:
      return sharedClipError(thrown, service);
  }
}
