import { LambdaClient } from "@aws-sdk/client-lambda";
import { patientRequests } from "./patient-requests.ts";

/** The client that functions are invoked with; `destroy()` it at the end. */
export function createLambdaClient({ region }: { region: string }): LambdaClient {
  return new LambdaClient({ region, ...patientRequests() });
}
