import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** How an invocation ended. */
export interface InvocationOutcome {
  /** The function's answer, or the report of its failure, as JSON text. */
  payload: string;
  /** The function threw, died or ran out of time. */
  isFailed: boolean;
}

interface Invocation {
  id: string;
  payload: string;
  deadlineMs: number;
  isHandedOver: boolean;
  end(outcome: InvocationOutcome): void;
}

const ROUTE =
  /^\/2018-06-01\/runtime\/(?:(init\/error|invocation\/next)|invocation\/([^/]+)\/(response|error))$/u;
/** Lambda Developer Guide, "Lambda quotas": 6 MB for a synchronous answer; the service's own number. */
const RESPONSE_MAX_BYTES = 6_291_556;

/**
 * The Runtime API of one execution environment, on loopback: one runtime asks for one invocation
 * after another. Source: Lambda Developer Guide, "Using the Lambda runtime API".
 */
export async function startLambdaRuntimeApi({
  functionArn,
  onIdle = () => {},
  onProblem = () => {},
}: {
  functionArn: string;
  /** Called when the runtime asks for work and there is none: Lambda freezes it now. */
  onIdle?: () => void;
  /** Called with what a runtime must not do. */
  onProblem?: (problem: string) => void;
}) {
  let poll: ServerResponse | null = null;
  let current: Invocation | null = null;
  let initError: string | null = null;

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      onProblem(String(thrown));
      send(response, 500, { errorType: "InternalServerError", errorMessage: String(thrown) });
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readText(request);
    const [, whole, id = "", part] = ROUTE.exec(request.url ?? "") ?? [];
    const what = `${request.method} ${whole ?? part}`;
    if (what === "GET invocation/next") return takePoll(response);
    if (what === "POST init/error") {
      initError = body;
      current?.end({ payload: body, isFailed: true });
      return send(response, 202, { status: "OK" });
    }
    if (what !== "POST response" && what !== "POST error") {
      onProblem(`There is no ${request.method} ${request.url}.`);
      return send(response, 404, { errorType: "NotFound", errorMessage: "No such operation." });
    }
    if (current === null || current.id !== id) {
      onProblem(`There was no invocation ${id} to answer.`);
      const errorMessage = "Invalid request ID";
      return send(response, 400, { errorType: "InvalidRequestID", errorMessage });
    }
    if (part === "response" && Buffer.byteLength(body) > RESPONSE_MAX_BYTES) {
      const errorMessage = `Exceeded maximum allowed payload size (${RESPONSE_MAX_BYTES} bytes).`;
      return send(response, 413, { errorType: "RequestEntityTooLarge", errorMessage });
    }
    current.end({ payload: body, isFailed: part === "error" });
    send(response, 202, { status: "OK" });
  }

  function takePoll(response: ServerResponse): void {
    if (current?.isHandedOver) onProblem("The runtime asked for work before it had answered.");
    poll = response;
    response.on("close", () => {
      if (poll === response) poll = null;
    });
    if (current === null) onIdle();
    else handOver(current);
  }

  function handOver(invocation: Invocation): void {
    if (poll === null) return;
    const { id, payload, deadlineMs } = invocation;
    invocation.isHandedOver = true;
    const trace = `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${id.replaceAll("-", "").slice(0, 24)}`;
    poll.writeHead(200, {
      "Content-Type": "application/json",
      "Lambda-Runtime-Aws-Request-Id": id,
      "Lambda-Runtime-Deadline-Ms": String(deadlineMs),
      "Lambda-Runtime-Invoked-Function-Arn": functionArn,
      "Lambda-Runtime-Trace-Id": `${trace};Parent=53995c3f42cd8ad8;Sampled=0`,
    });
    poll.end(payload);
    poll = null;
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");

  return {
    /** What `AWS_LAMBDA_RUNTIME_API` is to be. */
    host: `127.0.0.1:${address.port}`,
    initError: () => initError,

    /** Gives the runtime this event as soon as it asks; one at a time. */
    invoke(payload: string, deadlineMs: number): Promise<InvocationOutcome> {
      if (current !== null) throw new Error("The environment is busy.");
      return new Promise((resolve) => {
        const invocation: Invocation = {
          id: randomUUID(),
          payload,
          deadlineMs,
          isHandedOver: false,
          end(outcome) {
            current = null;
            resolve(outcome);
          },
        };
        current = invocation;
        handOver(invocation);
      });
    },

    /** What Lambda says when there is nobody left to answer. */
    fail(errorType: string, errorMessage: string): void {
      const payload = JSON.stringify({ errorType, errorMessage });
      current?.end({ payload, isFailed: true });
    },

    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}
