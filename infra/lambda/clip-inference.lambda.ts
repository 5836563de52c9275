import { newRandomId } from "../../src/drivers/process/process-runtime.ts";
import { createLambdaHandler } from "../clip-services/lambda-handler.ts";
import { answerProblem } from "../clip-services/service-answer.ts";
import { clipServices } from "./clip-services.ts";

/** Lambda `clip-inference`: embeds texts or pictures. */
export const handler = createLambdaHandler({
  name: "clip-inference",
  log: clipServices.log,
  newId: newRandomId,
  work: async (event, signal) => (await clipServices.clipInference())(event, signal),
  failed: answerProblem,
});
