import sharp from "sharp";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { picturesOf, until } from "./atelier-client.ts";
import { atelierProcesses } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";

const processes = atelierProcesses();
let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer();
  return () => model.close();
});
beforeEach(() => {
  model.reset();
  model.setLatencyMs(0);
});

const LONG_MS = 60_000;
const promptsOf = (calls: ModelServer["calls"]) => calls.map(({ body }) => String(body.prompt));

describe("a process that dies", { timeout: 120_000 }, () => {
  it("leaves nothing undone, nothing done twice and nothing paid for twice", async () => {
    const environment = onModelServer(model);
    const first = await processes.start({ environment });
    // Two of four pictures are drawn and stored when it dies; the other two are under way.
    model.next({}, {}, { delayMs: LONG_MS, times: 6 });
    const half = await first.submit("/imagine half done --count 4 --seed 10", { user: "ana" });
    await until(
      "two pictures are stored",
      async () => (await first.job(half)).progress?.done === 2,
    );
    const others: string[] = [];
    for (const text of ["running two", "running three", "waiting one", "waiting two"]) {
      others.push(await first.submit(`/imagine ${text} --seed 5`, { user: "ana" }));
    }
    const [running = "", , , waiting = ""] = others;
    await until("it runs", async () => (await first.job(running)).status === "running");
    expect((await first.job(waiting)).status).toBe("queued");
    await until("both running ones reached the model", () => model.calls.length === 6);
    await first.kill();
    const before = model.calls.length;
    model.reset();

    const second = await processes.start({ environment, dataDir: first.dataDir });
    const views = await Promise.all([half, ...others].map(second.finished));
    expect(views.map(({ status }) => status)).toEqual(views.map(() => "done"));
    expect((await picturesOf(views[0] ?? views[1] ?? (await second.job(half)))).length).toBe(4);
    // Four of the first job and two others had reached the model.
    expect(before).toBe(6);
    const prompts = promptsOf(model.calls);
    expect(prompts.filter((prompt) => prompt === "half done")).toHaveLength(2);
    expect(prompts).toHaveLength(2 + others.length);
    const { jobs } = await second.channel("general");
    expect(jobs).toHaveLength(1 + others.length);
    const finishedJobs = () => second.logs().filter(({ msg }) => msg === "job finished");
    await until("all are logged", () => finishedJobs().length > others.length);
    const finished = finishedJobs();
    expect(finished.map(({ jobId }) => jobId).sort()).toEqual([half, ...others].sort());
  });

  it("while it stored a picture leaves no half of one", async () => {
    const environment = { ...onModelServer(model), RATE_MODEL_CONCURRENCY: "8" };
    const first = await processes.start({ environment });
    const ids: string[] = [];
    for (let number = 1; number <= 8; number += 1) {
      ids.push(await first.submit(`/imagine burst ${number} --count 4`, { user: "ana" }));
    }
    await until("some are drawn", () => model.calls.length >= 6);
    await first.kill();
    const second = await processes.start({ environment, dataDir: first.dataDir });
    const views = await Promise.all(ids.map(second.finished));
    expect(views.map(({ status }) => status)).toEqual(ids.map(() => "done"));
    for (const view of views) {
      const pictures = await picturesOf(view);
      expect(pictures).toHaveLength(4);
      // Decodes all of it, and rejects what is cut short.
      for (const bytes of pictures) await sharp(bytes, { failOn: "truncated" }).stats();
    }
  });
});

describe("a process that is asked to stop", { timeout: 120_000 }, () => {
  it("ends within 10 s and puts back what is slow for the next one", async () => {
    const environment = onModelServer(model);
    const first = await processes.start({ environment });
    model.setLatencyMs(LONG_MS);
    const slow = await first.submit("/imagine slow --seed 4", { user: "ana" });
    await until("it reached the model", () => model.calls.length === 1);
    const { code, ms } = await first.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
    expect(first.logs().filter(({ level }) => level === "error")).toEqual([]);

    model.setLatencyMs(0);
    const second = await processes.start({ environment, dataDir: first.dataDir });
    expect((await second.finished(slow)).status).toBe("done");
  });

  it("lets what is nearly done finish", async () => {
    const environment = onModelServer(model);
    const first = await processes.start({ environment });
    model.setLatencyMs(1_500);
    const jobId = await first.submit("/imagine nearly done", { user: "ana" });
    await until("it reached the model", () => model.calls.length === 1);
    expect((await first.stop()).code).toBe(0);
    const second = await processes.start({ environment, dataDir: first.dataDir });
    expect((await second.job(jobId)).status).toBe("done");
    expect(model.calls).toHaveLength(1);
  });

  it("with a reader of events and nothing to do ends at once", async () => {
    const first = await processes.start();
    const watcher = await first.watchChannel("general", "ana");
    const { code, ms } = await first.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5_000);
    await watcher.close();
  });
});

it("SageMaker draws", { timeout: 60_000 }, async () => {
  const atelier = await processes.start({
    environment: {
      ...onModelServer(model),
      IMAGE_MODEL: "sagemaker",
      SAGEMAKER_ENDPOINT: "sd-team",
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: model.endpoint,
    },
  });
  const view = await atelier.command("/imagine a fox --seed 7 --count 2 --format png");
  expect(view.status).toBe("done");
  expect(await picturesOf(view)).toHaveLength(2);
  expect(view.card?.images[0]?.media_type).toBe("image/png");
  expect(model.calls.map(({ service, model: name }) => [service, name])).toEqual([
    ["sagemaker", "sd-team"],
    ["sagemaker", "sd-team"],
  ]);
  const [id] = [String((await atelier.postAttachment(...(await attachment()))).body.id)];
  const restyled = await atelier.command("/restyle in blue", { attachments: [id] });
  expect(restyled.error).toMatchObject({
    kind: "invalid_input",
    message: expect.stringContaining("cannot start from a picture"),
  });
});

async function attachment(): Promise<[Uint8Array, string]> {
  const create = { width: 80, height: 80, channels: 3 as const, background: "#808080" };
  return [await sharp({ create }).png().toBuffer(), "image/png"];
}
