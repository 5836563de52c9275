import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { oneAttempt } from "./one-attempt.ts";

/** The client that endpoints are called with; `destroy()` it at the end. */
export function createSagemakerClient({ region }: { region: string }): SageMakerRuntimeClient {
  return new SageMakerRuntimeClient({ region, ...oneAttempt() });
}
