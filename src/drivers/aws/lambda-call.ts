import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import type { ClipReply } from "./clip-answer.ts";
import {
  type ClipServiceName,
  clipDown,
  clipNotFound,
  clipSlow,
  sharedClipError,
  wrongAnswer,
} from "./clip-errors.ts";

export interface LambdaCallOptions {
  /** One of `createLambdaClient`. */
  client: LambdaClient;
  /** Name or ARN. */
  functionName: string;
  service: ClipServiceName;
}

const resultSchema = z.object({ statusCode: z.int(), body: z.unknown() });
const functionErrorSchema = z.object({
  errorType: z.string().catch(""),
  errorMessage: z.string().catch(""),
});

/** Invokes one of the CLIP services synchronously; what Lambda itself answers rejects as an AtelierError. */
export async function callLambda(
  { client, functionName, service }: LambdaCallOptions,
  body: string,
  signal: AbortSignal,
): Promise<ClipReply> {
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
