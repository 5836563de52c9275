import { AtelierError } from "../../errors.ts";
import { type AwsFailure, readAwsFailure } from "./aws-failure.ts";

/** The service as sentences for the operator name it. */
export interface ClipServiceName {
  /** E.g. `the Lambda function clip-inference`. */
  title: string;
  /** The IAM action that a call needs. */
  right: string;
  /** The settings that say where it is. */
  settings: string;
  /** Which of our functions it should be. */
  entry?: "clip-inference" | "frame-search";
}

/** What is wrong with a service that answers, but not as agreed. */
export function wrongAnswer(
  { title, entry = "clip-inference" }: ClipServiceName,
  what: string,
  cause?: unknown,
): AtelierError {
  return new AtelierError(
    "misconfigured",
    `${upperFirst(title)} does not answer as a CLIP service does: ${what}. Deploy the ${entry} of this version there.`,
    cause === undefined ? {} : { cause },
  );
}

export function clipBusy(cause: unknown, retryAfterMs?: number): AtelierError {
  return new AtelierError("rate_limited", "The search model is busy. Try again in a minute.", {
    cause,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

export function clipDown(cause: unknown): AtelierError {
  return new AtelierError(
    "unavailable",
    "The search model is not answering right now. Try again in a minute.",
    { cause },
  );
}

export function clipSlow(cause: unknown): AtelierError {
  return new AtelierError("unavailable", "The search model took too long. Try again in a minute.", {
    cause,
    code: "Timeout",
  });
}

export function tooLargeForClip(cause: unknown): AtelierError {
  return new AtelierError(
    "invalid_input",
    "This picture is too large for the search model. Give a smaller one.",
    { cause, code: "InvalidImage" },
  );
}

/** The service is not there, or is none that can be called. */
export function clipNotFound({ title, settings }: ClipServiceName, cause: unknown): AtelierError {
  return new AtelierError(
    "misconfigured",
    `${upperFirst(title)} is not there. Check ${settings}.`,
    {
      cause,
      code: "ModelNotFound",
    },
  );
}

/** What means the same for Lambda and SageMaker; each service's own names are read before. */
export function sharedClipError(thrown: unknown, service: ClipServiceName): AtelierError {
  const failure: AwsFailure = readAwsFailure(thrown);
  const { kind, cause, httpStatus, name, message } = failure;
  switch (kind) {
    case "credentials":
      return new AtelierError(
        "misconfigured",
        `AWS did not accept the credentials for ${service.title} (${name}). Give the process valid, current credentials.`,
        { cause },
      );
    case "throttled":
      return clipBusy(cause, failure.retryAfterMs);
    case "cut_off":
      return name === "TimeoutError" ? clipSlow(cause) : clipDown(cause);
    case "never_sent":
    case "server_error":
      return clipDown(cause);
    case "other":
      if (httpStatus === 413) return tooLargeForClip(cause);
      if (httpStatus === 404) return clipNotFound(service, cause);
      if (httpStatus === 403) {
        return new AtelierError(
          "misconfigured",
          `AWS denied the call to ${service.title}. Allow ${service.right} on it for the role.`,
          { cause, code: "AccessDenied" },
        );
      }
      return new AtelierError("internal", `Calling ${service.title} failed: ${message}`, { cause });
  }
}

/** What an aborted call rejects with: the reason as it is, but a deadline in a sentence. */
export function clipAbort({ reason }: AbortSignal): unknown {
  return reason instanceof Error && reason.name === "TimeoutError" ? clipSlow(reason) : reason;
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
