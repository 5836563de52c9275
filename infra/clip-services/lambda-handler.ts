import { setTimeout as sleep } from "node:timers/promises";
import { type AtelierError, asAtelierError, type ErrorKind, type Log, type NewId } from "#core";

/** The part of Lambda's context that matters here; absent where a test or a script calls. */
export interface LambdaContext {
  getRemainingTimeInMillis?(): number;
}

export type LambdaHandler<Answer> = (event: unknown, context?: LambdaContext) => Promise<Answer>;

export interface LambdaHandlerOptions<Answer> {
  name: string;
  log: () => Log;
  newId: NewId;
  work: (event: unknown, signal: AbortSignal) => Promise<Answer>;
  /** Kept back from the function's time, for the work to end and its answer to be given; 1 s unless told. */
  answerMs?: number;
  /** What is answered to a failure; throws where Lambda shall try again. */
  failed: (error: AtelierError, reference: string) => Answer;
}

/** The operator needs the cause of these; the others say all in their message to the caller. */
const loggedWithCause: ReadonlySet<ErrorKind> = new Set([
  "rate_limited",
  "unavailable",
  "misconfigured",
  "internal",
]);

/** A Lambda's entry around one service: its deadline, its one line in the log, its failures. */
export function createLambdaHandler<Answer>({
  name,
  log,
  newId,
  work,
  answerMs = 1_000,
  failed,
}: LambdaHandlerOptions<Answer>): LambdaHandler<Answer> {
  return async (event, context) => {
    const startMs = performance.now();
    const ended = new AbortController();
    const remainingMs = context?.getRemainingTimeInMillis?.();
    const timer =
      remainingMs === undefined
        ? undefined
        : setTimeout(
            () => ended.abort(new DOMException(`${name} ran out of time.`, "TimeoutError")),
            Math.max(0, remainingMs - answerMs),
          );
    const elapsedMs = () => Math.round(performance.now() - startMs);
    try {
      const answer = await inTime(work(event, ended.signal), ended.signal, (answerMs * 3) / 4);
      log().info({ service: name, ms: elapsedMs() }, "answered");
      return answer;
    } catch (thrown) {
      const error = asAtelierError(thrown);
      const reference = newId();
      const fields = { service: name, ms: elapsedMs(), kind: error.kind, reference };
      log().warn(loggedWithCause.has(error.kind) ? { ...fields, err: error } : fields, "failed");
      return failed(error, reference);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** The work's outcome, or the signal's reason soon after it aborts, whatever the work makes of that. */
async function inTime<T>(work: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => {
      // Work that heeds the signal says more in its own rejection.
      sleep(graceMs).then(() => reject(signal.reason));
    });
  });
  return Promise.race([work, late]);
}
