import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import sharp from "sharp";
import {
  RequestRefused,
  readBedrockRequest,
  readSagemakerRequest,
  type Sketch,
} from "./model-request-rules.ts";

/** One call that reached the server, refused or not. */
export interface ModelCall {
  service: "bedrock" | "guardrail" | "sagemaker";
  /** The model's id, or the name of the endpoint or guardrail. */
  model: string;
  body: Record<string, unknown>;
  /** What the SDK says of its own retries, e.g. `attempt=1; max=1`. */
  attempt: string;
  httpVersion: string;
  accept: string | undefined;
  atMs: number;
}

/** What the next call, or the next `times` calls, are answered with instead of a picture. */
export interface ScriptedAnswer {
  times?: number;
  /** Only calls with exactly this prompt; absent: whatever comes. */
  prompt?: string;
  /** Waits before answering; with nothing else set, the answer is a picture. */
  delayMs?: number;
  /** Closes the connection without an answer. */
  dropConnection?: true;
  /** The name of an exception, with its status, headers and further fields of the body. */
  error?: string;
  status?: number;
  headers?: Record<string, string>;
  fields?: Record<string, unknown>;
  /** A filtered reply of Bedrock: these reasons and no picture. */
  finishReasons?: (string | null)[];
  /** The body of a 200, as it is. */
  malformed?: string;
  /** Fields that replace those of the good reply. */
  reply?: Record<string, unknown>;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;
export type ModelServer = Awaited<ReturnType<typeof startModelServer>>;

const services: Readonly<Record<string, ModelCall["service"]>> = {
  model: "bedrock",
  endpoints: "sagemaker",
  guardrail: "guardrail",
};
const HTTP2_PREFACE = Buffer.from("PRI * HTTP/2");

/**
 * A server on loopback that speaks Bedrock's InvokeModel and ApplyGuardrail and SageMaker's InvokeEndpoint, over
 * HTTP/1.1 and HTTP/2 with prior knowledge on one port. It refuses what the real services
 * refuse and draws small flat pictures whose colour comes from the seed. It checks no signature.
 * Give `endpoint` to the SDK, or set AWS_ENDPOINT_URL_BEDROCK_RUNTIME or _SAGEMAKER_RUNTIME to it.
 */
export async function startModelServer(options: { latencyMs?: number; port?: number } = {}) {
  const calls: ModelCall[] = [];
  const script: ScriptedAnswer[] = [];
  const waitingForCall: ((call: ModelCall) => void)[] = [];
  const sockets = new Set<Socket>();
  let latencyMs = options.latencyMs ?? 0;

  const http1 = createServer((request, response) => void answer(request, response));
  const http2 = createHttp2Server((request, response) => void answer(request, response));
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.once("data", (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      const isHttp2 = first.subarray(0, HTTP2_PREFACE.length).equals(HTTP2_PREFACE);
      (isHttp2 ? http2 : http1).emit("connection", socket);
      if (!isHttp2) socket.resume();
    });
  });

  async function answer(request: Request, response: Response): Promise<void> {
    try {
      const call = await readCall(request);
      calls.push(call);
      for (const seen of waitingForCall.splice(0)) seen(call);
      const scripted = takeScripted(call);
      await sleep(scripted?.delayMs ?? latencyMs);
      if (scripted?.dropConnection) return void request.socket.destroy();
      if (scripted?.error !== undefined) {
        const { error, status = 400, headers = {}, fields = {} } = scripted;
        return sendError(
          response,
          error,
          status,
          { message: `Scripted ${error}.`, ...fields },
          headers,
        );
      }
      if (scripted?.malformed !== undefined) return send(response, 200, scripted.malformed);
      if (scripted?.finishReasons !== undefined) {
        return send(response, 200, JSON.stringify({ finish_reasons: scripted.finishReasons }));
      }
      send(response, 200, JSON.stringify({ ...(await goodReply(call)), ...scripted?.reply }));
    } catch (thrown) {
      if (thrown instanceof RequestRefused) {
        const fields = thrown.errorType === "ModelError" ? { OriginalStatusCode: 400 } : {};
        return sendError(response, thrown.errorType, thrown.status, {
          message: thrown.message,
          ...fields,
        });
      }
      sendError(response, "InternalServerException", 500, { message: String(thrown) });
    }
  }

  function takeScripted({ body }: ModelCall): ScriptedAnswer | undefined {
    const at = script.findIndex(({ prompt }) => prompt === undefined || prompt === body.prompt);
    const found = script[at];
    if (found === undefined) return undefined;
    const left = (found.times ?? 1) - 1;
    script.splice(at, 1, ...(left > 0 ? [{ ...found, times: left }] : []));
    return found;
  }

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    calls,
    /** Appends to the script; calls beyond its end get pictures. */
    next: (...answers: ScriptedAnswer[]): void => void script.push(...answers),
    /** Resolves when the next call arrives, before it is answered. */
    nextCall: () => new Promise<ModelCall>((resolve) => waitingForCall.push(resolve)),
    setLatencyMs(ms: number): void {
      latencyMs = ms;
    },
    /** Forgets the calls and the rest of the script. */
    reset(): void {
      calls.length = 0;
      script.length = 0;
    },
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function readCall(request: Request): Promise<ModelCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const path =
    /^\/(model|endpoints|guardrail)\/([^/]+)\/(?:invoke|invocations|version\/(?:DRAFT|\d+)\/apply)$/.exec(
      request.url ?? "",
    );
  if (path === null || request.method !== "POST") {
    throw new RequestRefused("UnknownOperationException", 404, "No such operation.");
  }
  const header = (name: string) => request.headers[name]?.toString();
  return {
    service: services[path[1] ?? ""] ?? "bedrock",
    model: decodeURIComponent(path[2] ?? ""),
    body: JSON.parse(Buffer.concat(chunks).toString()),
    attempt: header("amz-sdk-request") ?? "",
    httpVersion: request.httpVersion,
    accept: header("accept"),
    atMs: Date.now(),
  };
}

async function goodReply(call: ModelCall): Promise<Record<string, unknown>> {
  if (call.service === "guardrail") {
    return { action: "NONE", outputs: [], assessments: [], usage: {} };
  }
  if (call.service === "sagemaker") {
    const sketch = readSagemakerRequest(call.accept, call.body);
    return { generated_images: [await draw(sketch)], prompt: call.body.prompt };
  }
  const sketch = await readBedrockRequest(call.model, call.body);
  return { seeds: [sketch.seed], finish_reasons: [null], images: [await draw(sketch)] };
}

async function draw({ widthPx, heightPx, format, seed }: Sketch): Promise<string> {
  const background = { r: seed & 255, g: (seed >> 8) & 255, b: (seed >> 16) & 255 };
  const create = { width: widthPx, height: heightPx, channels: 3 as const, background };
  return (await sharp({ create }).toFormat(format).toBuffer()).toString("base64");
}

function send(response: Response, status: number, body: string, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body);
}

function sendError(
  response: Response,
  name: string,
  status: number,
  body: object,
  headers = {},
): void {
  send(response, status, JSON.stringify(body), { "x-amzn-errortype": name, ...headers });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
