/** How a failure ends: what the person is told, and whether the work is tried again. */
export const errorKinds = [
  "invalid_input",
  "refused",
  "not_found",
  "not_allowed",
  "rate_limited",
  "unavailable",
  "misconfigured",
  "internal",
] as const;
export type ErrorKind = (typeof errorKinds)[number];

/** A finer name inside a kind, where the generation service's callers tell cases apart. */
export type ErrorCode =
  | "InvalidImage"
  | "InvalidVideo"
  | "ModelNotFound"
  | "AccessDenied"
  | "NoSuchBucket"
  | "NoSuchKey"
  | "Timeout";

export interface AtelierErrorOptions {
  cause?: unknown;
  code?: ErrorCode;
  /** For `rate_limited`: how long the upstream, or the limit, asks to wait. */
  retryAfterMs?: number;
  /** For `invalid_input`: which option of the command is wrong, where forms show it. */
  option?: string;
  /** The upstream may have done (and charged) the work already: try once more, not again and again. */
  retryAtMostOnce?: boolean;
}

/**
 * The only error that crosses a boundary in Atelier. `message` is a sentence. For
 * `misconfigured` and `internal` it is written for the operator and goes to the log only;
 * for every other kind the person reads it (see `personMessage`).
 */
export class AtelierError extends Error {
  override readonly name = "AtelierError";
  readonly kind: ErrorKind;
  readonly code: ErrorCode | undefined;
  readonly retryAfterMs: number | undefined;
  readonly option: string | undefined;
  readonly retryAtMostOnce: boolean;

  constructor(kind: ErrorKind, message: string, options: AtelierErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = options.code;
    this.retryAfterMs = options.retryAfterMs;
    this.option = options.option;
    this.retryAtMostOnce = options.retryAtMostOnce ?? false;
  }
}

/**
 * Turns whatever was thrown into an AtelierError: what `AbortSignal.timeout` ended is
 * `unavailable`, and all else that is not one already is `internal`.
 */
export function asAtelierError(thrown: unknown): AtelierError {
  if (thrown instanceof AtelierError) return thrown;
  if (thrown instanceof Error && thrown.name === "TimeoutError") {
    const message = "This took too long. Try again in a minute.";
    return new AtelierError("unavailable", message, { code: "Timeout", cause: thrown });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AtelierError("internal", message, { cause: thrown });
}

/** Whether trying again can help. */
export function isRetryable(error: AtelierError): boolean {
  return error.kind === "rate_limited" || error.kind === "unavailable";
}

/** The sentence a person reads. `reference` is the id under which the operator finds the cause. */
export function personMessage(error: AtelierError, reference: string): string {
  switch (error.kind) {
    case "misconfigured":
      return `This is not set up yet. The operator has been told (reference ${reference}).`;
    case "internal":
      return `Something broke on our side, and the operator has been told (reference ${reference}). Trying again may help.`;
    default:
      return error.message;
  }
}
