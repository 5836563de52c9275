import type { Log } from "#core";
import { createPinoLog } from "../src/drivers/pino/pino-log.ts";
import { newRandomId, processClock } from "../src/drivers/process/process-runtime.ts";
import { AtelierError } from "../src/errors.ts";
import { createAtelier } from "./atelier.ts";
import { listen } from "./listen.ts";
import { loadSettings, SettingsError } from "./settings.ts";

/** Past this a stop that hangs is ended by force; what ran is taken over at the next start. */
const STOP_WITHIN_MS = 9_500;

/** The entry of the one process: page, chat adapters, API and workers. */
async function main(): Promise<void> {
  const { settings, warnings } = loadSettings();
  const log = createPinoLog({
    level: settings.LOG_LEVEL,
    isPretty: process.stdout.isTTY === true,
  });
  for (const warning of warnings) log.warn({}, warning);
  process.on("warning", (warning) => {
    // The SDK's versions are pinned, so its call for a newer Node concerns only whoever updates it.
    if (warning.message.startsWith("NodeVersionSupportWarning")) return;
    log.warn({ err: warning }, "warning from Node");
  });

  let url = "";
  const baseUrl = () => settings.PUBLIC_URL ?? url;
  const atelier = await createAtelier({
    settings,
    log,
    clock: processClock,
    newId: newRandomId,
    baseUrl,
  });
  const server = await listen(atelier.fetch, settings);
  url = server.url;
  await atelier.start();
  log.info(
    { url: server.url, imageModel: settings.IMAGE_MODEL },
    `Atelier is ready at ${baseUrl()}`,
  );

  let isStopping = false;
  const stop = async (signal: string) => {
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, "stopping");
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    await server.stopListening();
    await atelier.stop();
    await server.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      stop(signal).catch((thrown) => fail(log, thrown));
    });
  }
}

function fail(log: Log, thrown: unknown): never {
  log.error({ err: thrown }, "Atelier could not stop in order");
  process.exit(1);
}

main().catch((thrown) => {
  const isForOperator = thrown instanceof SettingsError || thrown instanceof AtelierError;
  process.stderr.write(`${isForOperator ? thrown.message : (thrown?.stack ?? thrown)}\n`);
  process.exit(1);
});
