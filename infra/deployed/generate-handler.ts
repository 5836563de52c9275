import { asAtelierError, type Log, type NewId } from "#core";
import type { Api, CallBindings } from "../api/api.ts";
import { generateError, generateMessage } from "../api/generate-error.ts";
import type { LambdaContext } from "../clip-services/lambda-handler.ts";
import type { BatchAnswer, GenerateBatch } from "./generate-batch.ts";
import { type GenerateEvent, readGenerateEvent } from "./generate-event.ts";
import type { ApiGatewayAnswer } from "./webhook-event.ts";

/** What the handler works with. */
export interface GenerateParts {
  api: Api;
  batch: GenerateBatch;
}

/** An HTTP API waits 30 s for an answer, a REST API 29 s; that much before it is answered. */
const GATEWAY_WAITS_MS = 28_000;
/** A gateway that took a call longer ago has given it up; such a time is a test event's. */
const LIVE_MS = 60_000;
/** Kept back from the function's own time, so that running out of it is still answered. */
const ANSWER_MS = 1_500;
const DEFAULT_WITHIN_MS = 110_000;

/**
 * The Lambda function `aws_gen_pic`: the answers and statuses of `POST /generate`, for every event
 * of docs/contracts.md section 1. `open` is asked for the parts at each call and keeps them itself.
 */
export function createGenerateHandler({
  open,
  log,
  newId,
  nowMs,
}: {
  open: () => Promise<GenerateParts>;
  log: () => Log;
  newId: NewId;
  nowMs: () => number;
}) {
  async function answerCall(
    call: Extract<GenerateEvent, { kind: "call" }>,
    leftMs: () => number,
  ): Promise<ApiGatewayAnswer> {
    const { api } = await open();
    const answerWithinMs = Math.min(leftMs(), gatewayLeftMs(call.receivedAtMs, nowMs()));
    const bindings: CallBindings = {
      answerWithinMs,
      ...(call.caller === null ? {} : { caller: call.caller }),
    };
    const response = await api.routes.fetch(call.request, bindings);
    return {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
      isBase64Encoded: false,
    };
  }

  return async function handler(
    event: unknown,
    context?: LambdaContext,
  ): Promise<ApiGatewayAnswer | BatchAnswer> {
    const leftMs = () => (context?.getRemainingTimeInMillis?.() ?? DEFAULT_WITHIN_MS) - ANSWER_MS;
    const read = readGenerateEvent(event);
    if (read.kind === "batch") {
      // Rejects when nothing could be opened: then the whole batch comes again.
      const { batch } = await open();
      return batch(read.records, AbortSignal.timeout(Math.max(0, Math.floor(leftMs()))));
    }
    try {
      return await answerCall(read, leftMs);
    } catch (thrown) {
      const error = asAtelierError(thrown);
      const reference = newId();
      log().error({ reference, err: error }, "generate could not start");
      const { status, error: name } = generateError(error);
      const body = JSON.stringify({ error: name, message: generateMessage(error, reference) });
      const headers = { "content-type": "application/json" };
      return { statusCode: status, headers, body, isBase64Encoded: false };
    }
  };
}

/** For how long the gateway still waits; for ever where there is none. */
function gatewayLeftMs(receivedAtMs: number | null, nowMs: number): number {
  if (receivedAtMs === null) return Number.POSITIVE_INFINITY;
  const ageMs = nowMs - receivedAtMs;
  return GATEWAY_WAITS_MS - (ageMs > 0 && ageMs < LIVE_MS ? ageMs : 0);
}
