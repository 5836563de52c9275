import { ModelError } from "@aws-sdk/client-sagemaker-runtime";
import { AtelierError } from "../../errors.ts";
import { type AwsFailure, readAwsFailure } from "./aws-failure.ts";
import { modelBusy, modelDown, sharedModelError } from "./model-errors.ts";

/**
 * Translates what `client.send` threw. Source: Amazon SageMaker API Reference, InvokeEndpoint,
 * "Errors".
 */
export function sagemakerError(thrown: unknown, endpoint: string): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  const failure = readAwsFailure(thrown);
  if (thrown instanceof ModelError) return modelError(failure, thrown.OriginalStatusCode);
  switch (failure.name) {
    case "ModelNotReadyException":
      return modelBusy(failure);
    case "InternalFailure":
    case "InternalDependencyException":
    case "ServiceUnavailable":
    case "ServiceUnavailableException":
      return modelDown(failure);
    // "Endpoint … of account … not found." comes under this name, with status 400.
    case "ValidationError":
    case "ValidationException":
      return endpointNotFound(endpoint, failure.cause);
    case "AccessDeniedException":
      return accessDenied(endpoint, failure.cause);
    default:
      return byStatus(failure, endpoint);
  }
}

/** The container answered, and not with 200. Other than its 4xx, it may have computed the picture. */
function modelError(failure: AwsFailure, original: number | undefined): AtelierError {
  if (original === 400 || original === 413 || original === 422) return notAccepted(failure.cause);
  if (original === 429) return modelBusy(failure);
  return modelDown(failure, { retryAtMostOnce: true });
}

function byStatus(failure: AwsFailure, endpoint: string): AtelierError {
  const { kind, httpStatus, code, cause } = failure;
  const shared = sharedModelError(failure, "SageMaker");
  // Of the server errors that SageMaker does not document it is not known what was computed.
  const isDocumented = kind !== "server_error" || [500, 502, 503].includes(httpStatus ?? 0);
  if (shared !== null && isDocumented) return shared;
  if (httpStatus === 403) return accessDenied(endpoint, cause);
  if (httpStatus === 404) return endpointNotFound(endpoint, cause);
  if (httpStatus === 400 || httpStatus === 413) return notAccepted(cause);
  // Something came back, or the connection broke: an answer that cannot be read, for one.
  if (httpStatus !== undefined || code !== "") return modelDown(failure, { retryAtMostOnce: true });
  return new AtelierError(
    "internal",
    `Calling the endpoint ${endpoint} failed: ${failure.message}`,
    { cause },
  );
}

function notAccepted(cause: unknown): AtelierError {
  return new AtelierError(
    "invalid_input",
    "The image model did not accept this request. Shorten the prompt and try again.",
    { cause },
  );
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
