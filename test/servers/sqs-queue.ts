import { createHash, randomUUID } from "node:crypto";

export interface QueueOptions {
  /** Seconds; 30 as in SQS. */
  visibilityTimeout?: number;
  /** Where a message goes that was received that often and is still there. */
  redrive?: { deadLetterQueue: string; maxReceiveCount: number };
  contentBasedDeduplication?: boolean;
}

/** What SendMessage asks for, checked already. */
export interface NewMessage {
  body: string;
  groupId?: string;
  deduplicationId?: string;
  messageAttributes?: unknown;
}

interface StoredMessage extends NewMessage {
  id: string;
  sequence: string;
  sentAtMs: number;
  /** Until then nobody else receives it. */
  invisibleUntilMs: number;
  /** Of its newest receipt; null before the first one. */
  handle: string | null;
  receiveCount: number;
  firstReceivedAtMs: number;
  deadLetterSourceArn?: string;
}

export type ReceivedMessage = ReturnType<ReturnType<typeof createSqsQueue>["receive"]>[number];

/** Amazon SQS Developer Guide, "Using the message deduplication ID". */
const DEDUPLICATION_MS = 5 * 60_000;
const DEFAULT_VISIBILITY_SECONDS = 30;

/** How an operation on a receipt went; the server makes the service's errors of it. */
export type ReceiptOutcome = "done" | "malformed" | "expired" | "not in flight";

/**
 * One queue as SQS keeps it. A FIFO queue gives the messages of a group in their order, and none
 * of them while an earlier receipt of that group is open. Source: Amazon SQS Developer Guide,
 * "FIFO queue delivery logic".
 */
export function createSqsQueue({
  arn,
  isFifo,
  options,
  nowMs,
  moveToDeadLetters,
}: {
  arn: string;
  isFifo: boolean;
  options: QueueOptions;
  nowMs: () => number;
  moveToDeadLetters: (message: StoredMessage) => void;
}) {
  const messages: StoredMessage[] = [];
  const deduplicated = new Map<string, { message: StoredMessage; untilMs: number }>();
  let sequence = 10n ** 19n;

  const isInFlight = (message: StoredMessage) =>
    message.handle !== null && message.invisibleUntilMs > nowMs();

  function remove(message: StoredMessage): void {
    messages.splice(messages.indexOf(message), 1);
  }

  /** The message of that receipt, or what is wrong with it; null when the message is gone. */
  function findReceipt(handle: string): StoredMessage | Exclude<ReceiptOutcome, "done"> | null {
    const id = Buffer.from(handle, "base64").toString().split(" ")[0] ?? "";
    if (!/^[0-9a-f-]{36}$/u.test(id)) return "malformed";
    const message = messages.find((each) => each.id === id);
    if (message === undefined) return null;
    if (message.handle === handle && isInFlight(message)) return message;
    return isFifo ? "expired" : message.handle === handle ? message : "not in flight";
  }

  return {
    arn,
    isFifo,
    options,

    /** Adds it, unless a message of its deduplication id came within five minutes. */
    send(message: NewMessage): { id: string; sequence: string; isNew: boolean } {
      const key =
        message.deduplicationId ??
        (options.contentBasedDeduplication === true ? sha256(message.body) : undefined);
      const earlier = isFifo && key !== undefined ? deduplicated.get(key) : undefined;
      if (earlier !== undefined && earlier.untilMs > nowMs()) {
        return { id: earlier.message.id, sequence: earlier.message.sequence, isNew: false };
      }
      const stored: StoredMessage = {
        ...message,
        id: randomUUID(),
        sequence: String(sequence++),
        sentAtMs: nowMs(),
        invisibleUntilMs: 0,
        handle: null,
        receiveCount: 0,
        firstReceivedAtMs: 0,
      };
      if (key !== undefined) {
        deduplicated.set(key, { message: stored, untilMs: nowMs() + DEDUPLICATION_MS });
      }
      messages.push(stored);
      return { id: stored.id, sequence: stored.sequence, isNew: true };
    },

    /** Takes a message that another queue gave up, with its id and its group. */
    adopt(message: StoredMessage): void {
      messages.push({ ...message, sequence: String(sequence++), handle: null, receiveCount: 0 });
    },

    receive(
      max: number,
      visibilitySeconds = options.visibilityTimeout ?? DEFAULT_VISIBILITY_SECONDS,
    ) {
      const closedGroups = new Set(messages.filter(isInFlight).map(({ groupId }) => groupId));
      const found: StoredMessage[] = [];
      for (const message of [...messages]) {
        if (found.length >= max) break;
        if (isInFlight(message) || (isFifo && closedGroups.has(message.groupId))) continue;
        if (
          message.receiveCount >= (options.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY)
        ) {
          remove(message);
          moveToDeadLetters({ ...message, deadLetterSourceArn: arn });
          continue;
        }
        message.handle = Buffer.from(`${message.id} ${randomUUID()}`).toString("base64");
        message.receiveCount += 1;
        message.firstReceivedAtMs ||= nowMs();
        message.invisibleUntilMs = nowMs() + visibilitySeconds * 1_000;
        found.push(message);
      }
      return found.map((message) => ({ ...message, handle: message.handle ?? "" }));
    },

    delete(handle: string): ReceiptOutcome {
      const message = findReceipt(handle);
      if (message === null) return "done";
      if (typeof message === "string") return message;
      remove(message);
      return "done";
    },

    changeVisibility(handle: string, seconds: number): ReceiptOutcome {
      const message = findReceipt(handle);
      if (message === null) return isFifo ? "expired" : "not in flight";
      if (typeof message === "string") return message;
      message.invisibleUntilMs = nowMs() + seconds * 1_000;
      return "done";
    },

    counts() {
      const inFlight = messages.filter(isInFlight).length;
      return { visible: messages.length - inFlight, inFlight };
    },

    /** What is in it, in order. */
    messages: (): readonly Readonly<StoredMessage>[] => messages.map((each) => ({ ...each })),

    /** Ends the visibility timeout of all messages, as when time passes. */
    makeVisible(): void {
      for (const message of messages) message.invisibleUntilMs = 0;
    },
  };
}

export type SqsQueue = ReturnType<typeof createSqsQueue>;

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
