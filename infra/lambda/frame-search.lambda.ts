import { newRandomId } from "../../src/drivers/process/process-runtime.ts";
import { createLambdaHandler } from "../clip-services/lambda-handler.ts";
import { answerProblem } from "../clip-services/service-answer.ts";
import { clipServices } from "./clip-services.ts";

/** Lambda `frame-search`: the frames nearest to a text or a picture. */
export const handler = createLambdaHandler({
  name: "frame-search",
  log: clipServices.log,
  newId: newRandomId,
  work: async (event, signal) => (await clipServices.frameSearch())(event, signal),
  failed: answerProblem,
});
