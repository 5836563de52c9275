import { AtelierError } from "../../errors.ts";

// Names as the service and the SDK write them:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
const throttled = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingException",
]);
const denied = new Set(["AccessDenied", "AccessDeniedException"]);
const badCredentials = new Set([
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignatureException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  "TokenProviderError",
  "UnrecognizedClientException",
]);
const networkCodes = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);
/** A table of that name is there, but it is not one that Atelier (or its deployment) made. */
const wrongShape = /does not have the specified index|key element does not match the schema/i;

interface Failure {
  name: string;
  message: string;
  code: string;
  httpStatus: number;
}

function read(thrown: unknown): Failure {
  const failure: Failure = { name: "", message: String(thrown), code: "", httpStatus: 0 };
  if (!(thrown instanceof Error)) return failure;
  failure.name = thrown.name;
  failure.message = thrown.message;
  if ("code" in thrown && typeof thrown.code === "string") failure.code = thrown.code;
  if ("$metadata" in thrown && typeof thrown.$metadata === "object" && thrown.$metadata !== null) {
    const { $metadata: metadata } = thrown;
    if ("httpStatusCode" in metadata && typeof metadata.httpStatusCode === "number") {
      failure.httpStatus = metadata.httpStatusCode;
    }
  }
  return failure;
}

function misconfiguration({ name, message }: Failure, table: string): string | null {
  if (name === "ResourceNotFoundException") {
    return `DynamoDB has no table "${table}" in this account and region. Deploy it, or correct the table's name and AWS_REGION in the settings.`;
  }
  if (wrongShape.test(message)) {
    return `The DynamoDB table "${table}" has other keys or indexes than Atelier needs. Deploy it again, or correct the table's name in the settings.`;
  }
  if (denied.has(name)) {
    // The service names the missing right: "… is not authorized to perform: dynamodb:PutItem on …".
    const right = /dynamodb:\w+/.exec(message)?.[0];
    return `Atelier's credentials may not use the DynamoDB table "${table}". Grant them ${right ?? "dynamodb:GetItem, PutItem, UpdateItem, DeleteItem and Query"} on the table and its indexes.`;
  }
  if (badCredentials.has(name)) {
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
  const failure = read(thrown);
  const options = { cause: thrown };
  if (throttled.has(failure.name) || failure.httpStatus === 429) {
    return new AtelierError("rate_limited", "Too busy right now. Try again in a minute.", options);
  }
  const advice = misconfiguration(failure, table);
  if (advice !== null) return new AtelierError("misconfigured", advice, options);
  const isUnreachable = networkCodes.has(failure.code) || failure.name === "TimeoutError";
  if (isUnreachable || failure.httpStatus >= 500) {
    return new AtelierError(
      "unavailable",
      "The place where Atelier keeps its records does not answer. Try again in a minute.",
      options,
    );
  }
  return new AtelierError(
    "internal",
    `DynamoDB refused a request on the table "${table}": ${failure.message}`,
    options,
  );
}
