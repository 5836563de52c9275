import { z } from "zod";
import { type Caller, shortDigest } from "../api/authorization.ts";

/** One record of the batch queue. */
export interface BatchRecord {
  messageId: string;
  body?: unknown;
}

/** What the generation service can be called with. */
export type GenerateEvent =
  | {
      kind: "call";
      request: Request;
      /** Known where the caller has shown AWS who they are; others show a key. */
      caller: Caller | null;
      /** When a gateway took the call, which waits for the answer from then on; null without one. */
      receivedAtMs: number | null;
    }
  | { kind: "batch"; records: readonly BatchRecord[] };

const batchSchema = z.object({
  Records: z.array(z.object({ messageId: z.string().min(1), body: z.unknown().optional() })).min(1),
});

const texts = z.record(z.string(), z.string().nullish()).nullish();
const manyTexts = z.record(z.string(), z.array(z.string()).nullish()).nullish();
/** Those that web-standard requests take. */
const method = z.string().regex(/^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/u);
const bodySchema = { body: z.unknown().optional(), isBase64Encoded: z.boolean().nullish() };

// API Gateway Developer Guide, "Working with AWS Lambda proxy integrations for HTTP APIs":
// payload format 2.0.
const version2Schema = z.object({
  ...bodySchema,
  headers: texts,
  rawQueryString: z.string().nullish(),
  requestContext: z.object({
    http: z.object({ method }),
    timeEpoch: z.number().nullish(),
    authorizer: z.object({ iam: z.object({ userArn: z.string() }).nullish() }).nullish(),
  }),
});

// The same page, payload format 1.0, which REST APIs send too.
const version1Schema = z.object({
  ...bodySchema,
  httpMethod: method,
  headers: texts,
  multiValueHeaders: manyTexts,
  queryStringParameters: texts,
  multiValueQueryStringParameters: manyTexts,
  requestContext: z
    .object({
      requestTimeEpoch: z.number().nullish(),
      identity: z.object({ userArn: z.string().nullish() }).nullish(),
    })
    .nullish(),
});

/** A request as a test event of the console has it: nothing but its body. */
const bareBodySchema = z.object({
  body: z.union([z.string(), z.record(z.string(), z.unknown())]),
  isBase64Encoded: bodySchema.isBase64Encoded,
  prompt: z.undefined().optional(),
});

/** Whoever may invoke the function has shown AWS who they are. */
const INVOKER: Caller = { kind: "identity", id: "direct" };

/** What the service heeds; the others say how the request came here. */
const HEADERS = [
  "authorization",
  "x-api-key",
  "content-type",
  "idempotency-key",
  "origin",
  "access-control-request-method",
  "access-control-request-headers",
];

/**
 * Reads an API Gateway event (payload format 1.0 or 2.0; the body as text, base64 or an object), a
 * batch of the queue, or the bare payload. Whatever is none of these is a payload, which the
 * service then finds fault with in its own words.
 */
export function readGenerateEvent(event: unknown): GenerateEvent {
  const batch = batchSchema.safeParse(event);
  if (batch.success) return { kind: "batch", records: batch.data.Records };

  const version2 = version2Schema.safeParse(event);
  if (version2.success) {
    const { headers, rawQueryString, requestContext: context, ...rest } = version2.data;
    return {
      kind: "call",
      request: toRequest({
        method: context.http.method,
        headers: Object.entries(headers ?? {}).map(([name, value]) => [name, value ?? ""]),
        query: rawQueryString ?? "",
        body: readBody(rest),
      }),
      caller: identityOf(context.authorizer?.iam?.userArn),
      receivedAtMs: context.timeEpoch ?? null,
    };
  }

  const version1 = version1Schema.safeParse(event);
  if (version1.success) {
    const { httpMethod: method, requestContext: context, ...rest } = version1.data;
    const { headers, multiValueHeaders } = rest;
    const query = pairsOf(rest.queryStringParameters, rest.multiValueQueryStringParameters);
    return {
      kind: "call",
      request: toRequest({
        method,
        headers: pairsOf(headers, multiValueHeaders),
        query: new URLSearchParams(query).toString(),
        body: readBody(rest),
      }),
      caller: identityOf(context?.identity?.userArn),
      receivedAtMs: context?.requestTimeEpoch ?? null,
    };
  }

  const bare = bareBodySchema.safeParse(event);
  const body = readBody(bare.success ? bare.data : { body: event });
  const request = toRequest({ method: "POST", headers: [], query: "", body });
  const caller: Caller = isFromGateway(event) ? { kind: "nobody" } : INVOKER;
  return { kind: "call", request, caller, receivedAtMs: null };
}

/** However odd it is otherwise: then nobody has invoked the function themselves. */
function isFromGateway(event: unknown): boolean {
  const isObject = event !== null && typeof event === "object";
  return isObject && ("requestContext" in event || "httpMethod" in event);
}

function identityOf(userArn: string | null | undefined): Caller | null {
  return userArn ? { kind: "identity", id: shortDigest(userArn) } : null;
}

/** One pair for each value; where both forms are given, the one with all values counts. */
function pairsOf(
  single: z.output<typeof texts>,
  multiple: z.output<typeof manyTexts>,
): [string, string][] {
  if (multiple === undefined || multiple === null) {
    return Object.entries(single ?? {}).map(([name, value]) => [name, value ?? ""]);
  }
  return Object.entries(multiple).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  );
}

function readBody({
  body,
  isBase64Encoded,
}: {
  body?: unknown;
  isBase64Encoded?: boolean | null | undefined;
}): Uint8Array | null {
  if (body === undefined || body === null || body === "") return null;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Uint8Array(Buffer.from(text, isBase64Encoded ? "base64" : "utf8"));
}

/** The request to `/generate`, under whatever path and stage the gateway has it. */
function toRequest({
  method,
  headers: given,
  query,
  body,
}: {
  method: string;
  headers: readonly (readonly [string, string])[];
  query: string;
  body: Uint8Array | null;
}): Request {
  const headers = new Headers();
  for (const [name, value] of given) {
    // What no header can hold cannot have come over HTTP.
    const isSendable = /^[\t\x20-\x7e\x80-\xff]*$/u.test(value);
    if (isSendable && HEADERS.includes(name.toLowerCase())) headers.append(name, value);
  }
  const hasBody = body !== null && !["GET", "HEAD"].includes(method);
  const url = new URL("https://atelier.invalid/generate");
  url.search = query;
  return new Request(url, { method, headers, ...(hasBody ? { body } : {}) });
}
