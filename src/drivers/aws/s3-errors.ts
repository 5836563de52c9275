import { S3ServiceException } from "@aws-sdk/client-s3";
import { AtelierError } from "../../errors.ts";
import { readAwsFailure } from "./aws-failure.ts";

/** What was tried, for sentences that name what to change. */
export interface S3Attempt {
  bucket: string;
  /** The IAM action that the call needs, e.g. `s3:GetObject`. */
  right: string;
}

/** Names from https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const names = {
  noBucket: new Set(["NoSuchBucket", "InvalidBucketName"]),
  noAccess: new Set(["AccessDenied", "AllAccessDisabled"]),
  wrongRegion: new Set([
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
  ]),
  outOfTime: new Set(["TimeoutError", "AbortError", "RequestTimeout"]),
};

/** Whether S3 says that there is no such object. A missing bucket is another matter. */
export function saysAbsent(thrown: unknown): boolean {
  if (!(thrown instanceof S3ServiceException) || thrown.name === "NoSuchBucket") return false;
  return thrown.name === "NoSuchKey" || thrown.$metadata.httpStatusCode === 404;
}

/** What S3 or the way to it refused, as the operator should read it. */
export function asS3Error(thrown: unknown, { bucket, right }: S3Attempt): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  const { kind, name, message, httpStatus: status } = readAwsFailure(thrown);

  if (names.noBucket.has(name)) {
    return new AtelierError(
      "misconfigured",
      `There is no bucket "${bucket}". Create it, or correct the bucket's name in the settings.`,
      { cause: thrown, code: "NoSuchBucket" },
    );
  }
  // A redirect carries an endpoint, not an error code; HEAD answers carry no code at all. The
  // SDK's error for a region that is set nowhere has no name of its own.
  if (names.wrongRegion.has(name) || status === 301 || message === "Region is missing") {
    return new AtelierError(
      "misconfigured",
      `AWS_REGION is not the region of the bucket "${bucket}". Set it to the bucket's region.`,
      { cause: thrown },
    );
  }
  if (kind === "credentials" || names.noAccess.has(name) || status === 401 || status === 403) {
    return new AtelierError(
      "misconfigured",
      `S3 refused ${right} on the bucket "${bucket}" (${name || status}). Give the service's role ${right} on "${bucket}/*" and s3:ListBucket on "${bucket}", and check that its credentials and the machine's clock are valid.`,
      { cause: thrown, code: "AccessDenied" },
    );
  }
  // At S3 a 503 means "Reduce your request rate".
  if (kind === "throttled" || name === "ServiceUnavailable" || status === 503) {
    return new AtelierError("rate_limited", "The picture store is busy. Try again in a moment.", {
      cause: thrown,
    });
  }
  if (names.outOfTime.has(name)) {
    return new AtelierError("unavailable", "The picture store did not answer in time. Try again.", {
      cause: thrown,
      code: "Timeout",
    });
  }
  if (kind === "never_sent" || kind === "cut_off" || kind === "server_error") {
    return new AtelierError("unavailable", "The picture store cannot be reached. Try again soon.", {
      cause: thrown,
    });
  }
  return new AtelierError("internal", `S3 failed at ${right} on "${bucket}": ${message}`, {
    cause: thrown,
  });
}
