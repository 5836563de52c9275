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

/** What is counted and timed, for dashboards and alarms. */
export interface Metrics {
  jobFinished(job: { command: string; platform: string; outcome: string; seconds: number }): void;
  modelCalled(call: { model: string; outcome: string; seconds: number }): void;
  cacheRead(read: { outcome: "hit" | "miss" | "waited" }): void;
}
