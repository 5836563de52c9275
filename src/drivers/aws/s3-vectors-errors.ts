import { AtelierError } from "../../errors.ts";
import { readAwsFailure } from "./aws-failure.ts";

/** Whether S3 Vectors says that there is no such index (or bucket). */
export function saysNoIndex(thrown: unknown): boolean {
  return readAwsFailure(thrown).name === "NotFoundException";
}

/** Whether another process made the same index a moment ago. */
export function saysIndexExists(thrown: unknown): boolean {
  return readAwsFailure(thrown).name === "ConflictException";
}

/**
 * What S3 Vectors or the way to it refused, as the operator should read it. Names from the API
 * reference of Amazon S3 Vectors, "Errors" of each action.
 */
export function asS3VectorsError(thrown: unknown, bucket: string, right: string): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  const { kind, name, message, httpStatus, retryAfterMs, cause } = readAwsFailure(thrown);
  if (name === "NotFoundException") {
    return new AtelierError(
      "misconfigured",
      `There is no vector bucket "${bucket}" in this region. Create it, or correct its name in the settings.`,
      { cause, code: "NoSuchBucket" },
    );
  }
  if (kind === "credentials" || name === "AccessDeniedException" || httpStatus === 403) {
    return new AtelierError(
      "misconfigured",
      `S3 Vectors refused ${right} on the vector bucket "${bucket}" (${name}). Give the service's role ${right}, and s3vectors:GetVectors for filters.`,
      { cause, code: "AccessDenied" },
    );
  }
  if (name === "ServiceQuotaExceededException") {
    return new AtelierError(
      "misconfigured",
      `The vector bucket "${bucket}" has reached a quota of S3 Vectors. Ask for a higher one, or remove indexes that are not used.`,
      { cause },
    );
  }
  if (kind === "throttled" || name === "TooManyRequestsException") {
    return new AtelierError("rate_limited", "The frame index is busy. Try again in a moment.", {
      cause,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  if (kind === "cut_off" || name === "RequestTimeoutException") {
    return new AtelierError("unavailable", "The frame index did not answer in time. Try again.", {
      cause,
      code: "Timeout",
    });
  }
  if (kind === "never_sent" || kind === "server_error") {
    return new AtelierError("unavailable", "The frame index cannot be reached. Try again soon.", {
      cause,
    });
  }
  return new AtelierError("internal", `S3 Vectors failed at ${right} on "${bucket}": ${message}`, {
    cause,
  });
}
