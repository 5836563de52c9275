import type { Clock, Metrics } from "../../ports/index.ts";

/**
 * Every metric with its unit and dimensions. CloudWatch bills each combination of a name and its
 * dimensions' values for the hours in which it was sent, so most have none; what else a line says
 * is a property, which Logs Insights finds all the same.
 */
export const emfMetrics = {
  /** Jobs that came to their end. */
  Jobs: { unit: "Count", dimensions: ["Command", "Outcome", "Platform"] },
  /** From accepted to shown, and the three stages of that. */
  JobMs: { unit: "Milliseconds", dimensions: [] },
  WaitedMs: { unit: "Milliseconds", dimensions: [] },
  RanMs: { unit: "Milliseconds", dimensions: [] },
  DeliveredMs: { unit: "Milliseconds", dimensions: [] },
  /** Jobs and calls that failed for a reason of ours or of something behind us. */
  Faults: { unit: "Count", dimensions: [] },
  ModelCalls: { unit: "Count", dimensions: ["Model", "Outcome"] },
  /** USD by the price list; its sum is the spend. */
  SpendUsd: { unit: "None", dimensions: [] },
  /** 1 for a look-up of the cache that saved a call, 0 for another: its average is the hit ratio. */
  CacheHits: { unit: "Count", dimensions: [] },
  /** Answered calls of the generation service. */
  ApiCalls: { unit: "Count", dimensions: ["Outcome"] },
  ApiMs: { unit: "Milliseconds", dimensions: [] },
} as const satisfies Readonly<
  Record<string, { unit: "Count" | "Milliseconds" | "None"; dimensions: readonly string[] }>
>;

type MetricName = keyof typeof emfMetrics;
type Values = Readonly<Partial<Record<MetricName, number>>>;

/** The kinds of failure that an alarm is for; the others are told to whoever asked. */
const FAULTS: readonly string[] = ["unavailable", "misconfigured", "internal"];

/**
 * Figures as lines of JSON in CloudWatch's embedded metric format, which CloudWatch Logs turns into
 * metrics (CloudWatch User Guide, "Specification: Embedded metric format"). One line for each
 * event, written at once: a function may be frozen as soon as it has answered.
 */
export function createEmfMetrics({
  namespace,
  write,
  clock,
}: {
  /** Where the figures stand in CloudWatch; two deployments in one region need two. */
  namespace: string;
  /** Takes a line with its end, to standard output. */
  write: (line: string) => void;
  clock: Pick<Clock, "nowMs">;
}): Metrics {
  function send(values: Values, properties: Readonly<Record<string, string | number>>): void {
    const metadata = {
      Timestamp: clock.nowMs(),
      CloudWatchMetrics: directivesOf(namespace, values),
    };
    write(`${JSON.stringify({ _aws: metadata, ...properties, ...values })}\n`);
  }

  return {
    jobFinished({ command, platform, outcome, failure, waitedMs, ranMs, deliveredMs }) {
      const times = { WaitedMs: waitedMs, RanMs: ranMs, DeliveredMs: deliveredMs };
      send(
        { Jobs: 1, JobMs: waitedMs + ranMs + deliveredMs, ...times, ...faultOf(failure) },
        {
          Command: command,
          Platform: platform,
          Outcome: outcome,
          ...(failure === null ? {} : { Failure: failure }),
        },
      );
    },

    modelCalled({ model, outcome, ms, spendUsd }) {
      send(
        { ModelCalls: 1, ...(spendUsd === 0 ? {} : { SpendUsd: spendUsd }) },
        { Model: model, Outcome: outcome, ModelMs: ms },
      );
    },

    cacheRead({ outcome }) {
      send({ CacheHits: outcome === "miss" ? 0 : 1 }, { Outcome: outcome });
    },

    apiAnswered({ outcome, ms }) {
      send({ ApiCalls: 1, ApiMs: ms, ...faultOf(outcome) }, { Outcome: outcome });
    },
  };
}

function faultOf(kind: string | null): Values {
  return kind !== null && FAULTS.includes(kind) ? { Faults: 1 } : {};
}

/** One directive for each set of dimensions among the values. */
function directivesOf(Namespace: string, values: Values) {
  const names = (Object.keys(emfMetrics) as MetricName[]).filter((name) => name in values);
  const dimensionsOf = (name: MetricName) => emfMetrics[name].dimensions.join();
  return [...new Set(names.map(dimensionsOf))].map((dimensions) => ({
    Namespace,
    Dimensions: [dimensions === "" ? [] : dimensions.split(",")],
    Metrics: names
      .filter((name) => dimensionsOf(name) === dimensions)
      .map((name) => ({ Name: name, Unit: emfMetrics[name].unit })),
  }));
}
