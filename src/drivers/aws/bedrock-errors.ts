import { AtelierError } from "../../errors.ts";
import { type AwsFailure, readAwsFailure } from "./aws-failure.ts";
import { modelBusy, modelDown, modelSlow, sharedModelError } from "./model-errors.ts";

/**
 * Translates what `client.send` threw. Source: Amazon Bedrock API Reference, InvokeModel,
 * "Errors"; it also says which of them may have been charged.
 */
export function bedrockError(thrown: unknown, modelId: string): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  const failure = readAwsFailure(thrown);
  const { cause } = failure;
  switch (failure.name) {
    case "ModelNotReadyException":
      return modelBusy(failure);
    case "InternalServerException":
    case "ServiceUnavailableException":
      return modelDown(failure);
    case "ModelTimeoutException":
      return modelSlow(cause);
    case "ModelErrorException":
      return modelDown(failure, { retryAtMostOnce: true });
    case "AccessDeniedException":
      return accessDenied(modelId, cause);
    case "ResourceNotFoundException":
      return modelNotFound(modelId, cause);
    case "ValidationException":
      // An id that Bedrock does not know, or not in this region, is a ValidationException too.
      return /model identifier|on-demand throughput/i.test(failure.message)
        ? modelNotFound(modelId, cause)
        : notAccepted(cause);
    case "ServiceQuotaExceededException":
      return new AtelierError(
        "misconfigured",
        `This account's Bedrock quota for ${modelId} is used up. Ask for a higher one in Service Quotas.`,
        { cause },
      );
    default:
      return sharedModelError(failure, "Bedrock") ?? byStatus(failure, modelId);
  }
}

/** Proxies and gateways on the way answer with a status and a body that is not Bedrock's. */
function byStatus(failure: AwsFailure, modelId: string): AtelierError {
  const { cause, message } = failure;
  switch (failure.httpStatus) {
    case 400:
    case 413:
      return notAccepted(cause);
    case 403:
      return accessDenied(modelId, cause);
    case 404:
      return modelNotFound(modelId, cause);
    case 200:
      // The answer could not be read; the picture was made.
      return modelDown(failure, { retryAtMostOnce: true });
    default:
      return new AtelierError("internal", `Calling ${modelId} on Bedrock failed: ${message}`, {
        cause,
      });
  }
}

function notAccepted(cause: unknown): AtelierError {
  return new AtelierError(
    "invalid_input",
    "The image model did not accept this request. Shorten the prompt, or give another picture, and try again.",
    { cause },
  );
}

function accessDenied(modelId: string, cause: unknown): AtelierError {
  return new AtelierError(
    "misconfigured",
    `AWS denied the call to ${modelId}. Allow bedrock:InvokeModel on this model for the role, and open the model once from the Bedrock console's Model catalog, as someone who may subscribe on AWS Marketplace.`,
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
