import { AtelierError } from "../../errors.ts";
import { type AwsFailure, readAwsFailure } from "./aws-failure.ts";

/** A table of that name is there, but it is not one that Atelier (or its deployment) made. */
const wrongShape = /does not have the specified index|key element does not match the schema/i;

function misconfiguration({ kind, name, message }: AwsFailure, table: string): string | null {
  if (name === "ResourceNotFoundException") {
    return `DynamoDB has no table "${table}" in this account and region. Deploy it, or correct the table's name and AWS_REGION in the settings.`;
  }
  if (wrongShape.test(message)) {
    return `The DynamoDB table "${table}" has other keys or indexes than Atelier needs. Deploy it again, or correct the table's name in the settings.`;
  }
  if (name === "AccessDenied" || name === "AccessDeniedException") {
    // The service names the missing right: "… is not authorized to perform: dynamodb:PutItem on …".
    const right = /dynamodb:\w+/.exec(message)?.[0];
    return `Atelier's credentials may not use the DynamoDB table "${table}". Grant them ${right ?? "dynamodb:GetItem, PutItem, UpdateItem, DeleteItem and Query"} on the table and its indexes.`;
  }
  if (kind === "credentials") {
    return `AWS did not accept the credentials for the DynamoDB table "${table}" (${name}): they are missing, expired or wrong, or this machine's time is. Renew them.`;
  }
  if (message === "Region is missing") {
    return `There is no region for the DynamoDB table "${table}". Set AWS_REGION.`;
  }
  return null;
}

/** Translates what the SDK threw about one table; the SDK's error stays the `cause`. */
export function dynamodbError(thrown: unknown, table: string): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  const failure = readAwsFailure(thrown);
  const options = { cause: thrown };
  const advice = misconfiguration(failure, table);
  if (advice !== null) return new AtelierError("misconfigured", advice, options);
  switch (failure.kind) {
    case "throttled":
      return new AtelierError(
        "rate_limited",
        "Too busy right now. Try again in a minute.",
        options,
      );
    case "never_sent":
    case "cut_off":
    case "server_error":
      return new AtelierError(
        "unavailable",
        "The place where Atelier keeps its records does not answer. Try again in a minute.",
        options,
      );
    default:
      return new AtelierError(
        "internal",
        `DynamoDB refused a request on the table "${table}": ${failure.message}`,
        options,
      );
  }
}
