import { beforeAll, describe, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../servers/model-server.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { onModelServer } from "./on-model-server.ts";

const processes = atelierProcesses();
let atelier: AtelierProcess;
let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer();
  atelier = await processes.start({
    environment: { ...onModelServer(model), PRICE_IMAGE_USD: "0.08,core=0.04" },
  });
  return () => model.close();
}, START_TIMEOUT_MS);

/** The value of a figure with these labels, as Prometheus fetches it. */
async function figure(name: string, labels: Readonly<Record<string, string>> = {}) {
  const text = await (await atelier.request("/metrics")).text();
  const sample = text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .find((line) =>
      Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)),
    );
  return sample === undefined ? null : Number(sample.split(" ").at(-1));
}

describe("the figures of a process", { timeout: 30_000 }, () => {
  it("tell its jobs, their stages, and what its pictures cost", async () => {
    await atelier.command("/imagine a red fox --count 2 --seed 1");
    await atelier.command("/imagine a red fox --count 2 --seed 1");
    await atelier.command("/imagine a blue owl --model core");
    model.next({ finishReasons: ["Filter reason: prompt"] });
    await atelier.command("/imagine declined");

    const of = { command: "imagine", platform: "playground" };
    expect(await figure("atelier_job_seconds_count", { ...of, outcome: "delivered" })).toBe(3);
    expect(await figure("atelier_job_seconds_count", { ...of, outcome: "refused" })).toBe(1);
    const failures = { command: "imagine", kind: "refused" };
    expect(await figure("atelier_job_failures_total", failures)).toBe(1);
    for (const stage of ["waited", "ran", "delivered"]) {
      const stages = { command: "imagine", stage };
      expect(await figure("atelier_job_stage_seconds_count", stages)).toBe(4);
    }
    // Two drawn, and two from the cache, which cost nothing; what was declined costs nothing.
    const large = { model: "stability.sd3-5-large-v1:0" };
    expect(await figure("atelier_spend_usd_total", large)).toBeCloseTo(0.16, 6);
    const core = { model: "stability.stable-image-core-v1:1" };
    expect(await figure("atelier_spend_usd_total", core)).toBeCloseTo(0.04, 6);
    expect(await figure("atelier_cache_reads_total", { outcome: "hit" })).toBe(2);
  });

  it("tell the calls of /generate by their outcome", async () => {
    await atelier.postJson("/generate", { prompt: "over the API", seed: 3 });
    await atelier.postJson("/generate", { prompt: "over the API", seed: 3 });
    await atelier.postJson("/generate", {});
    for (const outcome of ["drawn", "cached", "invalid_input"]) {
      expect(await figure("atelier_api_call_seconds_count", { outcome })).toBe(1);
    }
  });
});
