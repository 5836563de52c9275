import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAtelier } from "../../infra/atelier.ts";
import { readSettings } from "../../infra/settings.ts";
import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import { createCountingModel } from "../fixtures/counting-model.ts";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { fetchBytes, until } from "./atelier-client.ts";
import { atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";

const KEY = "a-key-of-16-characters";
const processes = atelierProcesses();
let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer();
  return () => model.close();
});
beforeEach(() => model.reset());

describe("a call of /generate", { timeout: START_TIMEOUT_MS }, () => {
  it("that is under way at SIGTERM gets its picture before the process ends", async () => {
    const atelier = await processes.start({ environment: onModelServer(model) });
    model.next({ delayMs: 1_500 });
    const called = model.nextCall();
    const answer = atelier.postJson("/generate", { prompt: "paid for" });
    await called;
    const [{ status, body }, ended] = await Promise.all([answer, atelier.stop()]);
    expect([status, body.message]).toEqual([200, "Image generated successfully"]);
    expect(ended.code).toBe(0);
    expect(ended.ms).toBeLessThan(6_000);
    // It is cached, too: asked again, nothing is drawn and paid for.
    const again = await processes.start({
      environment: onModelServer(model),
      dataDir: atelier.dataDir,
    });
    const cached = await again.postJson("/generate", { prompt: "paid for" });
    expect([cached.body.cached, model.calls.length]).toEqual([true, 1]);
    expect((await fetchBytes(String(cached.body.url))).length).toBeGreaterThan(0);
  });

  it("is logged in one line, without what it asked for", async () => {
    const atelier = await processes.start({
      environment: { ...onModelServer(model), API_KEYS: KEY },
    });
    const ask = (prompt: unknown, key = KEY) =>
      atelier.postJson("/generate", { prompt }, { "x-api-key": key });
    await ask("secret fox");
    await ask("secret fox");
    await ask(7);
    await ask("secret fox", "wrong-key-of-the-team");
    model.next({ malformed: "{", times: 5 });
    await ask("secret broken fox");
    const lines = () => atelier.logs().filter(({ msg }) => String(msg).startsWith("generate"));
    await until("all are logged", () => lines().length >= 5);
    const caller = expect.stringMatching(/^api:local:[0-9a-f]{12}$/u);
    const ms = expect.any(Number);
    expect(lines()).toMatchObject([
      { caller, ms, outcome: "drawn" },
      { caller, ms, outcome: "cached" },
      { caller, ms, outcome: "invalid_input" },
      { caller: "nobody", ms, outcome: "unauthorized" },
      { caller, ms, outcome: "unavailable", reference: expect.any(String), err: {} },
    ]);
    expect(lines()[4]?.level).not.toBe(lines()[0]?.level);
    expect(atelier.output()).not.toMatch(/secret|wrong-key/u);
  });

  it("past its time is answered with Timeout, and none is begun during a stop", async () => {
    const { settings } = readSettings({ DATA_DIR: await processes.newFolder() });
    const counting = createCountingModel();
    const atelier = await createAtelier({
      settings,
      log: { info() {}, warn() {}, error() {} },
      clock: processClock,
      newId: newRandomId,
      baseUrl: () => "http://127.0.0.1",
      imageModels: [counting.model],
      answerWithinMs: 700,
    });
    await atelier.start();
    const ask = async (prompt: string) => {
      const url = `http://127.0.0.1/generate?prompt=${prompt}`;
      const response = await atelier.fetch(new Request(url));
      return { status: response.status, body: await response.json() };
    };
    const open = counting.hold();
    const late = await ask("slow");
    expect(late).toEqual({
      status: 504,
      body: { error: "Timeout", message: "This took too long. Try again in a minute." },
    });

    const before = counting.requests.length;
    const running = ask("paid");
    await until("it is drawn", () => counting.requests.length > before);
    const stopped = atelier.stop();
    await sleep(20);
    expect(await ask("new")).toEqual({
      status: 502,
      body: {
        error: "UpstreamError",
        message: "Atelier is stopping. Send this again in a minute.",
      },
    });
    open();
    expect((await running).status).toBe(200);
    await stopped;
    expect(counting.requests).toHaveLength(before + 1);
  });
});
