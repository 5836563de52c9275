import { describe, expect, it } from "vitest";
import { apiGatewayAnswer, readApiGatewayEvent } from "../../infra/deployed/webhook-event.ts";

/** As the API Gateway Developer Guide shows format 2.0. */
const event = {
  version: "2.0",
  routeKey: "$default",
  rawPath: "/slack/events",
  rawQueryString: "parameter1=value1&parameter1=value2",
  cookies: ["cookie1", "cookie2"],
  headers: { "content-type": "text/plain", header2: "value1,value2" },
  queryStringParameters: { parameter1: "value1,value2" },
  requestContext: {
    accountId: "123456789012",
    apiId: "api-id",
    domainName: "id.execute-api.us-east-1.amazonaws.com",
    domainPrefix: "id",
    http: {
      method: "POST",
      path: "/slack/events",
      protocol: "HTTP/1.1",
      sourceIp: "192.0.2.1",
      userAgent: "agent",
    },
    requestId: "id",
    routeKey: "$default",
    stage: "$default",
    time: "12/Mar/2020:19:03:58 +0000",
    timeEpoch: 1_583_348_638_390,
  },
  body: "Hello from Lambda ü",
  isBase64Encoded: false,
};

function read(changed: Record<string, unknown>, maxBytes = 1_000) {
  const found = readApiGatewayEvent({ ...event, ...changed }, { maxBytes });
  if (found === null || found === "too large") throw new Error(`It is ${found}.`);
  return found;
}

const staged = (stage: string, rawPath: string) =>
  new URL(read({ rawPath, requestContext: { ...event.requestContext, stage } }).request.url)
    .pathname;

describe("an event of API Gateway", () => {
  it("is the request that it was", async () => {
    const { request, receivedAtMs } = read({});
    expect(request.method).toBe("POST");
    expect(request.url).toBe(
      "https://id.execute-api.us-east-1.amazonaws.com/slack/events?parameter1=value1&parameter1=value2",
    );
    expect(request.headers.get("header2")).toBe("value1,value2");
    expect(request.headers.get("content-length")).toBe("20");
    expect(await request.text()).toBe("Hello from Lambda ü");
    expect(receivedAtMs).toBe(1_583_348_638_390);
  });

  it("keeps every byte of a body in base64", async () => {
    const bytes = Buffer.from([0, 255, 128, 10, 13, 0]);
    const { request } = read({ body: bytes.toString("base64"), isBase64Encoded: true });
    expect(Buffer.from(await request.arrayBuffer())).toEqual(bytes);
    expect(request.headers.get("content-length")).toBe("6");
  });

  it("may have no body, no headers and no query", async () => {
    const { body: _body, headers: _headers, rawQueryString: _query, ...bare } = event;
    const found = readApiGatewayEvent(bare, { maxBytes: 0 });
    expect(found).toMatchObject({ request: { url: expect.stringMatching(/events$/u) } });
    const { http } = event.requestContext;
    const get = { ...event.requestContext, http: { ...http, method: "GET" } };
    expect(read({ requestContext: get }).request.body).toBeNull();
  });

  it("leaves out headers that no request can have", () => {
    const headers = { "x-good": "1", "x-emoji": "🦊", "x bad": "2", "x-line": "a\nb" };
    expect([...read({ headers }).request.headers.keys()]).toEqual(
      expect.not.arrayContaining(["x-emoji", "x bad", "x-line"]),
    );
    expect(read({ headers }).request.headers.get("x-good")).toBe("1");
  });

  it("is measured before it is decoded", () => {
    const limits = { maxBytes: 3 };
    const body = Buffer.from("abcd").toString("base64");
    expect(readApiGatewayEvent({ ...event, body: "abcd" }, limits)).toBe("too large");
    expect(readApiGatewayEvent({ ...event, body: "üü" }, limits)).toBe("too large");
    expect(readApiGatewayEvent({ ...event, body, isBase64Encoded: true }, limits)).toBe(
      "too large",
    );
    expect(read({ body: "abc" }, 3)).toBeDefined();
  });

  it("has its path below the stage", () => {
    expect(staged("$default", "/prod/slack/events")).toBe("/prod/slack/events");
    expect(staged("prod", "/prod/slack/events")).toBe("/slack/events");
    expect(staged("prod", "/prod")).toBe("/");
    expect(staged("prod", "/production/slack/events")).toBe("/production/slack/events");
  });

  it("is nothing else", () => {
    const { requestContext } = event;
    const odd = { ...requestContext, http: { ...requestContext.http, method: "TRACE" } };
    for (const other of [null, "text", {}, { Records: [] }, { ...event, requestContext: odd }]) {
      expect(readApiGatewayEvent(other, { maxBytes: 10 })).toBeNull();
    }
  });
});

describe("an answer to API Gateway", () => {
  it("has the response's status, headers and text", async () => {
    const response = Response.json({ type: 1 }, { status: 201, headers: { Allow: "POST" } });
    expect(await apiGatewayAnswer(response)).toEqual({
      statusCode: 201,
      headers: { allow: "POST", "content-type": "application/json" },
      body: '{"type":1}',
      isBase64Encoded: false,
    });
  });

  it("may be empty", async () => {
    const answer = await apiGatewayAnswer(new Response(null, { status: 401 }));
    expect(answer).toEqual({ statusCode: 401, headers: {}, body: "", isBase64Encoded: false });
  });
});
