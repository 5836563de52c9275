import { z } from "zod";

/**
 * Format 2.0, as HTTP APIs send it (API Gateway Developer Guide, "Create AWS Lambda proxy
 * integrations for HTTP APIs").
 */
const eventSchema = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
  requestContext: z.object({
    domainName: z.string().nullish(),
    stage: z.string().nullish(),
    timeEpoch: z.number().nullish(),
    http: z.object({ method: z.string() }),
  }),
});
type Event = z.infer<typeof eventSchema>;

// What web-standard requests take (RFC 9110, 5.1, 5.5 and 9.1); nothing else concerns a webhook.
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/u;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/u;
const METHOD = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/u;

/** A request that API Gateway took. */
export interface ApiGatewayRequest {
  request: Request;
  /** When that was; null where the event does not say. */
  receivedAtMs: number | null;
}

/** What a function answers API Gateway with. */
export interface ApiGatewayAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: false;
}

/**
 * The HTTP request that an event of API Gateway carries, its body byte for byte; `too large` when
 * that has more than `maxBytes`, null for anything else.
 */
export function readApiGatewayEvent(
  given: unknown,
  { maxBytes }: { maxBytes: number },
): ApiGatewayRequest | "too large" | null {
  const parsed = eventSchema.safeParse(given);
  if (!parsed.success) return null;
  const event = parsed.data;
  const { method } = event.requestContext.http;
  const url = urlOf(event);
  if (!URL.canParse(url) || !METHOD.test(method)) return null;
  const body = event.body ?? "";
  const encoding = event.isBase64Encoded === true ? "base64" : "utf8";
  // Before anything is decoded.
  if (Buffer.byteLength(body, encoding) > maxBytes) return "too large";
  const bytes = new Uint8Array(Buffer.from(body, encoding));
  const headers = new Headers(
    Object.entries(event.headers ?? {}).filter(
      ([name, value]) => HEADER_NAME.test(name) && HEADER_VALUE.test(value),
    ),
  );
  headers.set("Content-Length", String(bytes.byteLength));
  const hasBody = method !== "GET" && method !== "HEAD";
  return {
    request: new Request(url, { method, headers, ...(hasBody ? { body: bytes } : {}) }),
    receivedAtMs: event.requestContext.timeEpoch ?? null,
  };
}

/** The response as API Gateway takes it. What platforms are answered is text, without cookies. */
export async function apiGatewayAnswer(response: Response): Promise<ApiGatewayAnswer> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
    isBase64Encoded: false,
  };
}

function urlOf({ rawPath, rawQueryString, requestContext }: Event): string {
  const { stage, domainName } = requestContext;
  // A stage that is not the default one stands before the path.
  const prefix = stage == null || stage === "$default" ? "" : `/${stage}`;
  const isBelow = prefix !== "" && `${rawPath}/`.startsWith(`${prefix}/`);
  const path = isBelow ? rawPath.slice(prefix.length) || "/" : rawPath;
  return `https://${domainName ?? "localhost"}${path}${rawQueryString ? `?${rawQueryString}` : ""}`;
}
