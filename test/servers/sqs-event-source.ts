import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { parseJson, recordOf, recordsOf } from "./json-record.ts";
import type { InvocationOutcome } from "./lambda-runtime-api.ts";
import { TEST_REGION } from "./stack-template.ts";

export type SqsRecord = ReturnType<typeof recordFrom>;
export type SqsEventSource = ReturnType<typeof startSqsEventSource>;

const LONG_POLL_SECONDS = 20;
const PAUSE_AFTER_FAILURE_MS = 200;

/**
 * Lambda's event source mapping for a queue: polls it with the function's own rights, gives the
 * function what came, and deletes what it did not report as failed. What failed comes again when
 * its visibility timeout is over. Source: Lambda Developer Guide, "Using Lambda with Amazon SQS".
 */
export function startSqsEventSource({
  client,
  queueUrl,
  queueArn,
  batchSize,
  reportsItemFailures,
  concurrency,
  invoke,
}: {
  client: SQSClient;
  queueUrl: string;
  queueArn: string;
  batchSize: number;
  reportsItemFailures: boolean;
  concurrency: number;
  invoke: (event: unknown) => Promise<InvocationOutcome>;
}) {
  const stop = new AbortController();
  const deliveries: SqsRecord[] = [];
  let polling = new AbortController();
  let resumed = Promise.resolve();
  let resume: (() => void) | null = null;

  async function receive(): Promise<Message[]> {
    await resumed;
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: Math.min(batchSize, 10),
      WaitTimeSeconds: LONG_POLL_SECONDS,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    const abortSignal = AbortSignal.any([stop.signal, polling.signal]);
    const { Messages = [] } = await client.send(command, { abortSignal });
    return Messages;
  }

  async function hand(messages: readonly Message[]): Promise<void> {
    const records = messages.map((message) => recordFrom(message, queueArn));
    deliveries.push(...records);
    const failed = failuresIn(await invoke({ Records: records }), records, reportsItemFailures);
    for (const { messageId, receiptHandle } of records) {
      if (failed.has(messageId)) continue;
      const receipt = { QueueUrl: queueUrl, ReceiptHandle: receiptHandle };
      await client.send(new DeleteMessageCommand(receipt));
    }
  }

  async function poll(): Promise<void> {
    // Lambda looks at how much there is, to know how many to start.
    const names: ["ApproximateNumberOfMessages"] = ["ApproximateNumberOfMessages"];
    await client.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: names }));
    while (!stop.signal.aborted) {
      try {
        const messages = await receive();
        if (messages.length > 0) await hand(messages);
      } catch {
        await sleep(PAUSE_AFTER_FAILURE_MS);
      }
    }
  }

  const pollers = Array.from({ length: concurrency }, poll);
  return {
    /** Every record that the function was given, in their order. */
    deliveries,

    /** Takes nothing from the queue until `resume`. */
    pause(): void {
      if (resume !== null) return;
      resumed = new Promise((resolve) => {
        resume = resolve;
      });
      polling.abort();
      polling = new AbortController();
    },
    resume(): void {
      resume?.();
      resume = null;
    },

    async close(): Promise<void> {
      stop.abort();
      resume?.();
      await Promise.all(pollers);
    },
  };
}

/** A message as it stands in the function's event. */
export function recordFrom(message: Message, queueArn: string) {
  return {
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle ?? "",
    body: message.Body ?? "",
    attributes: message.Attributes ?? {},
    messageAttributes: {},
    md5OfBody: message.MD5OfBody ?? "",
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: TEST_REGION,
  };
}

/** Which records come again; an answer that names something else fails all of them. */
function failuresIn(
  { payload, isFailed }: InvocationOutcome,
  records: readonly SqsRecord[],
  reportsItemFailures: boolean,
): Set<string> {
  const all = new Set(records.map(({ messageId }) => messageId));
  if (isFailed) return all;
  if (!reportsItemFailures) return new Set();
  const named = recordsOf(recordOf(parseJson(payload)).batchItemFailures);
  const ids = named.map(({ itemIdentifier }) => String(itemIdentifier));
  return ids.every((id) => all.has(id)) ? new Set(ids) : all;
}
