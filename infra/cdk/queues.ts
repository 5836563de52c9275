import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { Names } from "./names.ts";
import {
  deadLetterRetentionDays,
  functionSizes,
  maxReceiveCount,
  queueRetentionDays,
  visibilityFactor,
} from "./sizes.ts";

export interface Queues {
  jobs: Queue;
  jobsDeadLetters: Queue;
  imageBatch: Queue;
  imageBatchDeadLetters: Queue;
}

/** Jobs in the order of each person, batches of pictures in none; each with its dead letters. */
export function createQueues(scope: Construct, names: Names): Queues {
  function create(id: keyof Queues, props: QueueProps): Queue {
    return new Queue(scope, `${id}Queue`, {
      queueName: names.queues[id],
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(queueRetentionDays),
      ...props,
    });
  }
  const untilRead = Duration.days(deadLetterRetentionDays);
  const jobsDeadLetters = create("jobsDeadLetters", {
    fifo: true,
    retentionPeriod: untilRead,
    visibilityTimeout: visibilityOf("deadLetter"),
  });
  const imageBatchDeadLetters = create("imageBatchDeadLetters", { retentionPeriod: untilRead });
  return {
    // Each message says what it is a duplicate of: the job's id, which the delivery's id makes.
    jobs: create("jobs", {
      fifo: true,
      visibilityTimeout: visibilityOf("worker"),
      deadLetterQueue: { queue: jobsDeadLetters, maxReceiveCount },
    }),
    jobsDeadLetters,
    imageBatch: create("imageBatch", {
      visibilityTimeout: visibilityOf("generate"),
      deadLetterQueue: { queue: imageBatchDeadLetters, maxReceiveCount },
    }),
    imageBatchDeadLetters,
  };
}

function visibilityOf(id: "worker" | "generate" | "deadLetter"): Duration {
  return Duration.seconds(visibilityFactor * functionSizes[id].timeoutSeconds);
}
