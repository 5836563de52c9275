import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import { loadDeployedSettings } from "../deployed/deployed-settings.ts";
import { createGenerateHandler } from "../deployed/generate-handler.ts";
import { openGenerate } from "../deployed/open-generate.ts";

/** Lambda `aws_gen_pic`: the generation service, over HTTP, invoked directly, and from the batch queue. */
export const handler = createGenerateHandler({
  ...openGenerate(() => loadDeployedSettings("generate")),
  newId: newRandomId,
  nowMs: processClock.nowMs,
});
