import { Aws, Duration } from "aws-cdk-lib";
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import { type Functions, functionIds } from "./functions.ts";
import { ownMetric } from "./metrics.ts";
import type { Names } from "./names.ts";
import type { Options } from "./options.ts";
import type { Queues } from "./queues.ts";
import type { FunctionId } from "./sizes.ts";

const FIVE_MINUTES = Duration.minutes(5);
/** Slack and Discord give up after 3 s. */
const WEBHOOK_P99_MS = 2_000;
const JOB_P99_MS = 600_000;
const JOB_AGE_SECONDS = 900;
const BATCH_AGE_SECONDS = 3_600;
const FAULTS_MAX = 5;
/** Somebody waits for their answers, and does not try again. */
const THROTTLED: readonly FunctionId[] = ["webhook", "generate", "clipInference", "frameSearch"];
/** A day that costs this share of the month's budget is worth a look. */
const DAYS_SHARE = 0.1;

/** Where alarms and the budget are told; by e-mail once the address was confirmed. */
export function createAlarmTopic(scope: Construct, names: Names, { alarmEmail }: Options): Topic {
  const topic = new Topic(scope, "alarmTopic", { topicName: names.alarms, enforceSSL: true });
  // A policy of one's own takes the place of the one that lets the account in.
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: ["cloudwatch", "budgets"].map(
        (name) => new ServicePrincipal(`${name}.amazonaws.com`),
      ),
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
    }),
  );
  if (alarmEmail !== null) topic.addSubscription(new EmailSubscription(alarmEmail));
  return topic;
}

/** Everything that is worth waking somebody for. */
export function createAlarms(
  scope: Construct,
  parts: { names: Names; options: Options; functions: Functions; queues: Queues; topic: Topic },
): Alarm[] {
  const { names, options, functions, queues, topic } = parts;
  const alarms: Alarm[] = [];
  /** Above the threshold, which the name says too. */
  function alarm(
    name: string,
    metric: IMetric,
    threshold: number,
    more: Partial<AlarmProps>,
  ): void {
    const made = new Alarm(scope, `${name}-alarm`, {
      alarmName: `${names.stack}-${name}`,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...more,
    });
    made.addAlarmAction(new SnsAction(topic));
    alarms.push(made);
  }
  const sum = { statistic: "Sum", period: FIVE_MINUTES };
  const oldest = { statistic: "Maximum", period: FIVE_MINUTES };
  const p99 = { statistic: "p99", period: FIVE_MINUTES };

  for (const id of functionIds) {
    const alarmDescription = `The function ${names.functions[id]} failed; its log says why.`;
    alarm(`errors-${id}`, functions[id].metricErrors(sum), 0, { alarmDescription });
  }
  for (const id of THROTTLED) {
    const alarmDescription = `${names.functions[id]} was refused a place: raise the account's concurrency.`;
    alarm(`throttles-${id}`, functions[id].metricThrottles(sum), 0, { alarmDescription });
  }
  alarm("p99-webhook", functions.webhook.metricDuration(p99), WEBHOOK_P99_MS, {
    alarmDescription: "Webhooks come close to the 3 s that Slack and Discord wait.",
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
  });
  alarm("p99-jobs", ownMetric(names.metrics, "JobMs", p99), JOB_P99_MS, {
    alarmDescription: "People wait long for their pictures.",
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
  });
  alarm("faults", ownMetric(names.metrics, "Faults", sum), FAULTS_MAX, {
    alarmDescription: "Jobs and calls fail for a reason of ours or of a service behind us.",
  });
  alarm("age-jobs", queues.jobs.metricApproximateAgeOfOldestMessage(oldest), JOB_AGE_SECONDS, {
    alarmDescription:
      "Jobs wait long for a worker: look at its errors, or raise workerConcurrency.",
    evaluationPeriods: 2,
  });
  const batchAge = queues.imageBatch.metricApproximateAgeOfOldestMessage(oldest);
  alarm("age-image-batch", batchAge, BATCH_AGE_SECONDS, {
    alarmDescription: "Batches of pictures wait long.",
  });
  // Not by its queue, from which the function takes each message at once: it would look empty.
  alarm("dead-jobs", functions.deadLetter.metricInvocations(sum), 0, {
    alarmDescription: `A job came to no end; ${names.functions.deadLetter} told its person, or tries again.`,
  });
  const deadBatches = queues.imageBatchDeadLetters.metricApproximateNumberOfMessagesVisible(oldest);
  alarm("dead-image-batch", deadBatches, 0, {
    alarmDescription: `Pictures could not be made and are kept in ${names.queues.imageBatchDeadLetters}.`,
  });
  if (options.monthlyBudgetUsd !== null) {
    const spend = ownMetric(names.metrics, "SpendUsd", {
      statistic: "Sum",
      period: Duration.days(1),
    });
    alarm("spend", spend, options.monthlyBudgetUsd * DAYS_SHARE, {
      alarmDescription: "A day's pictures cost a tenth of the month's budget.",
    });
  }
  return alarms;
}
