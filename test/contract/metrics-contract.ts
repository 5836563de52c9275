import { describe, expect, it } from "vitest";
import type { Metrics } from "../../src/ports/index.ts";

/** What an operator can find out afterwards, whatever it is written down in. */
export interface Figures {
  /** `command/outcome/platform` → how many. */
  jobs: Readonly<Record<string, number>>;
  /** Of all jobs together. */
  stagesMs: Readonly<Record<"total" | "waited" | "ran" | "delivered", number>>;
  /** Kind → how many jobs. */
  failures: Readonly<Record<string, number>>;
  /** `model/outcome` → how many. */
  calls: Readonly<Record<string, number>>;
  spendUsd: number;
  cache: { hits: number; reads: number };
  /** Outcome → how many. */
  answers: Readonly<Record<string, number>>;
  answersMs: number;
}

export interface ReadableMetrics {
  metrics: Metrics;
  read(): Promise<Figures>;
}

const job = {
  command: "imagine",
  platform: "slack",
  outcome: "delivered",
  failure: null,
  waitedMs: 200,
  ranMs: 9_000,
  deliveredMs: 800,
} as const;

/** What every driver of Metrics counts and times. */
export function metricsContract(name: string, open: () => ReadableMetrics): void {
  describe(name, () => {
    it("counts jobs by command, outcome and platform", async () => {
      const { metrics, read } = open();
      metrics.jobFinished(job);
      metrics.jobFinished(job);
      metrics.jobFinished({ ...job, platform: "discord" });
      metrics.jobFinished({
        ...job,
        command: "findframe",
        outcome: "failed",
        failure: "unavailable",
      });
      expect((await read()).jobs).toEqual({
        "imagine/delivered/slack": 2,
        "imagine/delivered/discord": 1,
        "findframe/failed/slack": 1,
      });
    });

    it("adds up the time of each stage", async () => {
      const { metrics, read } = open();
      metrics.jobFinished(job);
      metrics.jobFinished({ ...job, waitedMs: 1_000, ranMs: 0, deliveredMs: 0 });
      const { stagesMs } = await read();
      expect(stagesMs).toEqual({ total: 11_000, waited: 1_200, ran: 9_000, delivered: 800 });
    });

    it("says what jobs failed of", async () => {
      const { metrics, read } = open();
      metrics.jobFinished(job);
      for (const failure of ["misconfigured", "refused", "misconfigured"] as const) {
        metrics.jobFinished({ ...job, outcome: "failed", failure });
      }
      expect((await read()).failures).toEqual({ misconfigured: 2, refused: 1 });
    });

    it("counts calls of models, and adds up what they cost", async () => {
      const { metrics, read } = open();
      metrics.modelCalled({ model: "sd3", outcome: "drawn", ms: 8_000, spendUsd: 0.08 });
      metrics.modelCalled({ model: "sd3", outcome: "drawn", ms: 8_000, spendUsd: 0.08 });
      metrics.modelCalled({ model: "core", outcome: "drawn", ms: 4_000, spendUsd: 0.04 });
      metrics.modelCalled({ model: "sd3", outcome: "refused", ms: 500, spendUsd: 0 });
      const { calls, spendUsd } = await read();
      expect(calls).toEqual({ "sd3/drawn": 2, "core/drawn": 1, "sd3/refused": 1 });
      expect(spendUsd).toBeCloseTo(0.2, 6);
    });

    it("tells how often the cache saved a call", async () => {
      const { metrics, read } = open();
      for (const outcome of ["miss", "hit", "waited", "miss", "hit"] as const) {
        metrics.cacheRead({ outcome });
      }
      expect((await read()).cache).toEqual({ hits: 3, reads: 5 });
    });

    it("counts and times the answers of the generation service", async () => {
      const { metrics, read } = open();
      metrics.apiAnswered({ outcome: "drawn", ms: 9_000 });
      metrics.apiAnswered({ outcome: "cached", ms: 50 });
      metrics.apiAnswered({ outcome: "cached", ms: 50 });
      metrics.apiAnswered({ outcome: "unauthorized", ms: 0 });
      const { answers, answersMs } = await read();
      expect(answers).toEqual({ drawn: 1, cached: 2, unauthorized: 1 });
      expect(answersMs).toBe(9_100);
    });
  });
}
