import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A function's entry as the deployed file exports it. */
export type Handler = (
  event: unknown,
  context: { getRemainingTimeInMillis(): number; functionName: string },
) => Promise<unknown>;

interface Invocation {
  functionName: string;
  event: unknown;
  payloadBytes: number;
  type: string;
  /** What the SDK says of its own retries, e.g. `attempt=1; max=3`. */
  attempt: string;
}

/** What the next call, or the next `times` calls, are answered with instead of the function's result. */
export interface ScriptedInvocation {
  times?: number;
  delayMs?: number;
  dropConnection?: true;
  /** An exception of the Invoke API. */
  error?: string;
  status?: number;
  headers?: Record<string, string>;
  /** A function error: what the runtime reports when the function throws or dies. */
  functionError?: { errorType: string; errorMessage: string };
  /** The function's result, as it is. */
  result?: unknown;
  /** The payload of the answer, as it is. */
  payload?: string;
}

export type LambdaServer = Awaited<ReturnType<typeof startLambdaServer>>;

/** Source: AWS Lambda Developer Guide, "Lambda quotas": 6 MB each for request and response. */
const PAYLOAD_MAX_BYTES = 6_291_456;

/**
 * A server on loopback that speaks Lambda's Invoke and runs the given handlers in this process,
 * with the limits and errors of the real service. It checks no signature. Source: AWS Lambda API
 * Reference, Invoke.
 */
export async function startLambdaServer(
  functions: Readonly<Record<string, Handler>>,
  { timeoutMs = 30_000 }: { timeoutMs?: number } = {},
) {
  const invocations: Invocation[] = [];
  const script: ScriptedInvocation[] = [];
  const background = new Set<Promise<unknown>>();

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      sendError(response, 500, "ServiceException", String(thrown));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const payload = Buffer.concat(chunks);
    const path = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/u.exec(request.url ?? "");
    if (path === null || request.method !== "POST") {
      return sendError(response, 404, "UnknownOperationException", "No such operation.");
    }
    const functionName = decodeURIComponent(path[1] ?? "");
    const type = String(request.headers["x-amz-invocation-type"] ?? "RequestResponse");
    const attempt = String(request.headers["amz-sdk-request"] ?? "");
    const handler = functions[functionName];
    if (handler === undefined) {
      const arn = `arn:aws:lambda:us-west-2:123456789012:function:${functionName}`;
      return sendError(response, 404, "ResourceNotFoundException", `Function not found: ${arn}`);
    }
    if (payload.length > PAYLOAD_MAX_BYTES) {
      const message = `${payload.length} byte payload is too large for the ${type} invocation type (limit ${PAYLOAD_MAX_BYTES} bytes)`;
      return sendError(response, 413, "RequestTooLargeException", message);
    }
    let event: unknown;
    try {
      event = JSON.parse(payload.toString() || "null");
    } catch {
      const message = "Could not parse request body into json";
      return sendError(response, 400, "InvalidRequestContentException", message);
    }
    invocations.push({ functionName, event, payloadBytes: payload.length, type, attempt });
    const scripted = takeScripted();
    if (scripted?.delayMs !== undefined) await sleep(scripted.delayMs);
    if (scripted?.dropConnection) return void request.socket.destroy();
    if (scripted?.error !== undefined) {
      const { error, status = 500, headers = {} } = scripted;
      return sendError(response, status, error, `Scripted ${error}.`, headers);
    }
    if (scripted?.functionError !== undefined) {
      return sendResult(response, JSON.stringify(scripted.functionError), "Unhandled");
    }
    if (scripted?.payload !== undefined) return sendResult(response, scripted.payload);
    if (scripted !== undefined && "result" in scripted) {
      return sendResult(response, JSON.stringify(scripted.result));
    }

    const running = run(handler, event, functionName);
    if (type === "Event") {
      background.add(running);
      running.finally(() => background.delete(running));
      response.writeHead(202).end();
      return;
    }
    const { text, failed } = await running;
    sendResult(response, text, failed ? "Unhandled" : undefined);
  }

  /** What Lambda's runtime makes of a result or an exception. */
  async function run(handler: Handler, event: unknown, functionName: string) {
    const endsAtMs = performance.now() + timeoutMs;
    const getRemainingTimeInMillis = () => endsAtMs - performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = `2026-11-21T00:00:00Z 0 Task timed out after ${timeoutMs / 1_000} seconds`;
      timer = setTimeout(
        () => reject(Object.assign(new Error(message), { name: "Sandbox.Timedout" })),
        timeoutMs,
      );
    });
    try {
      const working = handler(event, { getRemainingTimeInMillis, functionName });
      const text = JSON.stringify((await Promise.race([working, late])) ?? null);
      if (Buffer.byteLength(text) > PAYLOAD_MAX_BYTES) {
        throw Object.assign(
          new Error("Response payload size exceeded maximum allowed payload size (6291556 bytes)."),
          { name: "Function.ResponseSizeTooLarge" },
        );
      }
      return { text, failed: false };
    } catch (thrown) {
      const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
      const report = { errorType: name, errorMessage: message, trace: stack?.split("\n") };
      return { text: JSON.stringify(report), failed: true };
    } finally {
      clearTimeout(timer);
    }
  }

  function takeScripted(): ScriptedInvocation | undefined {
    const [first] = script;
    if (first === undefined) return undefined;
    const left = (first.times ?? 1) - 1;
    if (left > 0) script[0] = { ...first, times: left };
    else script.shift();
    return first;
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    invocations,
    /** Appends to the script; calls beyond its end run the functions. */
    next: (...answers: ScriptedInvocation[]): void => void script.push(...answers),
    reset(): void {
      invocations.length = 0;
      script.length = 0;
    },
    async close(): Promise<void> {
      await Promise.allSettled(background);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function sendResult(response: ServerResponse, text: string, functionError?: string): void {
  response.writeHead(200, {
    "content-type": "application/json",
    "x-amz-executed-version": "$LATEST",
    ...(functionError !== undefined && { "x-amz-function-error": functionError }),
  });
  response.end(text);
}

function sendError(
  response: ServerResponse,
  status: number,
  name: string,
  message: string,
  headers = {},
): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "x-amzn-errortype": name,
    ...headers,
  });
  response.end(JSON.stringify({ Type: status < 500 ? "User" : "Server", message }));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
