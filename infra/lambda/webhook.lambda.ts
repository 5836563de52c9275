import { createPinoLog } from "../../src/drivers/pino/pino-log.ts";
import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import { preloadPlatform } from "../chat-adapters.ts";
import { once } from "../clip-services/once.ts";
import { loadDeployedSettings } from "../deployed/deployed-settings.ts";
import { openWebhookApp } from "../deployed/webhook-app.ts";

/** What it works with: opened while the function starts, and kept for as long as Lambda keeps it. */
const openApp = once(async () => {
  const { settings, warnings } = await loadDeployedSettings("webhook");
  const log = createPinoLog({ level: settings.LOG_LEVEL, isPretty: false });
  for (const warning of warnings) log.warn({}, warning);
  return openWebhookApp({ settings, clock: processClock, log, newId: newRandomId });
});
openApp().catch(() => {
  // The first delivery says so, and tries again.
});

/** Lambda `webhook`: takes what Slack and Discord send, over API Gateway. */
export async function handler(event: { rawPath?: unknown } | null) {
  // Meanwhile the secrets are on their way.
  preloadPlatform(event?.rawPath);
  const app = await openApp();
  return app.handle(event);
}
