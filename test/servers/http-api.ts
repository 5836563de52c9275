import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { TEST_ACCOUNT } from "./aws-calls.ts";
import { isRecord, type JsonRecord, parseJson, recordOf, textOf } from "./json-record.ts";
import type { InvocationOutcome } from "./lambda-runtime-api.ts";

export interface HttpApiRoute {
  /** `POST /generate`, or `$default`. */
  key: string;
  invoke: (event: unknown) => Promise<InvocationOutcome>;
}

export interface HttpApiCors {
  origins: readonly string[];
  methods: readonly string[];
  headers: readonly string[];
}

/** HTTP API quotas: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const INTEGRATION_TIMEOUT_MS = 30_000;
const PAYLOAD_MAX_BYTES = 10_485_760;
/** All others reach the function as base64. */
const TEXT_TYPES = /^(text\/|application\/(json|javascript|xml)\b)/u;

/**
 * An API Gateway HTTP API on loopback: real requests become events of format 2.0, and what the
 * function answers becomes the response. Throttling is off. Source: API Gateway Developer Guide,
 * "Create AWS Lambda proxy integrations for HTTP APIs".
 */
export async function startHttpApi() {
  let routes: readonly HttpApiRoute[] = [];
  let cors: HttpApiCors | null = null;
  let throttleNext = 0;

  const server = createServer((request, response) => {
    answer(request, response).catch(() => say(response, 500, "Internal Server Error"));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/" } = request;
    allowOrigin(request, response);
    const body = await readBody(request);
    if (body.length > PAYLOAD_MAX_BYTES) return say(response, 413, "Request Entity Too Large");
    if (throttleNext > 0) {
      throttleNext -= 1;
      return say(response, 429, "Too Many Requests");
    }
    if (method === "OPTIONS" && cors !== null) return void response.writeHead(204).end();
    const [path = "/"] = url.split("?");
    const key = `${method} ${path}`;
    const route = routes.find((one) => one.key === key || one.key === `ANY ${path}`);
    const found = route ?? routes.find((one) => one.key === "$default");
    if (found === undefined) return say(response, 404, "Not Found");
    const outcome = await withinTime(found.invoke(eventFrom(request, found.key, body)));
    if (outcome === null) return say(response, 503, "Service Unavailable");
    if (outcome.isFailed) return say(response, 500, "Internal Server Error");
    sendAnswer(response, parseJson(outcome.payload));
  }

  /** The API's own CORS answer to origins that may call it. */
  function allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
    const { origin } = headers;
    if (cors === null || origin === undefined) return;
    const { origins, methods, headers: allowed } = cors;
    if (!origins.includes(origin) && !origins.includes("*")) return;
    response.setHeader("access-control-allow-origin", origins.includes("*") ? "*" : origin);
    response.setHeader("access-control-allow-methods", methods.join(","));
    response.setHeader("access-control-allow-headers", allowed.join(","));
  }

  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The API has no port.");

  return {
    url: `http://127.0.0.1:${address.port}`,
    serve(next: readonly HttpApiRoute[], withCors: HttpApiCors | null = null): void {
      routes = next;
      cors = withCors;
    },
    /** The next requests are more than the API lets through. */
    throttle(requests: number): void {
      throttleNext = requests;
    },
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function eventFrom(request: IncomingMessage, routeKey: string, body: Buffer) {
  const { method = "GET", url = "/", headers, httpVersion } = request;
  const { pathname, searchParams, search } = new URL(url, "http://api");
  const { cookie, ...others } = headers;
  const names = [...new Set(searchParams.keys())];
  const isText = TEXT_TYPES.test(headers["content-type"] ?? "");
  const nowMs = Date.now();
  return {
    version: "2.0",
    routeKey,
    rawPath: pathname,
    rawQueryString: search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split("; ") }),
    headers: Object.fromEntries(
      Object.entries(others).map(([name, value]) => [name, [value].flat().join(",")]),
    ),
    ...(names.length === 0
      ? {}
      : {
          queryStringParameters: Object.fromEntries(
            names.map((name) => [name, searchParams.getAll(name).join(",")]),
          ),
        }),
    requestContext: {
      accountId: TEST_ACCOUNT,
      apiId: "a1b2c3d4e5",
      domainName: headers.host ?? "",
      domainPrefix: "a1b2c3d4e5",
      http: {
        method,
        path: pathname,
        protocol: `HTTP/${httpVersion}`,
        sourceIp: "203.0.113.7",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey,
      stage: "$default",
      time: new Date(nowMs).toUTCString(),
      timeEpoch: nowMs,
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** Format 2.0: a record with a status is a response, anything else is a body of JSON. */
function sendAnswer(response: ServerResponse, answered: unknown): void {
  if (!isRecord(answered) || answered.statusCode === undefined) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(typeof answered === "string" ? answered : JSON.stringify(answered));
    return;
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = answered;
  for (const [name, value] of Object.entries(recordOf(headers))) {
    response.setHeader(name, String(value));
  }
  if (Array.isArray(cookies)) response.setHeader("set-cookie", cookies.map(String));
  response.statusCode = Number(statusCode);
  response.end(Buffer.from(textOf(body), isBase64Encoded === true ? "base64" : "utf8"));
}

function say(response: ServerResponse, status: number, message: string): void {
  const body: JsonRecord = { message };
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function withinTime(outcome: Promise<InvocationOutcome>): Promise<InvocationOutcome | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, INTEGRATION_TIMEOUT_MS, null);
  });
  return Promise.race([outcome, late]).finally(() => clearTimeout(timer));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
