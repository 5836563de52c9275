import { AtelierError } from "../../errors.ts";

const BUSY = "The image model is busy. Try again in a minute.";
const DOWN = "The image model is not answering right now. Try again in a minute.";
const SLOW = "The image model took too long. Try again in a minute.";
const NOT_ACCEPTED =
  "The image model did not accept this request. Shorten the prompt, or give another picture, and try again.";

/** Nothing was sent, so nothing can have been charged. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);
/** The connection broke with the request on its way: the picture may have been made. */
const CUT_OFF = /^(ECONNRESET|EPIPE|ETIMEDOUT|ERR_HTTP2_.*|ERR_STREAM_PREMATURE_CLOSE)$/;

/** The parts of an SDK error that decide; every one may be absent. */
interface SdkFailure {
  name: string;
  message: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
  $response?: { headers?: Record<string, string> };
}

/**
 * Translates what `client.send` threw. Source: Amazon Bedrock API Reference, InvokeModel,
 * "Errors"; which of them may have been charged is documented at each case.
 */
export function bedrockError(thrown: unknown, modelId: string): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  const failure = asFailure(thrown);
  const cause = thrown;
  switch (failure.name) {
    case "ThrottlingException":
    case "ModelNotReadyException":
      return rateLimited(failure, cause);
    case "InternalServerException":
    case "ServiceUnavailableException":
      return new AtelierError("unavailable", DOWN, { cause });
    case "ModelTimeoutException":
      return new AtelierError("unavailable", SLOW, {
        cause,
        code: "Timeout",
        retryAtMostOnce: true,
      });
    case "ModelErrorException":
      return new AtelierError("unavailable", DOWN, { cause, retryAtMostOnce: true });
    case "AccessDeniedException":
      return accessDenied(modelId, cause);
    case "ResourceNotFoundException":
      return modelNotFound(modelId, cause);
    case "ValidationException":
      // An id that Bedrock does not know, or not in this region, is a ValidationException too.
      return /model identifier|on-demand throughput/i.test(failure.message)
        ? modelNotFound(modelId, cause)
        : new AtelierError("invalid_input", NOT_ACCEPTED, { cause });
    case "ServiceQuotaExceededException":
      return new AtelierError(
        "misconfigured",
        `This account's Bedrock quota for ${modelId} is used up. Ask for a higher one in Service Quotas.`,
        { cause },
      );
    case "CredentialsProviderError":
    case "ExpiredTokenException":
    case "UnrecognizedClientException":
    case "InvalidSignatureException":
    case "IncompleteSignatureException":
    case "MissingAuthenticationTokenException":
      return new AtelierError(
        "misconfigured",
        `AWS did not accept the credentials for Bedrock (${failure.name}). Give the process valid, current credentials.`,
        { cause },
      );
    default:
      return byStatusOrCode(failure, modelId, cause);
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

/** Proxies and gateways on the way answer with a status and a body that is not Bedrock's. */
function byStatusOrCode(failure: SdkFailure, modelId: string, cause: unknown): AtelierError {
  const status = failure.$metadata?.httpStatusCode;
  const code = failure.code ?? "";
  if (
    NEVER_SENT.has(code) ||
    /ECONNREFUSED|ENOTFOUND|connection timed? ?out|establish a connection/i.test(failure.message)
  ) {
    return new AtelierError("unavailable", DOWN, { cause });
  }
  if (CUT_OFF.test(code) || status === 408 || status === 504) {
    return new AtelierError("unavailable", DOWN, { cause, retryAtMostOnce: true });
  }
  if (status === 429) return rateLimited(failure, cause);
  if (status === 403) return accessDenied(modelId, cause);
  if (status === 404) return modelNotFound(modelId, cause);
  if (status === 400 || status === 413) {
    return new AtelierError("invalid_input", NOT_ACCEPTED, { cause });
  }
  if (status !== undefined && status >= 500)
    return new AtelierError("unavailable", DOWN, { cause });
  if (status === 200) {
    // The answer could not be read; the picture was made.
    return new AtelierError("unavailable", DOWN, { cause, retryAtMostOnce: true });
  }
  return new AtelierError("internal", `Calling ${modelId} on Bedrock failed: ${failure.message}`, {
    cause,
  });
}

function rateLimited(failure: SdkFailure, cause: unknown): AtelierError {
  const seconds = Number(failure.$response?.headers?.["retry-after"]);
  const retryAfterMs = seconds > 0 ? Math.ceil(seconds * 1_000) : undefined;
  return new AtelierError("rate_limited", BUSY, {
    cause,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function accessDenied(modelId: string, cause: unknown): AtelierError {
  return new AtelierError(
    "misconfigured",
    `AWS denied the call to ${modelId}. Allow bedrock:InvokeModel on this model for the role, and request access to it under "Model access" in the Bedrock console.`,
    { cause, code: "AccessDenied" },
  );
}

function modelNotFound(modelId: string, cause: unknown): AtelierError {
  return new AtelierError(
    "misconfigured",
    `Bedrock does not offer ${modelId} to this account in this region. Check BEDROCK_MODEL_ID and BEDROCK_REGION, and that the model is not retired.`,
    { cause, code: "ModelNotFound" },
  );
}

function asFailure(thrown: unknown): SdkFailure {
  return thrown instanceof Error ? thrown : { name: "", message: String(thrown) };
}
