import { AtelierError } from "../../errors.ts";
import { type AwsFailure, readAwsFailure } from "./aws-failure.ts";

// Names from the Amazon SQS API Reference, "Errors" of SendMessage and of ChangeMessageVisibility;
// those with a prefix are of the older query protocol, which the service still uses for some.
const noQueue = new Set(["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"]);
const throttled = new Set(["RequestThrottled", "OverLimit", "KmsThrottled"]);
const denied = new Set(["AccessDenied", "AccessDeniedException"]);

function misconfiguration({ kind, name, message }: AwsFailure, queue: string): string | null {
  if (noQueue.has(name)) {
    return `SQS has no queue ${queue} in this account and region. Deploy it, or correct JOB_QUEUE_URL and AWS_REGION.`;
  }
  if (denied.has(name)) {
    const right = /sqs:\w+/iu.exec(message)?.[0];
    return `Atelier's credentials may not use the queue ${queue}. Grant them ${right ?? "sqs:SendMessage"} on it.`;
  }
  if (name.startsWith("Kms")) {
    return `The key that encrypts the queue ${queue} cannot be used (${name}). Let Atelier's role use it, or encrypt the queue with SQS's own key.`;
  }
  if (kind === "credentials") {
    return `AWS did not accept the credentials for the queue ${queue} (${name}): they are missing, expired or wrong, or this machine's time is. Renew them.`;
  }
  return null;
}

/** Translates what the SDK threw about one queue, given by URL or ARN; its error stays the `cause`. */
export function sqsError(thrown: unknown, queue: string): AtelierError {
  const failure = readAwsFailure(thrown);
  const options = { cause: thrown };
  // A queue that is throttled by its key has a name like a misconfigured one.
  if (failure.kind === "throttled" || throttled.has(failure.name)) {
    const message = "Too busy right now. Try again in a minute.";
    return new AtelierError("rate_limited", message, options);
  }
  const advice = misconfiguration(failure, queue);
  if (advice !== null) return new AtelierError("misconfigured", advice, options);
  if (failure.kind === "other") {
    const message = `SQS refused a request on the queue ${queue}: ${failure.message}`;
    return new AtelierError("internal", message, options);
  }
  const message = "The line for jobs does not answer. Try again in a minute.";
  return new AtelierError("unavailable", message, options);
}
