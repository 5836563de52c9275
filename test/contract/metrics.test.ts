import { describe, expect, it } from "vitest";
import { createEmfMetrics, emfMetrics } from "../../src/drivers/cloudwatch/emf-metrics.ts";
import { createPrometheusMetrics } from "../../src/drivers/prometheus/prometheus-metrics.ts";
import { type DataPoint, readEmf } from "../servers/emf-reader.ts";
import { type Figures, metricsContract, type ReadableMetrics } from "./metrics-contract.ts";

const NAMESPACE = "studio";
const NOW_MS = Date.UTC(2026, 10, 21);

/** Sums by a key that each item has; those without one are left out. */
function sums<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | null,
  amountOf: (item: Item) => number,
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const item of items) {
    const key = keyOf(item);
    if (key !== null) found[key] = (found[key] ?? 0) + amountOf(item);
  }
  return found;
}

function openEmf() {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const metrics = createEmfMetrics({ namespace: NAMESPACE, write, clock: { nowMs: () => NOW_MS } });
  const points = () => lines.flatMap(readEmf);
  return { metrics, lines, points };
}

function readableEmf(): ReadableMetrics {
  const { metrics, lines, points } = openEmf();
  return {
    metrics,
    async read(): Promise<Figures> {
      const of = (name: string) => points().filter((point) => point.name === name);
      const sum = (name: string) => of(name).reduce((total, { value }) => total + value, 0);
      const by = (name: string, ...dimensions: string[]) =>
        sums(
          of(name),
          (point) => dimensions.map((dimension) => point.dimensions[dimension]).join("/"),
          ({ value }) => value,
        );
      const failures = lines.map((line): unknown => JSON.parse(line).Failure);
      return {
        jobs: by("Jobs", "Command", "Outcome", "Platform"),
        stagesMs: {
          total: sum("JobMs"),
          waited: sum("WaitedMs"),
          ran: sum("RanMs"),
          delivered: sum("DeliveredMs"),
        },
        failures: sums(
          failures,
          (kind) => (typeof kind === "string" ? kind : null),
          () => 1,
        ),
        calls: by("ModelCalls", "Model", "Outcome"),
        spendUsd: sum("SpendUsd"),
        cache: { hits: sum("CacheHits"), reads: of("CacheHits").length },
        answers: by("ApiCalls", "Outcome"),
        answersMs: sum("ApiMs"),
      };
    },
  };
}

interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Source: Prometheus, "Exposition formats", text-based format. */
function readSamples(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/u.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/gu)];
    const read = Object.fromEntries(pairs.map(([, label = "", each = ""]) => [label, each]));
    return [{ name, labels: read, value: Number(value) }];
  });
}

function readablePrometheus(): ReadableMetrics {
  const metrics = createPrometheusMetrics();
  return {
    metrics,
    async read(): Promise<Figures> {
      const samples = readSamples((await metrics.render()).text);
      const by = (name: string, ...labels: string[]) =>
        sums(
          samples.filter((sample) => sample.name === name),
          (sample) => labels.map((label) => sample.labels[label]).join("/"),
          ({ value }) => value,
        );
      const sum = (name: string, labels: Readonly<Record<string, string>> = {}) =>
        samples
          .filter((sample) => sample.name === name)
          .filter((sample) => Object.entries(labels).every(([k, v]) => sample.labels[k] === v))
          .reduce((total, { value }) => total + value, 0);
      const stageMs = (stage: string) =>
        Math.round(sum("atelier_job_stage_seconds_sum", { stage }) * 1_000);
      const reads = by("atelier_cache_reads_total", "outcome");
      return {
        jobs: by("atelier_job_seconds_count", "command", "outcome", "platform"),
        stagesMs: {
          total: Math.round(sum("atelier_job_seconds_sum") * 1_000),
          waited: stageMs("waited"),
          ran: stageMs("ran"),
          delivered: stageMs("delivered"),
        },
        failures: by("atelier_job_failures_total", "kind"),
        calls: by("atelier_model_call_seconds_count", "model", "outcome"),
        spendUsd: sum("atelier_spend_usd_total"),
        cache: {
          hits: (reads.hit ?? 0) + (reads.waited ?? 0),
          reads: Object.values(reads).reduce((total, count) => total + count, 0),
        },
        answers: by("atelier_api_call_seconds_count", "outcome"),
        answersMs: Math.round(sum("atelier_api_call_seconds_sum") * 1_000),
      };
    },
  };
}

metricsContract("metrics in CloudWatch's embedded metric format", readableEmf);
metricsContract("metrics for Prometheus", readablePrometheus);

describe("metrics in CloudWatch's embedded metric format", () => {
  const job = {
    command: "imagine",
    platform: "discord",
    outcome: "failed",
    failure: "unavailable",
    waitedMs: 1,
    ranMs: 2,
    deliveredMs: 3,
  } as const;

  function everything(): { points: DataPoint[]; lines: string[] } {
    const { metrics, lines, points } = openEmf();
    metrics.jobFinished(job);
    metrics.modelCalled({ model: "sd3", outcome: "drawn", ms: 8_000, spendUsd: 0.08 });
    metrics.cacheRead({ outcome: "hit" });
    metrics.apiAnswered({ outcome: "drawn", ms: 5 });
    return { points: points(), lines };
  }

  it("are one line for each event, at its time, in the namespace that was given", () => {
    const { points, lines } = everything();
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).toMatch(/^\{[^\n]*\}\n$/u);
    for (const { namespace, timestampMs } of points) {
      expect([namespace, timestampMs]).toEqual([NAMESPACE, NOW_MS]);
    }
  });

  it("have the names, units and dimensions that dashboards and alarms are made for", () => {
    const found = everything().points.map(({ name, unit, dimensions }) => [
      name,
      { unit, dimensions: Object.keys(dimensions) },
    ]);
    expect(Object.fromEntries(found)).toEqual(emfMetrics);
  });

  it("count as a fault what the operator can do something about, and nothing else", () => {
    const { metrics, points } = openEmf();
    for (const failure of [
      "invalid_input",
      "refused",
      "not_found",
      "rate_limited",
      null,
    ] as const) {
      metrics.jobFinished({ ...job, failure });
    }
    metrics.apiAnswered({ outcome: "unauthorized", ms: 1 });
    const faults = () => points().filter(({ name }) => name === "Faults").length;
    expect(faults()).toBe(0);
    metrics.jobFinished({ ...job, failure: "internal" });
    metrics.apiAnswered({ outcome: "misconfigured", ms: 1 });
    expect(faults()).toBe(2);
  });

  it("send no spend where there was none, as every metric of an hour is billed", () => {
    const { metrics, points } = openEmf();
    metrics.modelCalled({ model: "sd3", outcome: "refused", ms: 5, spendUsd: 0 });
    expect(points().map(({ name }) => name)).toEqual(["ModelCalls"]);
  });
});
