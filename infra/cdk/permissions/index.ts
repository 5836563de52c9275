import type { FunctionId } from "../sizes.ts";
import { clipBatchRights } from "./clip-batch.ts";
import { clipInferenceRights } from "./clip-inference.ts";
import { deadLetterRights } from "./dead-letter.ts";
import { frameSearchRights } from "./frame-search.ts";
import { generateRights } from "./generate.ts";
import type { Right, RightsParts } from "./right.ts";
import { webhookRights } from "./webhook.ts";
import { workerRights } from "./worker.ts";

/** What each function's role may do, beside writing its own log and its traces. */
export const rightsOf: Readonly<Record<FunctionId, (parts: RightsParts) => Right[]>> = {
  webhook: webhookRights,
  worker: workerRights,
  generate: generateRights,
  clipInference: clipInferenceRights,
  clipBatch: clipBatchRights,
  frameSearch: frameSearchRights,
  deadLetter: deadLetterRights,
};
