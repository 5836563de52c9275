import { Match } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dimensionsOf, plainMetrics } from "../../infra/cdk/metrics.ts";
import { watched } from "../../infra/cdk/sizes.ts";
import { emfMetrics } from "../../src/drivers/cloudwatch/emf-metrics.ts";
import {
  SYNTHESIS_MS,
  type SynthesisedStack,
  synthesiseStack,
} from "../fixtures/synthesised-stack.ts";
import { recordOf, recordsOf } from "../servers/json-record.ts";

let stack: SynthesisedStack;
beforeAll(async () => {
  stack = await synthesiseStack({ monthlyBudgetUsd: 200, alarmEmail: "ops@example.com" });
}, SYNTHESIS_MS);
afterAll(() => stack.remove());

function alarms() {
  return stack.resolved
    .ofType("AWS::CloudWatch::Alarm")
    .map(({ properties }) => recordOf(stack.resolved.resolve(properties)));
}

describe("The alarms", () => {
  it("are about errors, throttles, p99, faults, age, dead letters and spend", () => {
    expect(alarms().map(({ AlarmName }) => AlarmName)).toEqual([
      ...[
        "webhook",
        "worker",
        "generate",
        "clipInference",
        "clipBatch",
        "frameSearch",
        "deadLetter",
      ].map((id) => `atelier-errors-${id}`),
      ...["webhook", "generate", "clipInference", "frameSearch"].map(
        (id) => `atelier-throttles-${id}`,
      ),
      "atelier-p99-webhook",
      "atelier-p99-jobs",
      "atelier-faults",
      "atelier-age-jobs",
      "atelier-age-image-batch",
      "atelier-dead-jobs",
      "atelier-dead-image-batch",
      "atelier-spend",
    ]);
  });

  it("are as many as the bill is computed with", () => {
    expect(alarms()).toHaveLength(watched.alarmMetrics);
    stack.template.resourceCountIs("AWS::CloudWatch::Dashboard", watched.dashboards);
  });

  it("all tell the topic what to do, and stay silent while nothing happens", () => {
    for (const alarm of alarms()) {
      expect(alarm.AlarmActions).toEqual([expect.stringMatching(/:atelier-alarms$/u)]);
      expect(String(alarm.AlarmDescription).length).toBeGreaterThan(20);
      expect(alarm.TreatMissingData).toBe("notBreaching");
    }
  });

  it("judge percentiles by percentiles, and a day's spend by a tenth of the month's budget", () => {
    const byName = new Map(alarms().map((alarm) => [alarm.AlarmName, alarm]));
    expect(byName.get("atelier-p99-webhook")).toMatchObject({
      ExtendedStatistic: "p99",
      MetricName: "Duration",
      Threshold: 2_000,
    });
    expect(byName.get("atelier-spend")).toMatchObject({
      MetricName: "SpendUsd",
      Namespace: "atelier",
      Statistic: "Sum",
      Period: 86_400,
      Threshold: 20,
    });
  });
});

describe("The alarm about dead jobs", () => {
  it("looks at the function that empties their queue, not at the queue it keeps empty", () => {
    const byName = new Map(alarms().map((alarm) => [alarm.AlarmName, alarm]));
    expect(byName.get("atelier-dead-jobs")).toMatchObject({
      Namespace: "AWS/Lambda",
      MetricName: "Invocations",
      Dimensions: [{ Name: "FunctionName", Value: expect.stringMatching(/dead-letter/u) }],
      Statistic: "Sum",
      Threshold: 0,
    });
    expect(byName.get("atelier-dead-image-batch")).toMatchObject({
      MetricName: "ApproximateNumberOfMessagesVisible",
    });
  });
});

describe("The topic", () => {
  it("is told by alarms and budgets of this account, over TLS, and writes to the operator", () => {
    stack.template.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: "Deny",
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          }),
          Match.objectLike({
            Effect: "Allow",
            Action: "sns:Publish",
            Principal: { Service: ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"] },
            Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
          }),
        ]),
      },
    });
    stack.template.hasResourceProperties("AWS::SNS::Subscription", {
      Protocol: "email",
      Endpoint: "ops@example.com",
    });
  });
});

describe("The budget", () => {
  it("warns at 80 % of what was spent, and when the forecast passes it", () => {
    stack.template.hasResourceProperties("AWS::Budgets::Budget", {
      Budget: {
        BudgetLimit: { Amount: 200, Unit: "USD" },
        BudgetType: "COST",
        TimeUnit: "MONTHLY",
      },
      NotificationsWithSubscribers: [
        Match.objectLike({
          Notification: Match.objectLike({ NotificationType: "ACTUAL", Threshold: 80 }),
          Subscribers: [Match.objectLike({ SubscriptionType: "SNS" })],
        }),
        Match.objectLike({
          Notification: Match.objectLike({ NotificationType: "FORECASTED", Threshold: 100 }),
        }),
      ],
    });
  });

  it("is there only where one was set, and the alarm about spend with it", {
    timeout: SYNTHESIS_MS,
  }, async () => {
    const free = await synthesiseStack({ monthlyBudgetUsd: "" });
    free.template.resourceCountIs("AWS::Budgets::Budget", 0);
    free.template.resourceCountIs("AWS::SNS::Subscription", 0);
    free.template.resourceCountIs("AWS::CloudWatch::Alarm", watched.alarmMetrics - 1);
    await free.remove();
  });
});

describe("The figures", () => {
  it("are those that the functions write, by the same names and dimensions", () => {
    const written = Object.entries(emfMetrics).map(([name, { dimensions }]) => [name, dimensions]);
    const read = [
      ...Object.entries(dimensionsOf),
      ...plainMetrics.map((name) => [name, []] as const),
    ];
    expect(Object.fromEntries(read)).toEqual(Object.fromEntries(written));
  });

  it("are on the dashboard: jobs by command, outcome and platform, stages, cache, models, spend", () => {
    const [dashboard] = stack.resolved.ofType("AWS::CloudWatch::Dashboard");
    const body = recordOf(
      JSON.parse(stack.resolved.resolveText(dashboard?.properties.DashboardBody)),
    );
    const shown = JSON.stringify(recordsOf(body.widgets));
    for (const dimension of ["Command", "Outcome", "Platform"]) {
      expect(shown).toContain(`SELECT SUM(Jobs)`);
      expect(shown).toContain(`GROUP BY ${dimension}`);
    }
    for (const metric of [...Object.keys(dimensionsOf), ...plainMetrics]) {
      expect(shown).toContain(metric);
    }
    expect(shown).toContain("ApproximateAgeOfOldestMessage");
  });
});
