import type { ErrorKind } from "../errors.ts";

/** Time, chance and names are given to whoever needs them, so that tests can give others. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A new id for a job: 12 lower-case letters and digits, 60 random bits. */
export type NewId = () => string;

export type LogFields = Readonly<Record<string, unknown>>;

/** For the operator. Never prompts, tokens, bodies or presigned links. */
export interface Log {
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** What is counted and timed, for dashboards and alarms. Never who, nor what was asked for. */
export interface Metrics {
  /**
   * A job came to its end. `failure` is the kind of what went wrong, or null. The times: from
   * accepted to started, from there to its card, from there to its card being shown.
   */
  jobFinished(job: {
    command: string;
    platform: string;
    outcome: string;
    failure: ErrorKind | null;
    waitedMs: number;
    ranMs: number;
    deliveredMs: number;
  }): void;
  /** `spendUsd`: what the call cost by the price list, or may have cost; 0 when nothing was drawn. */
  modelCalled(call: { model: string; outcome: string; ms: number; spendUsd: number }): void;
  /** `waited`: someone else's picture, once it was drawn; it cost nothing, as a hit. */
  cacheRead(read: { outcome: "hit" | "miss" | "waited" }): void;
  /** A call of the generation service: drawn, cached, unauthorized, or the kind of its error. */
  apiAnswered(call: { outcome: string; ms: number }): void;
}
