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
  const jobs = new Histogram({
    name: "atelier_job_seconds",
    help: "From accepted to delivered, by command, platform and outcome.",
    labelNames: ["command", "platform", "outcome"],
    buckets: SECONDS,
    registers,
  });
  const calls = new Histogram({
    name: "atelier_model_call_seconds",
    help: "One call of an image model, by model and outcome.",
    labelNames: ["model", "outcome"],
    buckets: SECONDS,
    registers,
  });
  const reads = new Counter({
    name: "atelier_cache_reads_total",
    help: "Look-ups of the picture cache: hit, miss, or waited for another's result.",
    labelNames: ["outcome"],
    registers,
  });
  return {
    jobFinished: ({ seconds, ...labels }) => jobs.observe(labels, seconds),
    modelCalled: ({ seconds, ...labels }) => calls.observe(labels, seconds),
    cacheRead: (labels) => reads.inc(labels),
    async render() {
      return { text: await registry.metrics(), mediaType: registry.contentType };
    },
  };
}
