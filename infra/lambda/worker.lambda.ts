import { loadDeployedSettings } from "../deployed/deployed-settings.ts";
import { createWorker } from "../deployed/worker.ts";

/** Lambda `worker`: runs the jobs of the queue and shows their answers. */
export const handler = createWorker(() => loadDeployedSettings("worker"));
