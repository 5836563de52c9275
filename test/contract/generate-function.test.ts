import { beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { createGenerateDesk, type GenerateDesk } from "../fixtures/generate-desk.ts";
import { httpApiEvent, restApiEvent } from "../fixtures/generate-events.ts";
import { until } from "../fixtures/until.ts";

const KEY = { "X-Api-Key": "the-key-of-the-team" };
const ROLE = "arn:aws:sts::123456789012:assumed-role/painter/session";

let storage: EmbeddedStorage;
let desk: GenerateDesk;
beforeAll(async () => {
  storage = await openEmbeddedStorage();
  desk = createGenerateDesk(storage, {
    CORS_ORIGINS: "https://app.example",
    RATE_API_PER_MINUTE: "10000",
  });
  return () => storage.close();
});

/** Each form in which a payload can come, with what shows that its sender may call. */
const forms: readonly (readonly [string, (payload: unknown) => unknown])[] = [
  [
    "an HTTP API's event",
    (payload) => httpApiEvent({ body: JSON.stringify(payload), headers: KEY }),
  ],
  [
    "an HTTP API's event in base64",
    (payload) => httpApiEvent({ body: JSON.stringify(payload), isBase64: true, headers: KEY }),
  ],
  ["an HTTP API's event with an object", (body) => httpApiEvent({ body, headers: KEY })],
  [
    "an HTTP API's event of an identity",
    (payload) => httpApiEvent({ body: JSON.stringify(payload), userArn: ROLE }),
  ],
  [
    "a REST API's event",
    (payload) => restApiEvent({ body: JSON.stringify(payload), headers: KEY }),
  ],
  [
    "a REST API's event in base64",
    (payload) => restApiEvent({ body: JSON.stringify(payload), isBase64: true, headers: KEY }),
  ],
  ["a REST API's event with an object", (body) => restApiEvent({ body, headers: KEY })],
  [
    "a REST API's event of an identity",
    (payload) => restApiEvent({ body: JSON.stringify(payload), userArn: ROLE }),
  ],
  ["nothing but a body", (payload) => ({ body: JSON.stringify(payload) })],
  ["nothing but a body that is an object", (body) => ({ body })],
  ["the bare payload", (payload) => payload],
  ["the bare payload as text", (payload) => JSON.stringify(payload)],
];

describe.each(forms)("the generation function, called with %s", (_name, eventOf) => {
  it("answers as POST /generate does", async () => {
    const payload = { prompt: "a red fox", seed: 7, aspect_ratio: "1:1", init_image_s3: null };
    const posted = await desk.post(payload);
    const answer = await desk.call(eventOf(payload));
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json");
    const { url, ...body } = answer.body;
    const { url: postedUrl, ...postedBody } = posted.body;
    expect(body).toEqual({ ...postedBody, cached: true });
    expect([url, postedUrl]).toEqual([expect.any(String), expect.any(String)]);
    expect(body).toMatchObject({
      message: "Image generated successfully",
      parameters: { prompt: "a red fox", model: "counting.v1", aspect_ratio: "1:1", seed: 7 },
      expires_in: 900,
      finish_reason: null,
    });
  });

  it.each([
    ["no prompt", {}],
    ["a bad ratio and a bad seed", { prompt: "a", aspect_ratio: "4:3", seed: -1 }],
    ["a model that is not enabled", { prompt: "a", model: "stability.sdxl-v9" }],
    [
      "a source outside the input bucket",
      { prompt: "a", init_image_s3: "s3://someone-else/a.png" },
    ],
    [
      "a source that is gone",
      { prompt: "a", init_image_s3: `s3://local/inputs/${"0".repeat(64)}.png` },
    ],
  ])("refuses %s with the same status and words", async (_problem, payload) => {
    const posted = await desk.post(payload);
    const { status, body } = await desk.call(eventOf(payload));
    expect(posted.status).toBeGreaterThanOrEqual(400);
    expect({ status, body }).toEqual({ status: posted.status, body: posted.body });
  });
});

describe("the generation function behind a gateway", () => {
  const gateways = [
    ["an HTTP API", httpApiEvent],
    ["a REST API", restApiEvent],
  ] as const;

  it.each(gateways)("answers GET in the short form, through %s", async (_name, eventOf) => {
    const query = { prompt: "a small house & a tree", seed: "5", aspect_ratio: "1:1" };
    const { status, body } = await desk.call(eventOf({ method: "GET", query, headers: KEY }));
    expect(status).toBe(200);
    expect(body).toEqual({ url: expect.any(String), prompt: "a small house & a tree" });
    const wrong = { ...query, seed: "x" };
    const refused = await desk.call(eventOf({ method: "GET", query: wrong, headers: KEY }));
    expect([refused.status, refused.body.error]).toEqual([400, "InvalidRequest"]);
  });

  it.each(gateways)(
    "tells a page of an allowed origin that it may call, through %s",
    async (_name, eventOf) => {
      const preflight = (Origin: string) =>
        desk.call(
          eventOf({
            method: "OPTIONS",
            headers: {
              Origin,
              "Access-Control-Request-Method": "POST",
              "Access-Control-Request-Headers": "content-type,x-api-key",
            },
          }),
        );
      const allowed = await preflight("https://app.example");
      expect(allowed.status).toBe(204);
      expect(allowed.headers).toMatchObject({
        "access-control-allow-origin": "https://app.example",
        "access-control-allow-methods": "POST,GET,OPTIONS",
      });
      const other = await preflight("https://evil.example");
      expect(other.headers).not.toHaveProperty("access-control-allow-origin");
      const body = JSON.stringify({ prompt: "a red fox", seed: 7 });
      const called = await desk.call(
        eventOf({ body, headers: { ...KEY, Origin: "https://app.example" } }),
      );
      expect([called.status, called.headers["access-control-allow-origin"]]).toEqual([
        200,
        "https://app.example",
      ]);
    },
  );

  it.each(gateways)("wants a key or an identity, through %s", async (_name, eventOf) => {
    const body = JSON.stringify({ prompt: "a red fox", seed: 7 });
    const statusWith = async (headers: Record<string, string>) =>
      (await desk.call(eventOf({ body, headers }))).status;
    expect(await statusWith({})).toBe(401);
    expect(await statusWith({ "X-Api-Key": "another-key-of-someone" })).toBe(401);
    expect(await statusWith({ Authorization: "Bearer the-key-of-the-team" })).toBe(200);
    expect((await desk.call(eventOf({ body, userArn: ROLE }))).status).toBe(200);
  });

  it.each(gateways)(
    "lets nobody in without a key when no keys are set, through %s",
    async (name, eventOf) => {
      const closed = createGenerateDesk(storage, { API_KEYS: "" });
      const body = JSON.stringify({ prompt: `closed to ${name}` });
      expect((await closed.call(eventOf({ body }))).status).toBe(401);
      expect((await closed.call(eventOf({ body, userArn: ROLE }))).status).toBe(200);
      expect(closed.counting.requests).toHaveLength(1);
    },
  );

  it.each(gateways)("is one picture for one Idempotency-Key, through %s", async (name, eventOf) => {
    const headers = { ...KEY, "Idempotency-Key": name };
    const ask = () => desk.call(eventOf({ body: { prompt: `once by ${name}` }, headers }));
    const [one, two] = await Promise.all([ask(), ask()]);
    expect(two.body.key).toBe(one.body.key);
  });

  it.each(gateways)("answers Timeout before %s gives up", async (_name, eventOf) => {
    const open = desk.counting.hold();
    const startMs = performance.now();
    const takenAtMs = Date.now() - 27_600;
    const { status, body } = await desk.call(
      eventOf({ body: { prompt: `slow ${takenAtMs}` }, headers: KEY, takenAtMs }),
    );
    const ms = performance.now() - startMs;
    open();
    expect({ status, body }).toEqual({
      status: 504,
      body: { error: "Timeout", message: "This took too long. Try again in a minute." },
    });
    // A REST API waits 29 s.
    expect(ms).toBeLessThan(1_400);
  });

  it("takes an event with an old time, as a test of the console has, for one of now", async () => {
    const body = { prompt: "old event" };
    const { status } = await desk.call(
      httpApiEvent({ body, headers: KEY, takenAtMs: 1_583_348_638_390 }),
    );
    expect(status).toBe(200);
  });

  it("refuses a key that calls too often, and says when to come back", async () => {
    const limited = createGenerateDesk(storage, {
      RATE_API_PER_MINUTE: "2",
      API_KEYS: "one-key-that-calls-often,another-key-that-does-not",
    });
    const ask = (key: string) =>
      limited.call(
        httpApiEvent({ body: { prompt: "often", seed: 1 }, headers: { "x-api-key": key } }),
      );
    // Five calls are in two minutes at most, so one of them is over the limit of two.
    const answers = [];
    for (let call = 0; call < 5; call += 1) answers.push(await ask("one-key-that-calls-often"));
    const over = answers.filter(({ status }) => status === 429);
    expect(over.length).toBeGreaterThan(0);
    expect(over[0]?.body.error).toBe("TooManyRequests");
    expect(Number(over[0]?.headers["retry-after"])).toBeGreaterThan(0);
    expect((await ask("another-key-that-does-not")).status).toBe(200);
  });
});

describe("the generation function", () => {
  it("answers Timeout before its own time is over", async () => {
    const open = desk.counting.hold();
    const calls = desk.counting.requests.length;
    const asked = desk.call({ prompt: "slower than the function" }, 2_100);
    await until(() => desk.counting.requests.length > calls);
    const { status, body } = await asked;
    open();
    expect([status, body.error]).toEqual([504, "Timeout"]);
  });

  it.each([
    null,
    7,
    [],
    "no JSON",
    { Records: [] },
    { Records: [{ body: "{}" }] },
    { httpMethod: "POST" },
  ])("answers %j, which is no request, with a sentence", async (event) => {
    const { status, body } = await desk.call(event);
    expect([400, 401]).toContain(status);
    expect(body.message).toMatch(/\.$/u);
  });

  it.each([
    { ...httpApiEvent({ body: { prompt: "a fox" } }), requestContext: null },
    { ...restApiEvent({ body: { prompt: "a fox" } }), httpMethod: "TRACE" },
    { requestContext: {}, prompt: "a fox" },
    { httpMethod: null, prompt: "a fox" },
  ])("takes no gateway's event for an invocation, however odd it is", async (event) => {
    expect((await desk.call(event)).status).toBe(401);
  });

  it("logs one line for each call, without what was asked for, and counts it", async () => {
    const fresh = createGenerateDesk(storage);
    await fresh.call({ prompt: "a secret fox" });
    await fresh.call({ prompt: "a secret fox" });
    await fresh.call({ prompt: 7 });
    await fresh.call(httpApiEvent({ body: { prompt: "a secret fox" } }));
    expect(fresh.outcomes).toEqual(["drawn", "cached", "invalid_input", "unauthorized"]);
    expect(fresh.lines.map(({ caller, outcome }) => [caller, outcome])).toEqual([
      ["api:local:direct", "drawn"],
      ["api:local:direct", "cached"],
      ["api:local:direct", "invalid_input"],
      ["nobody", "unauthorized"],
    ]);
    expect(JSON.stringify(fresh.lines)).not.toContain("secret");
  });
});
