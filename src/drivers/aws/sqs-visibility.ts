import { ChangeMessageVisibilityCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { readAwsFailure } from "./aws-failure.ts";
import { sqsError } from "./sqs-errors.ts";

/** A message as it was received; the next receipt of the same message has another handle. */
export interface ReceivedMessage {
  /** `arn:aws:sqs:us-west-2:123456789012:atelier-jobs.fifo` */
  queueArn: string;
  receiptHandle: string;
}

/** Sets for how long nobody else receives a message. */
export interface MessageVisibility {
  /**
   * From now on for `seconds`; 0 gives it back at once. False when it is not this receipt's any
   * more. Rejects like every port.
   */
  set(message: ReceivedMessage, seconds: number): Promise<boolean>;
}

// Amazon SQS API Reference, ChangeMessageVisibility, "Errors"; a FIFO queue calls an expired
// handle an invalid value.
const notOurs = new Set([
  "MessageNotInflight",
  "AWS.SimpleQueueService.MessageNotInflight",
  "ReceiptHandleIsInvalid",
  "InvalidParameterValue",
  "InvalidParameterValueException",
]);

export function createSqsVisibility({ client }: { client: SQSClient }): MessageVisibility {
  return {
    async set({ queueArn, receiptHandle }, seconds) {
      const command = new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrlOf(queueArn),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      });
      try {
        await client.send(command);
        return true;
      } catch (thrown) {
        if (notOurs.has(readAwsFailure(thrown).name)) return false;
        throw sqsError(thrown, queueArn);
      }
    },
  };
}

/** `arn:{partition}:sqs:{region}:{account}:{name}` → `https://sqs.{region}.{domain}/{account}/{name}` */
function queueUrlOf(arn: string): string {
  const [, partition, , region, account, name] = arn.split(":");
  const domain = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://sqs.${region}.${domain}/${account}/${name}`;
}
