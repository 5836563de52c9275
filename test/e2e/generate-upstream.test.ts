import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";

const processes = atelierProcesses();
let atelier: AtelierProcess;
let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer();
  atelier = await processes.start({ environment: onModelServer(model) });
  return () => model.close();
}, START_TIMEOUT_MS);
beforeEach(() => model.reset());

const generate = (body: object) => atelier.postJson("/generate", body);

describe("/generate with Bedrock", { timeout: 30_000 }, () => {
  it("draws with the model that the caller names", async () => {
    const { body } = await generate({
      prompt: "a fox",
      model: "stability.stable-image-core-v1:1",
      output_format: "webp",
    });
    expect(body.parameters).toMatchObject({ model: "stability.stable-image-core-v1:1" });
    expect(model.calls).toMatchObject([{ model: "stability.stable-image-core-v1:1" }]);
    const standard = await generate({ prompt: "a fox" });
    expect(standard.body.parameters).toMatchObject({ model: "stability.sd3-5-large-v1:0" });
  });

  it("answers 422 when the content is declined, however it is declined", async () => {
    for (const reason of ["prompt", "output image", "input image"]) {
      model.next({ finishReasons: [`Filter reason: ${reason}`] });
      const { status, body } = await generate({ prompt: `declined ${reason}` });
      expect([status, body.error]).toEqual([422, "ContentFiltered"]);
      expect(body.message).toMatch(/declined/);
      expect(body.message).not.toContain("Filter reason");
    }
    expect(model.calls).toHaveLength(3);
  });

  it("answers 403 when the role may not call the model, and says what to allow", async () => {
    model.next({ error: "AccessDeniedException", status: 403 });
    const { status, body } = await generate({ prompt: "denied" });
    expect([status, body.error]).toEqual([403, "AccessDenied"]);
    expect(body.message).toContain("bedrock:InvokeModel");
  });

  it("answers 404 when Bedrock does not have the model", async () => {
    model.next({ error: "ResourceNotFoundException", status: 404 });
    const { status, body } = await generate({ prompt: "absent" });
    expect([status, body.error]).toEqual([404, "ModelNotFound"]);
  });

  it("answers 502 when the model fails, after one more call and no other", async () => {
    model.next({ malformed: "{", times: 5 });
    const { status, body } = await generate({ prompt: "broken" });
    expect([status, body.error]).toEqual([502, "UpstreamError"]);
    expect(model.calls).toHaveLength(2);
  });

  it("answers 504 when the model takes too long", async () => {
    model.next({ error: "ModelTimeoutException", status: 408, times: 5 });
    const { status, body } = await generate({ prompt: "slow" });
    expect([status, body.error]).toEqual([504, "Timeout"]);
    expect(model.calls).toHaveLength(2);
  });

  it("answers 429 with the wait when the model stays busy", async () => {
    model.next({
      error: "ThrottlingException",
      status: 429,
      headers: { "retry-after": "1" },
      times: 7,
    });
    const answer = await generate({ prompt: "busy" });
    expect([answer.status, answer.body.error]).toEqual([429, "TooManyRequests"]);
    expect(answer.headers.get("Retry-After")).toBe("1");
    expect(model.calls).toHaveLength(7);
    // Nothing of that is kept: the next one draws.
    expect((await generate({ prompt: "busy" })).status).toBe(200);
  });
});

it(
  "a key has its calls a minute, and then hears when to come back",
  async () => {
    const limited = await processes.start({
      environment: {
        RATE_API_PER_MINUTE: "2",
        API_KEYS: "one-key-of-the-team,two-key-of-the-team",
      },
    });
    const ask = (key: string) =>
      limited.postJson("/generate", { prompt: "a" }, { "x-api-key": key });
    // Five calls are in two minutes at most, so one of them is over the limit of two.
    const answers = [];
    for (let call = 0; call < 5; call += 1) answers.push(await ask("one-key-of-the-team"));
    const over = answers.filter(({ status }) => status === 429);
    expect(over.length).toBeGreaterThan(0);
    expect(over[0]?.body).toEqual({
      error: "TooManyRequests",
      message: expect.stringContaining("2 times a minute"),
    });
    const seconds = Number(over[0]?.headers.get("Retry-After"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect((await ask("two-key-of-the-team")).status).toBe(200);
  },
  START_TIMEOUT_MS,
);
