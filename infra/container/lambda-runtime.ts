import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createInvocationLoop, failureReport, type InvocationLoop } from "./invocation-loop.ts";
import { loadHandler } from "./load-handler.ts";
import { createRuntimeApi, type FailureReport } from "./runtime-api.ts";

/**
 * The image's entry: `lambda-runtime.mjs <what>`. `serve` and `train` start what SageMaker asks
 * for; all else is the handler of a Lambda function, such as `worker.handler`, and this is its
 * runtime. Debian's Node has no runtime of Lambda's, and AWS's image no ffmpeg.
 */
async function main(): Promise<void> {
  // Not settings of ours: Lambda's own variables, which its runtime reads and for X-Ray writes.
  const { env } = process;
  const [what = env._HANDLER ?? ""] = process.argv.slice(2);
  if (what === "serve" || what === "train") {
    await import(pathToFileURL(join(import.meta.dirname, `${what}.mjs`)).href);
    return;
  }
  if (env.AWS_LAMBDA_RUNTIME_API === undefined) {
    throw new Error(
      "AWS_LAMBDA_RUNTIME_API is not set, so this is not Lambda. Start the image with serve or train.",
    );
  }
  // The first process of a container has no default for signals.
  process.on("SIGTERM", () => process.exit(0));

  const api = createRuntimeApi(env.AWS_LAMBDA_RUNTIME_API);
  let loop: InvocationLoop | null = null;
  const failStart = async (thrown: unknown) => {
    const report = failureReport(thrown);
    logFailure(report);
    await api.failInit(report);
  };
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (thrown: unknown) => {
      const reported = loop === null ? failStart(thrown) : loop.failUnderWay(thrown);
      reported.catch(() => {}).finally(() => process.exit(1));
    });
  }

  try {
    const handler = await loadHandler(env.LAMBDA_TASK_ROOT ?? import.meta.dirname, what);
    loop = createInvocationLoop({
      api,
      handler,
      nowMs: () => Date.now(),
      setTraceId(traceId) {
        if (traceId === undefined) delete env._X_AMZN_TRACE_ID;
        else env._X_AMZN_TRACE_ID = traceId;
      },
      logFailure,
      facts: {
        functionName: env.AWS_LAMBDA_FUNCTION_NAME ?? "",
        functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION ?? "",
        memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? "",
        logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME ?? "",
        logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME ?? "",
      },
    });
  } catch (thrown) {
    await failStart(thrown);
    process.exit(1);
  }
  await loop.run();
}

/** One line of JSON with the field names of the other log lines. */
function logFailure({ errorType, errorMessage, stackTrace }: FailureReport, requestId?: string) {
  const stack = [`${errorType}: ${errorMessage}`, ...stackTrace].join("\n");
  const err = { name: errorType, message: errorMessage, stack };
  const time = new Date().toISOString();
  const line = { level: "error", time, requestId, err, msg: "the function failed" };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

main().catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : thrown}\n`);
  process.exit(1);
});
