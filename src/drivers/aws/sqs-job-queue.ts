import { createHash } from "node:crypto";
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type JobQueue, type Ticket, tooManyWaiting } from "../../ports/index.ts";
import { sqsError } from "./sqs-errors.ts";

/** Works on the job, unless a living process does. Rejects when its record cannot be had. */
type Worker = (jobId: string, signal: AbortSignal) => Promise<void>;

export interface SqsJobQueue extends JobQueue {
  /** Gives the queue the worker of this process, with which it ends waiting jobs at once. */
  start(worker: Worker): void;
}

export interface SqsJobQueueOptions {
  /** One of `createSqsClient`. */
  client: SQSClient;
  /** Of a FIFO queue. */
  queueUrl: string;
  waitingPerPerson: number;
  /** The ids of the person's jobs that draw and wait. */
  listWaiting: (user: string) => Promise<readonly string[]>;
  /** Writes down that a job is to stop, for the process that runs it. */
  markCancelled: (jobId: string) => Promise<void>;
  /** What a cancelled job's signal is aborted with. */
  cancelled: () => Error;
}

/**
 * The JobQueue on an SQS FIFO queue. A person's jobs that draw are one message group, so that
 * they run one after the other and people do not wait for each other; what answers at once is
 * another group, so that /cancel does not wait for what it cancels. The job's id, which comes
 * from the platform's delivery, is the deduplication id. Messages are worked on elsewhere.
 */
export function createSqsJobQueue({
  client,
  queueUrl,
  waitingPerPerson,
  listWaiting,
  markCancelled,
  cancelled,
}: SqsJobQueueOptions): SqsJobQueue {
  let worker: Worker | null = null;

  return {
    async enqueue(ticket) {
      if (!ticket.quick) {
        const others = (await listWaiting(ticket.user)).filter((id) => id !== ticket.jobId);
        if (others.length >= waitingPerPerson) throw tooManyWaiting(waitingPerPerson);
      }
      const command = new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify({ jobId: ticket.jobId }),
        MessageGroupId: messageGroup(ticket),
        MessageDeduplicationId: ticket.jobId,
      });
      try {
        await client.send(command);
      } catch (thrown) {
        throw sqsError(thrown, queueUrl);
      }
    },

    position: () => null,

    async cancel(jobId) {
      await markCancelled(jobId);
      // Like any other job it comes to its end, and to its person's eyes, by a worker.
      await worker?.(jobId, AbortSignal.abort(cancelled()));
      return true;
    },

    start(nextWorker) {
      worker = nextWorker;
    },
  };
}

/**
 * Letters, digits and ASCII punctuation, at most 128. Source: Amazon SQS Developer Guide,
 * "Amazon SQS message quotas".
 */
const SQS_GROUP_ID = /^[!-~]{1,128}$/u;

function messageGroup({ user, quick }: Ticket): string {
  const group = quick ? `${user}#quick` : user;
  return SQS_GROUP_ID.test(group) ? group : createHash("sha256").update(group).digest("hex");
}
