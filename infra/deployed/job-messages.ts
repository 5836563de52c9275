import { z } from "zod";
import { AtelierError } from "#core";
import type { ReceivedMessage } from "../../src/drivers/aws/sqs-visibility.ts";

/** One message of the job queue, or of its dead letters. */
export interface JobMessage extends ReceivedMessage {
  messageId: string;
  /** Null where its body is none of ours. */
  jobId: string | null;
  /** How often the queue has given it, this time included. */
  receiveCount: number;
}

// Lambda Developer Guide, "Using Lambda with Amazon SQS", example events.
const eventSchema = z.object({
  Records: z.array(
    z.object({
      messageId: z.string().min(1),
      receiptHandle: z.string(),
      body: z.unknown(),
      eventSourceARN: z.string(),
      attributes: z
        .object({
          ApproximateReceiveCount: z.coerce.number().int().positive().catch(1),
          MessageGroupId: z.string().optional(),
        })
        .catch({ ApproximateReceiveCount: 1 }),
    }),
  ),
});
const bodySchema = z.object({ jobId: z.string().min(1).max(200) });

/**
 * The messages of an SQS event by message group, each group in its order; a message without a
 * group is one of its own. Rejects with `misconfigured` what no queue sends.
 */
export function readJobMessages(event: unknown): JobMessage[][] {
  const parsed = eventSchema.safeParse(event);
  if (!parsed.success) {
    throw new AtelierError(
      "misconfigured",
      "This function takes messages of the job queue only. Invoke it through its event source mapping.",
      { cause: parsed.error },
    );
  }
  const groups = new Map<string, JobMessage[]>();
  for (const record of parsed.data.Records) {
    const { messageId, receiptHandle, eventSourceARN: queueArn, attributes } = record;
    const message = {
      messageId,
      receiptHandle,
      queueArn,
      jobId: readJobId(record.body),
      receiveCount: attributes.ApproximateReceiveCount,
    };
    const group = attributes.MessageGroupId ?? `message ${messageId}`;
    groups.set(group, [...(groups.get(group) ?? []), message]);
  }
  return [...groups.values()];
}

function readJobId(body: unknown): string | null {
  if (typeof body !== "string") return null;
  try {
    return bodySchema.parse(JSON.parse(body)).jobId;
  } catch {
    return null;
  }
}
