import { Duration } from "aws-cdk-lib";
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  PeriodOverride,
  SingleValueWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { type Functions, functionIds } from "./functions.ts";
import { ownMetric, sumBy } from "./metrics.ts";
import type { Names } from "./names.ts";
import type { Queues } from "./queues.ts";

const THIRD = 8;
const HOUR = Duration.hours(1);
const FIVE_MINUTES = Duration.minutes(5);
const DAY = Duration.days(1);

/** What people ask for, how long it takes, what it costs, and how the parts are. */
export function createDashboard(
  scope: Construct,
  { names, functions, queues }: { names: Names; functions: Functions; queues: Queues },
): Dashboard {
  const dashboard = new Dashboard(scope, "dashboard", {
    dashboardName: names.stack,
    periodOverride: PeriodOverride.INHERIT,
  });
  const third = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: THIRD });
  dashboard.addWidgets(
    third("Jobs by command", [sumBy(names.metrics, "Jobs", "Command", HOUR)]),
    third("Jobs by outcome", [sumBy(names.metrics, "Jobs", "Outcome", HOUR)]),
    third("Jobs by platform", [sumBy(names.metrics, "Jobs", "Platform", HOUR)]),
  );
  dashboard.addWidgets(
    third("From asked to shown, ms", percentiles(names, "JobMs", ["p50", "p99"])),
    third("Stages, median ms", [
      ...percentiles(names, "WaitedMs", ["p50"]),
      ...percentiles(names, "RanMs", ["p50"]),
      ...percentiles(names, "DeliveredMs", ["p50"]),
    ]),
    third("/generate, ms", percentiles(names, "ApiMs", ["p50", "p99"])),
  );
  dashboard.addWidgets(
    third("Calls of models by outcome", [sumBy(names.metrics, "ModelCalls", "Outcome", HOUR)]),
    third("Calls of models by model", [sumBy(names.metrics, "ModelCalls", "Model", HOUR)]),
    third("Calls of /generate by outcome", [sumBy(names.metrics, "ApiCalls", "Outcome", HOUR)]),
  );
  dashboard.addWidgets(
    third("Spend a day, USD", [
      ownMetric(names.metrics, "SpendUsd", { statistic: "Sum", period: DAY }),
    ]),
    third("Cache hit ratio", [
      ownMetric(names.metrics, "CacheHits", { statistic: "Average", period: HOUR }),
    ]),
    new SingleValueWidget({
      title: "Faults today",
      metrics: [ownMetric(names.metrics, "Faults", { statistic: "Sum", period: DAY })],
      width: THIRD,
    }),
  );
  dashboard.addWidgets(
    third("Oldest message, s", [
      queues.jobs.metricApproximateAgeOfOldestMessage({ label: "jobs" }),
      queues.imageBatch.metricApproximateAgeOfOldestMessage({ label: "image-batch" }),
    ]),
    third("Waiting and dead letters", [
      queues.jobs.metricApproximateNumberOfMessagesVisible({ label: "jobs" }),
      queues.imageBatch.metricApproximateNumberOfMessagesVisible({ label: "image-batch" }),
      functions.deadLetter.metricInvocations({ label: "dead jobs" }),
    ]),
    third(
      "Errors of functions",
      functionIds.map((id) => functions[id].metricErrors({ label: id })),
    ),
  );
  return dashboard;
}

function percentiles(
  names: Names,
  metric: Parameters<typeof ownMetric>[1],
  statistics: readonly string[],
) {
  return statistics.map((statistic) =>
    ownMetric(names.metrics, metric, {
      statistic,
      period: FIVE_MINUTES,
      label: `${metric} ${statistic}`,
    }),
  );
}
