import { AtelierError, type JobQueue, type Log } from "#core";
import { createEmfMetrics } from "../../src/drivers/cloudwatch/emf-metrics.ts";
import { createPinoLog } from "../../src/drivers/pino/pino-log.ts";
import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import { createApi } from "../api/api.ts";
import { once } from "../clip-services/once.ts";
import type { LoadedSettings } from "../settings.ts";
import { createGenerateBatch } from "./generate-batch.ts";
import type { GenerateParts } from "./generate-handler.ts";
import { openServices } from "./open-services.ts";

/** Whoever calls waits for the picture: nothing is queued here. */
const noQueue: JobQueue = {
  enqueue: async () => {
    throw new AtelierError("internal", "The generation service has no queue for jobs.");
  },
  position: () => null,
  cancel: async () => false,
};

/**
 * What the function `aws_gen_pic` works with, opened by the first call and kept for as long as
 * Lambda keeps the process.
 */
export function openGenerate(load: () => Promise<LoadedSettings>): {
  open(): Promise<GenerateParts>;
  log(): Log;
} {
  let log = createPinoLog({ level: "info", isPretty: false });
  const clock = processClock;
  const newId = newRandomId;

  const open = once(async (): Promise<GenerateParts> => {
    const { settings, warnings } = await load();
    log = createPinoLog({ level: settings.LOG_LEVEL, isPretty: false });
    for (const warning of warnings) log.warn({}, warning);
    const metrics = createEmfMetrics({
      namespace: settings.METRICS_NAMESPACE,
      write: (line) => void process.stdout.write(line),
      clock,
    });
    const parts = { settings, clock, log, metrics, newId };
    const openQueue = () => noQueue;
    const { services, state } = await openServices({ ...parts, owner: newId(), openQueue });
    return {
      // Behind a gateway nobody is on this machine: without a key there must be an identity.
      api: createApi({ ...parts, services, state, isPublic: true }),
      batch: createGenerateBatch({ ...parts, services }),
    };
  });

  return { open, log: () => log };
}
