import { newRandomId } from "../../src/drivers/process/process-runtime.ts";
import type { ClipBatchAnswer } from "../clip-services/clip-batch.ts";
import { createLambdaHandler } from "../clip-services/lambda-handler.ts";
import { answerProblem, type ServiceAnswer } from "../clip-services/service-answer.ts";
import { clipServices } from "./clip-services.ts";

/** Lambda `clip-batch`: embeds and indexes what appears in the media bucket. */
export const handler = createLambdaHandler<ClipBatchAnswer | ServiceAnswer>({
  name: "clip-batch",
  log: clipServices.log,
  newId: newRandomId,
  work: async (event, signal) => (await clipServices.clipBatch())(event, signal),
  // Ffmpeg ends, and what is being written is written.
  answerMs: 10_000,
  failed(error, reference) {
    // An event that nobody can read is answered; all else fails, so that Lambda sends it again.
    if (error.kind === "invalid_input") return answerProblem(error, reference);
    throw error;
  },
});
