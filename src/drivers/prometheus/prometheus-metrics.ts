import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { Metrics } from "../../ports/index.ts";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

export interface PrometheusMetrics extends Metrics {
  /** All figures in Prometheus' text format, and that format's media type. */
  render(): Promise<{ text: string; mediaType: string }>;
}

/** Counts and times for a Prometheus server to fetch, beside Node's own figures. */
export function createPrometheusMetrics(): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const histogram = <T extends string>(name: string, help: string, labelNames: T[]) =>
    new Histogram({ name, help, labelNames, buckets: SECONDS, registers });
  const counter = <T extends string>(name: string, help: string, labelNames: T[]) =>
    new Counter({ name, help, labelNames, registers });

  const jobs = histogram(
    "atelier_job_seconds",
    "From accepted to delivered, by command, platform and outcome.",
    ["command", "platform", "outcome"],
  );
  const stages = histogram(
    "atelier_job_stage_seconds",
    "The stages of a job: waited (to its start), ran (to its card), delivered (to being shown).",
    ["command", "stage"],
  );
  const failures = counter(
    "atelier_job_failures_total",
    "Jobs that failed, by the kind of what went wrong.",
    ["command", "kind"],
  );
  const calls = histogram(
    "atelier_model_call_seconds",
    "One call of an image model, by model and outcome.",
    ["model", "outcome"],
  );
  const spend = counter(
    "atelier_spend_usd_total",
    "What calls of image models cost by the price list, in USD.",
    ["model"],
  );
  const reads = counter(
    "atelier_cache_reads_total",
    "Look-ups of the picture cache: hit, miss, or waited for another's result.",
    ["outcome"],
  );
  const answers = histogram(
    "atelier_api_call_seconds",
    "One call of the generation service, by outcome.",
    ["outcome"],
  );
  return {
    jobFinished({ command, platform, outcome, failure, waitedMs, ranMs, deliveredMs }) {
      const totalMs = waitedMs + ranMs + deliveredMs;
      jobs.observe({ command, platform, outcome }, totalMs / 1_000);
      stages.observe({ command, stage: "waited" }, waitedMs / 1_000);
      stages.observe({ command, stage: "ran" }, ranMs / 1_000);
      stages.observe({ command, stage: "delivered" }, deliveredMs / 1_000);
      if (failure !== null) failures.inc({ command, kind: failure });
    },
    modelCalled({ model, outcome, ms, spendUsd }) {
      calls.observe({ model, outcome }, ms / 1_000);
      spend.inc({ model }, spendUsd);
    },
    cacheRead: (labels) => reads.inc(labels),
    apiAnswered: ({ outcome, ms }) => answers.observe({ outcome }, ms / 1_000),
    async render() {
      return { text: await registry.metrics(), mediaType: registry.contentType };
    },
  };
}
