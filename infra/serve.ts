import { createPinoLog } from "../src/drivers/pino/pino-log.ts";
import { newRandomId } from "../src/drivers/process/process-runtime.ts";
import { AtelierError } from "../src/errors.ts";
import { composeClipServices } from "./clip-services/compose.ts";
import { createServeApp } from "./clip-services/serve-app.ts";
import { listen } from "./listen.ts";
import { loadServeSettings, SettingsError } from "./settings.ts";

/** SageMaker ends a container by force 30 s after SIGTERM. */
const STOP_GRACE_MS = 25_000;
const STOP_WITHIN_MS = 28_000;

/** `npm run serve`: the server of a SageMaker container, or of any other that embeds for others. */
async function main(): Promise<void> {
  const loaded = loadServeSettings();
  const { settings, warnings } = loaded;
  const log = createPinoLog({
    level: settings.LOG_LEVEL,
    isPretty: process.stdout.isTTY === true,
  });
  for (const warning of warnings) log.warn({}, warning);
  const services = composeClipServices(() => loaded);
  const app = createServeApp({
    openInference: services.clipInference,
    log,
    newId: newRandomId,
  });
  const server = await listen(app.fetch, settings);
  log.info({ url: server.url }, "The model is being loaded; GET /ping says when it can be used");

  let isStopping = false;
  const stop = async (signal: string) => {
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, "stopping");
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    await server.stopListening();
    await app.stop(STOP_GRACE_MS);
    await server.close();
    await services.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      stop(signal).catch((thrown) => {
        log.error({ err: thrown }, "the server could not stop in order");
        process.exit(1);
      });
    });
  }
}

main().catch((thrown) => {
  const isForOperator = thrown instanceof SettingsError || thrown instanceof AtelierError;
  process.stderr.write(`${isForOperator ? thrown.message : (thrown?.stack ?? thrown)}\n`);
  process.exit(1);
});
