import { createDeadLetter } from "../deployed/dead-letter.ts";
import { loadDeployedSettings } from "../deployed/deployed-settings.ts";

/** Lambda `dead-letter`: ends what no worker could, and tells whoever asked for it. */
export const handler = createDeadLetter(() => loadDeployedSettings("dead-letter"));
