import { S3ServiceException } from "@aws-sdk/client-s3";
import { AtelierError } from "../../errors.ts";

/** What was tried, for sentences that name what to change. */
export interface S3Attempt {
  bucket: string;
  /** The IAM action that the call needs, e.g. `s3:GetObject`. */
  right: string;
}

/** Names from https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const codes = {
  noBucket: ["NoSuchBucket", "InvalidBucketName"],
  noAccess: [
    "AccessDenied",
    "AllAccessDisabled",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "ExpiredToken",
    "TokenRefreshRequired",
    "RequestTimeTooSkewed",
    // From the SDK, before anything is sent:
    "CredentialsProviderError",
    "TokenProviderError",
  ],
  wrongRegion: [
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
  ],
  slowDown: ["SlowDown", "ServiceUnavailable", "ThrottlingException", "RequestLimitExceeded"],
} as const;

/** Error codes of Node's sockets and resolver, where the request or its answer did not come through. */
const NETWORK_CODE =
  /^(?:ECONN\w+|EPIPE|ENOTFOUND|EAI_\w+|ETIMEDOUT|E(?:HOST|NET)(?:UNREACH|DOWN))$/;

/** Whether S3 says that there is no such object. A missing bucket is another matter. */
export function saysAbsent(thrown: unknown): boolean {
  if (!(thrown instanceof S3ServiceException) || thrown.name === "NoSuchBucket") return false;
  return thrown.name === "NoSuchKey" || thrown.$metadata.httpStatusCode === 404;
}

/** What S3 or the way to it refused, as the operator should read it. */
export function asS3Error(thrown: unknown, { bucket, right }: S3Attempt): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  const name = thrown instanceof Error ? thrown.name : "";
  const status = thrown instanceof S3ServiceException ? thrown.$metadata.httpStatusCode : undefined;
  const isOneOf = (names: readonly string[]) => names.includes(name);

  if (isOneOf(codes.noBucket)) {
    return new AtelierError(
      "misconfigured",
      `There is no bucket "${bucket}". Create it, or correct the bucket's name in the settings.`,
      { cause: thrown, code: "NoSuchBucket" },
    );
  }
  // A redirect carries an endpoint, not an error code; HEAD answers carry no code at all.
  if (isOneOf(codes.wrongRegion) || status === 301 || saysNoRegion(thrown)) {
    return new AtelierError(
      "misconfigured",
      `AWS_REGION is not the region of the bucket "${bucket}". Set it to the bucket's region.`,
      { cause: thrown },
    );
  }
  if (isOneOf(codes.noAccess) || status === 401 || status === 403) {
    return new AtelierError(
      "misconfigured",
      `S3 refused ${right} on the bucket "${bucket}" (${name || status}). Give the service's role ${right} on "${bucket}/*" and s3:ListBucket on "${bucket}", and check that its credentials and the machine's clock are valid.`,
      { cause: thrown, code: "AccessDenied" },
    );
  }
  if (isOneOf(codes.slowDown) || status === 429 || status === 503) {
    return new AtelierError("rate_limited", "The picture store is busy. Try again in a moment.", {
      cause: thrown,
    });
  }
  if (name === "TimeoutError" || name === "AbortError" || name === "RequestTimeout") {
    return new AtelierError("unavailable", "The picture store did not answer in time. Try again.", {
      cause: thrown,
      code: "Timeout",
    });
  }
  if ((status !== undefined && status >= 500) || isNetworkError(thrown)) {
    return new AtelierError("unavailable", "The picture store cannot be reached. Try again soon.", {
      cause: thrown,
    });
  }
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new AtelierError("internal", `S3 failed at ${right} on "${bucket}": ${reason}`, {
    cause: thrown,
  });
}

/** The SDK's error for a region that is set nowhere has no name of its own. */
function saysNoRegion(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === "Region is missing";
}

function isNetworkError(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  // A host with several addresses fails with one error for each.
  if (thrown instanceof AggregateError) return thrown.errors.some(isNetworkError);
  return "code" in thrown && typeof thrown.code === "string" && NETWORK_CODE.test(thrown.code);
}
