import type { Duration } from "aws-cdk-lib";
import { MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";

/** As the functions write them into their logs (`src/drivers/cloudwatch`); a test compares the two. */
export const dimensionsOf = {
  Jobs: ["Command", "Outcome", "Platform"],
  ModelCalls: ["Model", "Outcome"],
  ApiCalls: ["Outcome"],
} as const;
export const plainMetrics = [
  "JobMs",
  "WaitedMs",
  "RanMs",
  "DeliveredMs",
  "Faults",
  "SpendUsd",
  "CacheHits",
  "ApiMs",
] as const;

/** One metric without dimensions, in the stack's namespace. */
export function ownMetric(
  namespace: string,
  metricName: (typeof plainMetrics)[number],
  { statistic, period, label }: { statistic: string; period: Duration; label?: string },
): Metric {
  const named = label === undefined ? {} : { label };
  return new Metric({ namespace, metricName, statistic, period, ...named });
}

/** The sums of a metric, a line for each value of one of its dimensions. */
export function sumBy<Name extends keyof typeof dimensionsOf>(
  namespace: string,
  metricName: Name,
  dimension: (typeof dimensionsOf)[Name][number],
  period: Duration,
): MathExpression {
  const schema = [`"${namespace}"`, ...dimensionsOf[metricName]].join(", ");
  return new MathExpression({
    expression: `SELECT SUM(${metricName}) FROM SCHEMA(${schema}) GROUP BY ${dimension}`,
    label: "",
    period,
  });
}
