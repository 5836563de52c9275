import { z } from "zod";

/** What an SDK call threw, read once for all four services. */
export interface AwsFailure {
  kind: AwsFailureKind;
  /** The service's or the SDK's name for it, e.g. `ThrottlingException`. */
  name: string;
  message: string;
  /** Node's code, e.g. `ECONNRESET`; empty where there is none. */
  code: string;
  /** Absent where no answer came. */
  httpStatus: number | undefined;
  /** What a Retry-After header asks for. */
  retryAfterMs: number | undefined;
  /** What was thrown. */
  cause: unknown;
}

/**
 * What means the same at every service:
 * - `credentials`: they are missing, expired or wrong, or this machine's time is.
 * - `throttled`: too many requests.
 * - `never_sent`: the service was not reached, so nothing was done or charged.
 * - `cut_off`: no answer to a request that was on its way; the work may have been done.
 * - `server_error`: every other answer of 500 or above.
 * - `other`: the service's own errors decide.
 */
type AwsFailureKind =
  | "credentials"
  | "throttled"
  | "never_sent"
  | "cut_off"
  | "server_error"
  | "other";

// Names as the services and the SDK write them. Sources: "Common Error Types" of each service's
// API reference; https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html;
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
const badCredentials = new Set([
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignatureException",
  "InvalidAccessKeyId",
  "InvalidSignatureException",
  "InvalidToken",
  "MissingAuthenticationTokenException",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
  "TokenProviderError",
  "TokenRefreshRequired",
  "UnrecognizedClientException",
]);
const throttled = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
]);
const NEVER_SENT = /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|E(?:HOST|NET)(?:UNREACH|DOWN))$/;
const CUT_OFF =
  /^(?:ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ERR_HTTP2_\w+|ERR_STREAM_PREMATURE_CLOSE)$/;

/** Every part of an SDK's error may be absent. */
const sdkErrorSchema = z.object({
  name: z.string().catch(""),
  message: z.string().catch(""),
  code: z.string().catch(""),
  $metadata: z.object({ httpStatusCode: z.number().optional() }).catch({}),
  $response: z
    .object({ headers: z.object({ "retry-after": z.coerce.number().positive().optional() }) })
    .optional()
    .catch(undefined),
});

export function readAwsFailure(thrown: unknown): AwsFailure {
  const { data } = sdkErrorSchema.safeParse(thrown);
  const retryAfterSeconds = data?.$response?.headers["retry-after"];
  const failure = {
    name: data?.name ?? "",
    message: data?.message ?? String(thrown),
    code: data?.code ?? "",
    httpStatus: data?.$metadata.httpStatusCode,
    retryAfterMs:
      retryAfterSeconds === undefined ? undefined : Math.ceil(retryAfterSeconds * 1_000),
    cause: thrown,
  };
  return { ...failure, kind: kindOf(failure) };
}

function kindOf({ name, message, code, httpStatus }: Omit<AwsFailure, "kind">): AwsFailureKind {
  if (badCredentials.has(name)) return "credentials";
  if (throttled.has(name) || httpStatus === 429) return "throttled";
  // The SDK's connection timeout is a TimeoutError like others but for its words.
  const isUnreachable = NEVER_SENT.test(code) || /establish a connection/i.test(message);
  if (isUnreachable && httpStatus === undefined) return "never_sent";
  const isBroken = CUT_OFF.test(code) || name === "TimeoutError";
  if (isBroken || httpStatus === 408 || httpStatus === 504) return "cut_off";
  return httpStatus !== undefined && httpStatus >= 500 ? "server_error" : "other";
}
