import { request } from "node:http";

/** What Lambda asks of the function. Times are epoch milliseconds. */
export interface Invocation {
  requestId: string;
  deadlineMs: number;
  functionArn: string;
  /** For X-Ray; undefined where the function is not traced. */
  traceId: string | undefined;
  event: unknown;
}

/** A failure as Lambda and its callers read it. */
export interface FailureReport {
  errorType: string;
  errorMessage: string;
  stackTrace: readonly string[];
}

/**
 * The four calls of Lambda's Runtime API (Lambda Developer Guide, "Using the Lambda runtime API
 * for custom runtimes"). Each rejects when Lambda does not take it: the process then has to end,
 * and Lambda starts another.
 */
export interface RuntimeApi {
  /** Waits, for hours where it must; Lambda freezes the process in the meantime. */
  next(): Promise<Invocation>;
  /** False when the answer is larger than Lambda passes on (6 MB); nothing was answered then. */
  respond(requestId: string, body: string): Promise<boolean>;
  fail(requestId: string, report: FailureReport): Promise<void>;
  failInit(report: FailureReport): Promise<void>;
}

interface Reply {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

const VERSION = "2018-06-01";
const PAYLOAD_TOO_LARGE = 413;

/** `address` is what Lambda sets as `AWS_LAMBDA_RUNTIME_API`: host and port. */
export function createRuntimeApi(address: string): RuntimeApi {
  const { hostname, port } = new URL(`http://${address}`);

  // Not fetch: that gives up on a reply after five minutes, and the next event may take longer.
  // Each call has a connection of its own: one that was idle while the process was frozen is dead.
  function call(
    method: string,
    path: string,
    body = "",
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const options = {
        hostname,
        port,
        method,
        path: `/${VERSION}/runtime/${path}`,
        agent: false,
        headers: { ...headers, "Content-Length": Buffer.byteLength(body) },
      };
      const asked = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      });
      asked.on("error", reject);
      asked.end(body);
    });
  }

  async function post(path: string, report: FailureReport): Promise<void> {
    const headers = {
      "Content-Type": "application/json",
      "Lambda-Runtime-Function-Error-Type": report.errorType,
    };
    requireTaken(path, await call("POST", path, JSON.stringify(report), headers));
  }

  return {
    async next() {
      const reply = requireTaken("next", await call("GET", "invocation/next"));
      const header = (name: string) => {
        const value = reply.headers[`lambda-runtime-${name}`];
        return typeof value === "string" ? value : undefined;
      };
      return {
        requestId: header("aws-request-id") ?? "",
        deadlineMs: Number(header("deadline-ms")),
        functionArn: header("invoked-function-arn") ?? "",
        traceId: header("trace-id"),
        event: JSON.parse(reply.body),
      };
    },

    async respond(requestId, body) {
      const headers = { "Content-Type": "application/json" };
      const path = `invocation/${requestId}/response`;
      const reply = await call("POST", path, body, headers);
      if (reply.status === PAYLOAD_TOO_LARGE) return false;
      requireTaken(path, reply);
      return true;
    },

    fail: (requestId, report) => post(`invocation/${requestId}/error`, report),
    failInit: (report) => post("init/error", report),
  };
}

function requireTaken(path: string, reply: Reply): Reply {
  if (reply.status >= 200 && reply.status < 300) return reply;
  throw new Error(`Lambda's Runtime API answered ${reply.status} to ${path}: ${reply.body}`);
}
