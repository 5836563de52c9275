import { CfnOutput } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { Options } from "./options.ts";
import type { Buckets } from "./storage.ts";

/** What the operator needs next: the addresses for Slack and Discord, and where things are kept. */
export function writeOutputs(
  scope: Construct,
  {
    api,
    buckets,
    topic,
    options,
  }: { api: HttpApi; buckets: Buckets; topic: Topic; options: Options },
): void {
  const write = (name: string, description: string, value: string) =>
    new CfnOutput(scope, name, { description, value });
  const { apiEndpoint } = api;
  if (options.slack) {
    write("SlackRequestUrl", "Slack: the Request URL", `${apiEndpoint}/slack/events`);
  }
  if (options.discord) {
    const url = `${apiEndpoint}/discord/interactions`;
    write("DiscordInteractionsUrl", "Discord: the Interactions Endpoint URL", url);
  }
  write("GenerateUrl", "The generation service", `${apiEndpoint}/generate`);
  write("ApiUrl", "The HTTP API", apiEndpoint);
  write("OutputBucket", "Pictures that were made", buckets.outputs.bucketName);
  write("InputBucket", "Pictures that people gave", buckets.inputs.bucketName);
  write("MediaBucket", "Videos, their frames and the index", buckets.media.bucketName);
  write("AlarmTopic", "Where alarms are told", topic.topicArn);
}
