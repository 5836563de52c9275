import { createHash } from "node:crypto";
import { type JsonRecord, textOf } from "./json-record.ts";
import type { NewMessage, ReceiptOutcome, ReceivedMessage, SqsQueue } from "./sqs-queue.ts";

/** A message of Amazon SQS has at most 1 MiB since August 2025. */
const MESSAGE_MAX_BYTES = 1_048_576;
/** Amazon SQS Developer Guide, "Amazon SQS message quotas". */
const ID_128 = /^[!-~]{1,128}$/u;
const NOT_IN_BODY = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** An error as the service answers it: its name, and that of the older query protocol. */
export class SqsError extends Error {
  readonly code: string;
  readonly queryCode: string;
  readonly status: number;

  constructor(code: string, message: string, { queryCode = code, status = 400 } = {}) {
    super(message);
    this.code = code;
    this.queryCode = queryCode;
    this.status = status;
  }
}

export function missing(parameter: string): SqsError {
  const message = `The request must contain the parameter ${parameter}.`;
  return new SqsError("MissingParameter", message);
}

function invalid(message: string): SqsError {
  return new SqsError("InvalidParameterValue", message);
}

/** What SendMessage asks for. */
export function readMessage(input: JsonRecord, { isFifo, options }: SqsQueue): NewMessage {
  const { MessageBody, MessageGroupId, MessageDeduplicationId, MessageAttributes } = input;
  const body = textOf(MessageBody);
  if (body === "") throw missing("MessageBody");
  if (NOT_IN_BODY.test(body)) throw new SqsError("InvalidMessageContents", "Invalid characters.");
  if (Buffer.byteLength(body) > MESSAGE_MAX_BYTES) {
    throw invalid(
      "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
    );
  }
  if (isFifo && MessageGroupId === undefined) throw missing("MessageGroupId");
  if (isFifo && input.DelaySeconds !== undefined) {
    throw invalid(
      "Value for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
    );
  }
  if (isFifo && MessageDeduplicationId === undefined && !options.contentBasedDeduplication) {
    throw invalid(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }
  for (const [name, id] of Object.entries({ MessageGroupId, MessageDeduplicationId })) {
    if (id === undefined || ID_128.test(textOf(id))) continue;
    throw invalid(
      `Value ${id} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  }
  return {
    body,
    ...(MessageGroupId === undefined ? {} : { groupId: textOf(MessageGroupId) }),
    ...(MessageDeduplicationId === undefined
      ? {}
      : { deduplicationId: textOf(MessageDeduplicationId) }),
    ...(MessageAttributes === undefined ? {} : { messageAttributes: MessageAttributes }),
  };
}

/** A number of the request in its bounds; undefined where it is absent. */
export function numberIn(
  input: JsonRecord,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw invalid(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}, if provided.`,
  );
}

export function handleIn({ ReceiptHandle }: JsonRecord): string {
  if (ReceiptHandle === undefined) throw missing("ReceiptHandle");
  return textOf(ReceiptHandle);
}

export function assertDone(outcome: ReceiptOutcome, handle: string): object {
  switch (outcome) {
    case "done":
      return {};
    case "malformed":
      throw new SqsError(
        "ReceiptHandleIsInvalid",
        `The input receipt handle "${handle}" is not a valid receipt handle.`,
      );
    case "expired":
      throw invalid(
        `Value ${handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
      );
    case "not in flight":
      throw new SqsError(
        "MessageNotInflight",
        `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
        { queryCode: "AWS.SimpleQueueService.MessageNotInflight" },
      );
  }
}

/** A received message with those of its system attributes that were asked for. */
export function messageOut(message: ReceivedMessage, names: readonly unknown[]): object {
  const attributes = {
    SenderId: "AROAEXAMPLE:webhook",
    SentTimestamp: String(message.sentAtMs),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
    SequenceNumber: message.sequence,
    MessageGroupId: message.groupId,
    MessageDeduplicationId: message.deduplicationId,
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
  };
  const asked = Object.entries(attributes).filter(
    ([name, value]) => value !== undefined && (names.includes("All") || names.includes(name)),
  );
  return {
    MessageId: message.id,
    ReceiptHandle: message.handle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(asked.length === 0 ? {} : { Attributes: Object.fromEntries(asked) }),
    ...(message.messageAttributes === undefined
      ? {}
      : { MessageAttributes: message.messageAttributes }),
  };
}

export function attributesOf(queue: SqsQueue, arnOf: (name: string) => string) {
  const { visible, inFlight } = queue.counts();
  const { visibilityTimeout = 30, redrive, contentBasedDeduplication = false } = queue.options;
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: "0",
    VisibilityTimeout: String(visibilityTimeout),
    ...(queue.isFifo
      ? { FifoQueue: "true", ContentBasedDeduplication: String(contentBasedDeduplication) }
      : {}),
    ...(redrive === undefined
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: arnOf(redrive.deadLetterQueue),
            maxReceiveCount: redrive.maxReceiveCount,
          }),
        }),
  };
}

export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
