import type { FailureReport, Invocation, RuntimeApi } from "./runtime-api.ts";

/** What a handler is given beside the event, by the names of Lambda's own Node.js runtime. */
interface InvocationContext {
  awsRequestId: string;
  functionName: string;
  functionVersion: string;
  invokedFunctionArn: string;
  memoryLimitInMB: string;
  logGroupName: string;
  logStreamName: string;
  getRemainingTimeInMillis(): number;
}

export type Handler = (event: unknown, context: InvocationContext) => unknown;

/** What is the same for every invocation of a process. */
export type FunctionFacts = Pick<
  InvocationContext,
  "functionName" | "functionVersion" | "memoryLimitInMB" | "logGroupName" | "logStreamName"
>;

export interface InvocationLoop {
  /** Asks for one event after the other; rejects when the Runtime API is lost. */
  run(): Promise<never>;
  /**
   * Reports what broke outside of the handler's promise to whoever waits for the invocation
   * under way. The process has to end after it: what it holds is no longer to be trusted.
   */
  failUnderWay(thrown: unknown): Promise<void>;
}

/** Runs one invocation at a time, as Lambda asks for them. */
export function createInvocationLoop({
  api,
  handler,
  facts,
  nowMs,
  setTraceId,
  logFailure,
}: {
  api: RuntimeApi;
  handler: Handler;
  facts: FunctionFacts;
  nowMs: () => number;
  /** The X-Ray SDK reads it from the environment. */
  setTraceId: (traceId: string | undefined) => void;
  logFailure: (report: FailureReport, requestId: string) => void;
}): InvocationLoop {
  let underWay: string | null = null;

  async function fail(requestId: string, thrown: unknown): Promise<void> {
    const report = failureReport(thrown);
    logFailure(report, requestId);
    await api.fail(requestId, report);
  }

  function contextOf({ requestId, functionArn, deadlineMs }: Invocation): InvocationContext {
    return {
      ...facts,
      awsRequestId: requestId,
      invokedFunctionArn: functionArn,
      getRemainingTimeInMillis: () => deadlineMs - nowMs(),
    };
  }

  async function answer(invocation: Invocation): Promise<string> {
    const result = await handler(invocation.event, contextOf(invocation));
    return JSON.stringify(result) ?? "null";
  }

  return {
    async run() {
      for (;;) {
        const invocation = await api.next();
        const { requestId, traceId } = invocation;
        setTraceId(traceId);
        underWay = requestId;
        const answered = await answer(invocation).then(
          (body) => ({ body }),
          (thrown: unknown) => ({ thrown }),
        );
        if ("thrown" in answered) {
          await fail(requestId, answered.thrown);
        } else if (!(await api.respond(requestId, answered.body))) {
          const size = Buffer.byteLength(answered.body);
          const message = `The answer has ${size} bytes, more than Lambda passes on (6 MB).`;
          await fail(requestId, named("Function.ResponseSizeTooLarge", message));
        }
        underWay = null;
      }
    },

    async failUnderWay(thrown) {
      if (underWay !== null) await fail(underWay, thrown);
    },
  };
}

/** An error whose `name` is what Lambda and its callers see as the type. */
export function named(name: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name });
}

export function failureReport(thrown: unknown): FailureReport {
  if (!(thrown instanceof Error)) {
    return { errorType: "Error", errorMessage: String(thrown), stackTrace: [] };
  }
  return {
    errorType: thrown.name,
    errorMessage: thrown.message,
    stackTrace: (thrown.stack ?? "").split("\n").slice(1),
  };
}
