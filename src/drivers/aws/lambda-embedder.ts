import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import type { Embedder } from "../../ports/index.ts";
import type { ClipReply } from "./clip-answer.ts";
import { type ClipEmbedderOptions, createClipEmbedder } from "./clip-embedder.ts";
import {
  type ClipServiceName,
  clipDown,
  clipNotFound,
  clipSlow,
  sharedClipError,
  wrongAnswer,
} from "./clip-errors.ts";

export interface LambdaEmbedderOptions extends Omit<ClipEmbedderOptions, "transport"> {
  /** One of `createLambdaClient`; `close` ends it. */
  client: LambdaClient;
  /** Name or ARN of a function that keeps the format of clip-inference. */
  functionName: string;
}

const resultSchema = z.object({ statusCode: z.int(), body: z.unknown() });
const functionErrorSchema = z.object({
  errorType: z.string().catch(""),
  errorMessage: z.string().catch(""),
});

/** Embeddings from the Lambda function clip-inference, invoked synchronously. */
export function createLambdaEmbedder(options: LambdaEmbedderOptions): Promise<Embedder> {
  const { client, functionName, ...rest } = options;
  const service: ClipServiceName = {
    title: `the Lambda function ${functionName}`,
    right: "lambda:InvokeFunction",
    settings: "CLIP_FUNCTION and AWS_REGION",
  };

  async function send(body: string, signal: AbortSignal): Promise<ClipReply> {
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: "RequestResponse",
      Payload: Buffer.from(body),
    });
    const { FunctionError, Payload } = await client
      .send(command, { abortSignal: signal })
      .catch((thrown: unknown) => {
        throw lambdaError(thrown, service);
      });
    const result = parse(Payload, service);
    if (FunctionError !== undefined) throw functionError(result, service);
    const parsed = resultSchema.safeParse(result);
    if (!parsed.success) throw wrongAnswer(service, "it has no statusCode", parsed.error);
    return { statusCode: parsed.data.statusCode, body: parsed.data.body };
  }

  return createClipEmbedder({
    ...rest,
    transport: { service, send, close: () => client.destroy() },
  });
}

function parse(payload: Uint8Array | undefined, service: ClipServiceName): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch (cause) {
    throw wrongAnswer(service, "its result is not JSON", cause);
  }
}

/** The function threw, ran out of time or memory; its log has the rest. */
function functionError(result: unknown, service: ClipServiceName) {
  const { data } = functionErrorSchema.safeParse(result);
  const { errorType = "", errorMessage = "" } = data ?? {};
  const cause = new Error(`${service.title} failed: ${errorType} ${errorMessage}`);
  return /timed out/iu.test(errorMessage) ? clipSlow(cause) : clipDown(cause);
}

/** Names from the AWS Lambda API Reference, Invoke, "Errors". */
function lambdaError(thrown: unknown, service: ClipServiceName) {
  const name = thrown instanceof Error ? thrown.name : "";
  switch (name) {
    case "ResourceNotFoundException":
    case "InvalidParameterValueException":
      return clipNotFound(service, thrown);
    // Still being created, updated or woken up.
    case "ResourceConflictException":
    case "ResourceNotReadyException":
    case "CodeArtifactUserPendingException":
    case "SnapStartNotReadyException":
      return clipDown(thrown);
    default:
      return sharedClipError(thrown, service);
  }
}
