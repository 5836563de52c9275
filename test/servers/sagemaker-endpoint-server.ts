import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the next call is answered with instead of the container's answer. */
export interface ScriptedEndpointAnswer {
  times?: number;
  error?: string;
  status?: number;
  headers?: Record<string, string>;
  /** Sent as the container's answer, with 200. */
  body?: string;
  dropConnection?: true;
}

interface EndpointCall {
  endpoint: string;
  bodyBytes: number;
  contentType: string | undefined;
}

export type SagemakerEndpointServer = Awaited<ReturnType<typeof startSagemakerEndpointServer>>;

/** What endpoints took before 2025; newer ones take 25 MB. */
const BODY_MAX_BYTES = 6_291_456;
/** How long SageMaker waits for a container. */
const CONTAINER_TIMEOUT_MS = 60_000;

/**
 * A server on loopback that speaks SageMaker's InvokeEndpoint and hands on to containers: what
 * they answer with 200 as it is, all else as ModelError. It checks no signature. Source: Amazon
 * SageMaker API Reference, InvokeEndpoint.
 */
export async function startSagemakerEndpointServer(containers: Readonly<Record<string, string>>) {
  const calls: EndpointCall[] = [];
  const script: ScriptedEndpointAnswer[] = [];

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      sendError(response, 500, "InternalFailure", { Message: String(thrown) });
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const path = /^\/endpoints\/([^/]+)\/invocations$/u.exec(request.url ?? "");
    const endpoint = decodeURIComponent(path?.[1] ?? "");
    const container = containers[endpoint];
    if (path === null || container === undefined) {
      const Message = `Endpoint ${endpoint} of account 123456789012 not found.`;
      return sendError(response, 400, "ValidationError", { Message });
    }
    if (body.length > BODY_MAX_BYTES) {
      const Message = `Received too large a body: ${body.length} bytes.`;
      return sendError(response, 413, "ValidationError", { Message });
    }
    calls.push({ endpoint, bodyBytes: body.length, contentType: request.headers["content-type"] });
    const scripted = takeScripted();
    if (scripted?.dropConnection) return void request.socket.destroy();
    if (scripted?.error !== undefined) {
      const { error, status = 500, headers = {} } = scripted;
      return sendError(response, status, error, { Message: `Scripted ${error}.` }, headers);
    }
    if (scripted?.body !== undefined) return send(response, scripted.body);

    const reply = await fetch(`${container}/invocations`, {
      method: "POST",
      body,
      headers: {
        "content-type": request.headers["content-type"] ?? "",
        accept: request.headers.accept ?? "",
      },
      signal: AbortSignal.timeout(CONTAINER_TIMEOUT_MS),
    });
    const text = await reply.text();
    if (reply.status === 200) return send(response, text);
    sendError(response, 424, "ModelError", {
      Message: `Received server error (${reply.status}) from primary with message "${text}".`,
      OriginalStatusCode: reply.status,
      OriginalMessage: text,
      LogStreamArn: "arn:aws:logs:us-west-2:123456789012:log-group:/aws/sagemaker/Endpoints/clip",
    });
  }

  function takeScripted(): ScriptedEndpointAnswer | undefined {
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
    calls,
    /** Appends to the script; calls beyond its end reach the containers. */
    next: (...answers: ScriptedEndpointAnswer[]): void => void script.push(...answers),
    reset(): void {
      calls.length = 0;
      script.length = 0;
    },
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(response: ServerResponse, body: string): void {
  response.writeHead(200, {
    "content-type": "application/json",
    "x-amzn-invoked-production-variant": "primary",
  });
  response.end(body);
}

function sendError(
  response: ServerResponse,
  status: number,
  name: string,
  body: object,
  headers = {},
): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "x-amzn-errortype": name,
    ...headers,
  });
  response.end(JSON.stringify(body));
}
