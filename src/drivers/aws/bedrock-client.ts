import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { oneAttempt } from "./one-attempt.ts";
import { patientRequests } from "./patient-requests.ts";

/** The client that the image models share; `destroy()` it at the end. */
export function createBedrockClient({ region }: { region: string }): BedrockRuntimeClient {
  // The SDK's own choice for Bedrock would be HTTP/2.
  return new BedrockRuntimeClient({ region, ...oneAttempt() });
}

/** The client of guardrails: judging the same twice costs next to nothing. */
export function createGuardrailClient({ region }: { region: string }): BedrockRuntimeClient {
  return new BedrockRuntimeClient({ region, ...patientRequests() });
}
