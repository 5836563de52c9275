import { AtelierError } from "../../errors.ts";
import type { AwsFailure } from "./aws-failure.ts";

/** The model takes no more calls; waits as long as a Retry-After header says. */
export function modelBusy({ cause, retryAfterMs }: AwsFailure): AtelierError {
  return new AtelierError("rate_limited", "The image model is busy. Try again in a minute.", {
    cause,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** `retryAtMostOnce` where the picture may have been made, and charged, all the same. */
export function modelDown(
  { cause }: AwsFailure,
  options: { retryAtMostOnce?: true } = {},
): AtelierError {
  return new AtelierError(
    "unavailable",
    "The image model is not answering right now. Try again in a minute.",
    { cause, ...options },
  );
}

/** Time was up while the model was drawing. */
export function modelSlow(cause: unknown): AtelierError {
  return new AtelierError("unavailable", "The image model took too long. Try again in a minute.", {
    cause,
    code: "Timeout",
    retryAtMostOnce: true,
  });
}

/** What is the same at every service that draws; null where its own answers decide. */
export function sharedModelError(failure: AwsFailure, service: string): AtelierError | null {
  switch (failure.kind) {
    case "credentials":
      return new AtelierError(
        "misconfigured",
        `AWS did not accept the credentials for ${service} (${failure.name}). Give the process valid, current credentials.`,
        { cause: failure.cause },
      );
    case "throttled":
      return modelBusy(failure);
    case "never_sent":
    case "server_error":
      return modelDown(failure);
    case "cut_off":
      return modelDown(failure, { retryAtMostOnce: true });
    case "other":
      return null;
  }
}

/**
 * What an aborted call rejects with: an AtelierError given as the reason, the sentence for a
 * deadline that has passed, or else the reason as it is.
 */
export function abortError({ reason }: AbortSignal): unknown {
  return reason instanceof Error && reason.name === "TimeoutError" ? modelSlow(reason) : reason;
}
