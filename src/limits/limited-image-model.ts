import { AtelierError, asAtelierError, isRetryable } from "../errors.ts";
import type {
  Clock,
  Drawing,
  DrawRequest,
  ImageModel,
  Limiter,
  Metrics,
  Priority,
} from "../ports/index.ts";

/** How often, and how patiently, a failed call is made again. */
export interface RetryPolicy {
  /** Calls that may fail, the first one included. */
  attempts: number;
  /** Calls that may be turned away with `rate_limited`, which costs nothing but time. */
  throttledAttempts: number;
  attemptTimeoutMs: number;
  /** The wait before the second call is chance times this; it doubles each time, up to `maxDelayMs`. */
  baseDelayMs: number;
  maxDelayMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 4,
  throttledAttempts: 7,
  attemptTimeoutMs: 90_000,
  baseDelayMs: 500,
  maxDelayMs: 20_000,
};

/** One odd answer must not hold everybody back for longer than this. */
const PAUSE_MAX_MS = 120_000;

/** A model that waits for its turn and tries again where that can help. */
export interface LimitedImageModel extends Omit<ImageModel, "draw"> {
  /**
   * Draws one picture. Rejects as `ImageModel.draw` does, with the last error, when no further
   * call can help, may be made, or fits before the signal's deadline. A signal that aborts for
   * another reason than a deadline rejects with that reason.
   */
  draw(
    request: DrawRequest,
    options: { signal: AbortSignal; priority: Priority },
  ): Promise<Drawing>;
}

/**
 * The one retry policy of paid calls. Every call, also a repeated one, passes the limiter. A
 * `Retry-After` pauses the limiter, so that all callers wait and not only the one that was told.
 */
export function createLimitedImageModel(options: {
  model: ImageModel;
  limiter: Limiter;
  clock: Clock;
  metrics: Metrics;
  /** What one picture costs, for the metrics; nothing, unless told. */
  priceUsd?: number;
  policy?: RetryPolicy;
  /** From 0 to 1, as Math.random. */
  random: () => number;
}): LimitedImageModel {
  const { model, limiter, clock, metrics, policy = defaultRetryPolicy, random } = options;
  const { priceUsd = 0 } = options;

  return {
    ...model,

    async draw(request, { signal, priority }) {
      let lastError: AtelierError | undefined;
      let failed = 0;
      let throttled = 0;
      for (;;) {
        try {
          return await limiter.schedule(() => callOnce(request, signal), { priority, signal });
        } catch (thrown) {
          if (signal.aborted) throw stopped(signal, thrown, lastError);
          const error = asAtelierError(thrown);
          if (error.kind === "rate_limited") throttled += 1;
          else failed += 1;
          if (error.retryAfterMs !== undefined) {
            limiter.pause(Math.min(error.retryAfterMs, PAUSE_MAX_MS));
          }
          // Once a call may have been charged for nothing, there is one more and no other.
          const wasLast =
            failed >= policy.attempts ||
            throttled >= policy.throttledAttempts ||
            lastError?.retryAtMostOnce === true;
          // That an earlier call may have been charged counts for more than that this was turned away.
          if (error.kind === "rate_limited" && lastError?.retryAtMostOnce === true) throw lastError;
          if (wasLast || !isRetryable(error)) throw error;
          lastError = error;
        }
        // After a Retry-After the limiter itself holds the next call back.
        if (lastError.retryAfterMs === undefined)
          await backOff(failed + throttled, signal, lastError);
      }
    },
  };

  async function callOnce(request: DrawRequest, signal: AbortSignal): Promise<Drawing> {
    const startedMs = clock.nowMs();
    let outcome = "drawn";
    let isCharged = true;
    try {
      const timeout = AbortSignal.timeout(policy.attemptTimeoutMs);
      return await model.draw(request, { signal: AbortSignal.any([signal, timeout]) });
    } catch (thrown) {
      const error = asAtelierError(thrown);
      outcome = signal.aborted ? "stopped" : error.kind;
      // Whoever stops waiting does not stop the upstream, which draws and charges all the same.
      isCharged = signal.aborted || error.retryAtMostOnce;
      throw thrown;
    } finally {
      const ms = clock.nowMs() - startedMs;
      const spendUsd = isCharged ? priceUsd : 0;
      metrics.modelCalled({ model: model.id, outcome, ms, spendUsd });
    }
  }

  /** Full jitter: callers that failed together do not come back together. */
  async function backOff(attempt: number, signal: AbortSignal, lastError: AtelierError) {
    const ceilingMs = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
    try {
      await clock.sleep(Math.round(random() * ceilingMs), signal);
    } catch (thrown) {
      throw signal.aborted ? stopped(signal, thrown, lastError) : thrown;
    }
  }
}

/**
 * At a deadline the person is told what went wrong until then; whoever stopped the call on
 * purpose gets the reason back.
 */
function stopped(signal: AbortSignal, thrown: unknown, lastError?: AtelierError): unknown {
  const reason: unknown = signal.reason;
  if (!(reason instanceof Error) || reason.name !== "TimeoutError") return reason;
  if (thrown instanceof AtelierError) return thrown;
  return (
    lastError ??
    new AtelierError(
      "unavailable",
      "The image model is too busy right now. Try again in a minute.",
      {
        cause: reason,
        code: "Timeout",
      },
    )
  );
}
