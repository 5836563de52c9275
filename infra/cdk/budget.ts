import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import type { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { Names } from "./names.ts";
import { substituted } from "./substituted.ts";

/** In percent of the month's budget: so much is spent, or by the forecast all of it will be. */
const ACTUAL_PERCENT = 80;
const FORECAST_PERCENT = 100;

/**
 * The month's budget of the whole account: Bedrock's calls, nearly all of the bill, carry no tag by
 * which a budget could tell this deployment's from others'.
 */
export function createBudget(
  scope: Construct,
  { names, monthlyBudgetUsd, topic }: { names: Names; monthlyBudgetUsd: number; topic: Topic },
): void {
  const warning = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
    notification: {
      notificationType,
      comparisonOperator: "GREATER_THAN",
      threshold,
      thresholdType: "PERCENTAGE",
    },
    subscribers: [{ subscriptionType: "SNS", address: topic.topicArn }],
  });
  new CfnBudget(scope, "budget", {
    budget: {
      budgetName: substituted(names.budget),
      budgetType: "COST",
      timeUnit: "MONTHLY",
      budgetLimit: { amount: monthlyBudgetUsd, unit: "USD" },
    },
    notificationsWithSubscribers: [
      warning("ACTUAL", ACTUAL_PERCENT),
      warning("FORECASTED", FORECAST_PERCENT),
    ],
  });
}
