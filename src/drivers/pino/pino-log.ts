import { type DestinationStream, pino } from "pino";
import { AtelierError } from "../../errors.ts";
import type { Log, LogFields } from "../../ports/index.ts";

export interface PinoLogOptions {
  level: string;
  /** For people at a terminal; JSON lines otherwise. */
  isPretty: boolean;
  destination?: DestinationStream;
}

/** Log lines as JSON, or readable ones at a terminal. Errors keep their causes; values that look secret are dropped. */
export function createPinoLog({ level, isPretty, destination }: PinoLogOptions): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
    redact: {
      paths: ["token", "*.token", "prompt", "*.prompt", "authorization", "*.authorization"],
      remove: true,
    },
    ...(isPretty
      ? { transport: { target: "pino-pretty", options: { ignore: "pid,hostname" } } }
      : {}),
  };
  const logger = destination === undefined ? pino(options) : pino(options, destination);
  return {
    info: (fields: LogFields, message: string) => logger.info(fields, message),
    warn: (fields: LogFields, message: string) => logger.warn(fields, message),
    error: (fields: LogFields, message: string) => logger.error(fields, message),
  };
}

const CAUSES_MAX = 5;

/** Only what an operator needs: SDK errors carry whole requests, which stay out of logs. */
function describeError(thrown: unknown, depth = 0): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  return {
    name: thrown.name,
    message: thrown.message,
    ...(thrown instanceof AtelierError ? { kind: thrown.kind, code: thrown.code } : {}),
    stack: thrown.stack,
    ...(thrown.cause === undefined || depth >= CAUSES_MAX
      ? {}
      : { cause: describeError(thrown.cause, depth + 1) }),
  };
}
