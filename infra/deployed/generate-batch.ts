import {
  AtelierError,
  asAtelierError,
  jobIdFrom,
  type Log,
  type Metrics,
  type NewId,
  type Services,
} from "#core";
import { generate } from "../api/generate.ts";
import { isOperatorsMatter } from "../api/generate-error.ts";
import { readGenerateRequest } from "../api/generate-request.ts";
import type { BatchRecord } from "./generate-event.ts";

/** Who sends to the queue has shown AWS who they are. */
const BATCH_USER = "api:local:batch";

/** What SQS is told: the records that are to come again, or to the dead letters in the end. */
export interface BatchAnswer {
  batchItemFailures: { itemIdentifier: string }[];
}

/**
 * Draws what the records of a batch ask for, side by side. A record that fails is reported and
 * holds no other one up. A record that is delivered again finds its picture in the cache, or waits
 * there for its first delivery: it is drawn once.
 */
export function createGenerateBatch({
  services,
  log,
  metrics,
  newId,
}: {
  services: Services;
  log: Log;
  metrics: Metrics;
  newId: NewId;
}) {
  async function draw({ messageId, body }: BatchRecord, signal: AbortSignal) {
    const request = readGenerateRequest(readBody(body));
    // The same for every delivery, so that none can leave a second object behind.
    const jobId = jobIdFrom(`batch:${messageId}`);
    // Of this delivery alone: whoever holds the claim on the cache may take it again.
    const claimant = newId();
    const asker = {
      jobId,
      claimant,
      user: BATCH_USER,
      isPrivate: false,
      priority: "batch",
    } as const;
    const { cached } = await generate(request, asker, services, signal);
    return { jobId, outcome: cached ? "cached" : "drawn" };
  }

  /** Whether the record is done with; else it comes again. */
  async function work(record: BatchRecord, signal: AbortSignal): Promise<boolean> {
    const { messageId } = record;
    const startMs = services.clock.nowMs();
    const timed = (outcome: string) => {
      const ms = services.clock.nowMs() - startMs;
      metrics.apiAnswered({ outcome, ms });
      return { caller: BATCH_USER, messageId, outcome, ms };
    };
    try {
      const { jobId, outcome } = await draw(record, signal);
      log.info({ ...timed(outcome), jobId }, "generate");
      return true;
    } catch (thrown) {
      const error = asAtelierError(thrown);
      const { kind } = error;
      // Nobody waits for an answer, so the sentence is for the log; other causes may quote the body.
      const why = isOperatorsMatter(error) ? { err: error } : { problem: error.message };
      const fields = { ...timed(kind), reference: newId(), ...why };
      if (kind === "internal" || kind === "misconfigured") log.error(fields, "generate failed");
      else log.warn(fields, "generate failed");
      return false;
    }
  }

  return async function generateBatch(
    records: readonly BatchRecord[],
    signal: AbortSignal,
  ): Promise<BatchAnswer> {
    // The same message twice in one batch is one record.
    const unique = [...new Map(records.map((record) => [record.messageId, record])).values()];
    const done = await Promise.all(unique.map((record) => work(record, signal)));
    return {
      batchItemFailures: unique
        .filter((_, index) => done[index] === false)
        .map(({ messageId }) => ({ itemIdentifier: messageId })),
    };
  };
}

export type GenerateBatch = ReturnType<typeof createGenerateBatch>;

function readBody(body: unknown): unknown {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new AtelierError("invalid_input", "The record's body is not valid JSON.", { cause });
  }
}
