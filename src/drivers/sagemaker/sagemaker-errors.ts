import { AtelierError } from "../../errors.ts";

const BUSY = "The image model is busy. Try again in a minute.";
const DOWN = "The image model is not answering right now. Try again in a minute.";
const SLOW = "The image model took too long. Try again in a minute.";
const NOT_ACCEPTED =
  "The image model did not accept this request. Shorten the prompt and try again.";

/** Nothing was sent, so nothing can have been computed. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** The parts of an SDK error that decide; every one may be absent. */
interface SdkFailure {
  name: string;
  message: string;
  code?: string;
  /** What the container itself answered, in a ModelError. */
  OriginalStatusCode?: number;
  $metadata?: { httpStatusCode?: number };
  $response?: { headers?: Record<string, string> };
}

/**
 * Translates what `client.send` threw. Source: Amazon SageMaker API Reference, InvokeEndpoint,
 * "Errors".
 */
export function sagemakerError(thrown: unknown, endpoint: string): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  const failure = asFailure(thrown);
  const cause = thrown;
  switch (failure.name) {
    case "ModelError":
      return modelError(failure.OriginalStatusCode, cause);
    case "ThrottlingException":
    case "ModelNotReadyException":
      return rateLimited(failure, cause);
    case "InternalFailure":
    case "InternalDependencyException":
    case "ServiceUnavailable":
    case "ServiceUnavailableException":
      return new AtelierError("unavailable", DOWN, { cause });
    // "Endpoint … of account … not found." comes under this name, with status 400.
    case "ValidationError":
    case "ValidationException":
      return endpointNotFound(endpoint, cause);
    case "AccessDeniedException":
      return accessDenied(endpoint, cause);
    case "CredentialsProviderError":
    case "ExpiredTokenException":
    case "UnrecognizedClientException":
    case "InvalidSignatureException":
    case "IncompleteSignatureException":
    case "MissingAuthenticationTokenException":
      return new AtelierError(
        "misconfigured",
        `AWS did not accept the credentials for SageMaker (${failure.name}). Give the process valid, current credentials.`,
        { cause },
      );
    default:
      return byStatusOrCode(failure, endpoint, cause);
  }
}

/**
 * What an aborted call rejects with: an AtelierError given as the reason, the sentence for a
 * deadline that has passed, or else the reason as it is.
 */
export function abortError(signal: AbortSignal): unknown {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name === "TimeoutError") {
    return new AtelierError("unavailable", SLOW, {
      cause: reason,
      code: "Timeout",
      retryAtMostOnce: true,
    });
  }
  return reason;
}

/** The container answered, and not with 200. Other than its 4xx, it may have computed the picture. */
function modelError(original: number | undefined, cause: unknown): AtelierError {
  if (original === 400 || original === 413 || original === 422) {
    return new AtelierError("invalid_input", NOT_ACCEPTED, { cause });
  }
  if (original === 429) return new AtelierError("rate_limited", BUSY, { cause });
  return new AtelierError("unavailable", DOWN, { cause, retryAtMostOnce: true });
}

function byStatusOrCode(failure: SdkFailure, endpoint: string, cause: unknown): AtelierError {
  const status = failure.$metadata?.httpStatusCode;
  const code = failure.code ?? "";
  if (NEVER_SENT.has(code) || /establish a connection/i.test(failure.message)) {
    return new AtelierError("unavailable", DOWN, { cause });
  }
  if (status === 429) return rateLimited(failure, cause);
  if (status === 403) return accessDenied(endpoint, cause);
  if (status === 404) return endpointNotFound(endpoint, cause);
  if (status === 400 || status === 413) {
    return new AtelierError("invalid_input", NOT_ACCEPTED, { cause });
  }
  if (status === 500 || status === 502 || status === 503) {
    return new AtelierError("unavailable", DOWN, { cause });
  }
  // A connection cut in mid-call, a gateway's timeout, an answer that cannot be read.
  if (status !== undefined || code !== "") {
    return new AtelierError("unavailable", DOWN, { cause, retryAtMostOnce: true });
  }
  return new AtelierError(
    "internal",
    `Calling the endpoint ${endpoint} failed: ${failure.message}`,
    {
      cause,
    },
  );
}

function rateLimited(failure: SdkFailure, cause: unknown): AtelierError {
  const seconds = Number(failure.$response?.headers?.["retry-after"]);
  return new AtelierError("rate_limited", BUSY, {
    cause,
    ...(seconds > 0 && { retryAfterMs: Math.ceil(seconds * 1_000) }),
  });
}

function accessDenied(endpoint: string, cause: unknown): AtelierError {
  return new AtelierError(
    "misconfigured",
    `AWS denied the call to the SageMaker endpoint ${endpoint}. Allow sagemaker:InvokeEndpoint on it for the role.`,
    { cause, code: "AccessDenied" },
  );
}

function endpointNotFound(endpoint: string, cause: unknown): AtelierError {
  return new AtelierError(
    "misconfigured",
    `The SageMaker endpoint ${endpoint} cannot be called. Check SAGEMAKER_ENDPOINT and SAGEMAKER_REGION, and that the endpoint is InService.`,
    { cause, code: "ModelNotFound" },
  );
}

function asFailure(thrown: unknown): SdkFailure {
  return thrown instanceof Error ? thrown : { name: "", message: String(thrown) };
}
