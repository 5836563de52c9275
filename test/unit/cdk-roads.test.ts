import { Match } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionSizes } from "../../infra/cdk/sizes.ts";
import {
  SYNTHESIS_MS,
  type SynthesisedStack,
  synthesiseStack,
} from "../fixtures/synthesised-stack.ts";
import { recordOf, recordsOf } from "../servers/json-record.ts";

let stack: SynthesisedStack;
beforeAll(async () => {
  stack = await synthesiseStack({ corsOrigins: ["https://studio.example.com"] });
}, SYNTHESIS_MS);
afterAll(() => stack.remove());

/** The properties of the queue of that name, worked out. */
function queue(name: string) {
  const found = stack.resolved
    .ofType("AWS::SQS::Queue")
    .find((each) => stack.resolved.nameOf(each) === name);
  return recordOf(stack.resolved.resolve(found?.properties));
}

/** The event source mapping from that queue to that function. */
function mapping(queueName: string, functionName: string) {
  const found = stack.resolved
    .ofType("AWS::Lambda::EventSourceMapping")
    .map(({ properties }) => recordOf(stack.resolved.resolve(properties)))
    .filter(({ EventSourceArn }) => String(EventSourceArn).endsWith(`:${queueName}`));
  expect(found.map(({ FunctionName }) => FunctionName)).toEqual([functionName]);
  return found[0];
}

describe("The HTTP API", () => {
  it("has a route for what Slack and Discord send and two for pictures, and no others", () => {
    const routes = stack.resolved.ofType("AWS::ApiGatewayV2::Route").map(({ properties }) => {
      const target = /integrations\/(.+)$/u.exec(
        stack.resolved.resolveText(properties.Target),
      )?.[1];
      const uri = stack.resolved.resource(target ?? "").properties.IntegrationUri;
      const [, functionName] = /:function:(.+)$/u.exec(stack.resolved.resolveText(uri)) ?? [];
      return `${properties.RouteKey} ${functionName} ${properties.AuthorizationType}`;
    });
    expect(routes.sort()).toEqual([
      "GET /generate aws_gen_pic NONE",
      "POST /discord/interactions atelier-webhook NONE",
      "POST /generate aws_gen_pic NONE",
      "POST /slack/events atelier-webhook NONE",
    ]);
  });

  it("is throttled, and logs each call without its query, where prompts are", () => {
    stack.template.hasResourceProperties("AWS::ApiGatewayV2::Stage", {
      StageName: "$default",
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      AccessLogSettings: {
        DestinationArn: Match.anyValue(),
        Format: Match.not(Match.stringLikeRegexp("path|query|\\$context\\.httpMethod")),
      },
    });
    stack.template.hasResourceProperties("AWS::Logs::LogGroup", {
      LogGroupName: "/aws/vendedlogs/apis/atelier",
      RetentionInDays: 30,
    });
  });

  it("lets the origins of the option call, and without any answers none", {
    timeout: SYNTHESIS_MS,
  }, async () => {
    stack.template.hasResourceProperties("AWS::ApiGatewayV2::Api", {
      ProtocolType: "HTTP",
      CorsConfiguration: {
        AllowOrigins: ["https://studio.example.com"],
        AllowMethods: ["POST", "GET", "OPTIONS"],
        AllowHeaders: Match.arrayWith(["authorization", "x-api-key"]),
      },
    });
    const closed = await synthesiseStack({ corsOrigins: [] });
    closed.template.hasResourceProperties("AWS::ApiGatewayV2::Api", {
      CorsConfiguration: Match.absent(),
    });
    await closed.remove();
  });

  it("speaks payload format 2.0 to the functions, and waits 29 s for a picture", () => {
    stack.template.allResourcesProperties("AWS::ApiGatewayV2::Integration", {
      PayloadFormatVersion: "2.0",
    });
    stack.template.hasResourceProperties("AWS::ApiGatewayV2::Integration", {
      TimeoutInMillis: 29_000,
    });
  });

  it("asks AWS who calls /generate where IAM is to know", { timeout: SYNTHESIS_MS }, async () => {
    const withIam = await synthesiseStack({ generateAuth: "iam" });
    for (const method of ["GET", "POST"]) {
      withIam.template.hasResourceProperties("AWS::ApiGatewayV2::Route", {
        RouteKey: `${method} /generate`,
        AuthorizationType: "AWS_IAM",
      });
    }
    await withIam.remove();
  });
});

describe("What the operator is told in the end", () => {
  it("is where Slack, Discord and programs reach it, where things are kept, and who hears of alarms", () => {
    const outputs = Object.entries(recordOf(stack.template.toJSON().Outputs)).map(
      ([name, output]) => {
        const value = JSON.stringify(recordOf(output).Value);
        return [name, /(\/slack\/events|\/discord\/interactions|\/generate)"/u.exec(value)?.[1]];
      },
    );
    expect(Object.fromEntries(outputs)).toEqual({
      SlackRequestUrl: "/slack/events",
      DiscordInteractionsUrl: "/discord/interactions",
      GenerateUrl: "/generate",
      ApiUrl: undefined,
      OutputBucket: undefined,
      InputBucket: undefined,
      MediaBucket: undefined,
      AlarmTopic: undefined,
    });
  });
});

describe("The queues", () => {
  it("keep jobs in order for six times the worker's time, then among the dead letters", () => {
    expect(queue("atelier-jobs.fifo")).toMatchObject({
      FifoQueue: true,
      VisibilityTimeout: 6 * functionSizes.worker.timeoutSeconds,
      RedrivePolicy: {
        deadLetterTargetArn: expect.stringMatching(/:atelier-jobs-dead-letters\.fifo$/u),
        maxReceiveCount: 5,
      },
    });
    expect(queue("atelier-jobs.fifo")).not.toHaveProperty("ContentBasedDeduplication", true);
    expect(queue("atelier-jobs-dead-letters.fifo")).toMatchObject({
      FifoQueue: true,
      MessageRetentionPeriod: 14 * 86_400,
    });
  });

  it("keep batches of pictures likewise, in no order", () => {
    expect(queue("image-batch")).toMatchObject({
      VisibilityTimeout: 6 * functionSizes.generate.timeoutSeconds,
      RedrivePolicy: {
        deadLetterTargetArn: expect.stringMatching(/:image-batch-dead-letters$/u),
        maxReceiveCount: 5,
      },
    });
    expect(queue("image-batch")).not.toHaveProperty("FifoQueue");
  });

  it("are encrypted and take nothing without TLS", () => {
    stack.template.resourceCountIs("AWS::SQS::Queue", 4);
    stack.template.allResourcesProperties("AWS::SQS::Queue", { SqsManagedSseEnabled: true });
    const refusing = stack.resolved
      .ofType("AWS::SQS::QueuePolicy")
      .filter(({ properties }) =>
        recordsOf(recordOf(properties.PolicyDocument).Statement).some(
          ({ Effect, Condition }) => Effect === "Deny" && "Bool" in recordOf(Condition),
        ),
      );
    expect(refusing).toHaveLength(4);
  });

  it("give the worker one job at a time, as many at once as the option says", () => {
    expect(mapping("atelier-jobs.fifo", "atelier-worker")).toMatchObject({
      BatchSize: 1,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 10 },
    });
  });

  it("give the generation service batches, and people's dead letters to whoever tells them", () => {
    const partly = { FunctionResponseTypes: ["ReportBatchItemFailures"] };
    expect(mapping("image-batch", "aws_gen_pic")).toMatchObject({ ...partly, BatchSize: 5 });
    expect(mapping("atelier-jobs-dead-letters.fifo", "atelier-dead-letter")).toMatchObject(partly);
  });
});

describe("New videos and frames", () => {
  it("are told to clip-batch by S3 itself, the lists beside frames excepted", () => {
    const [media] = stack.resolved
      .ofType("AWS::S3::Bucket")
      .filter(({ properties }) => "NotificationConfiguration" in properties);
    const { LambdaConfigurations } = recordOf(media?.properties.NotificationConfiguration);
    const told = recordsOf(stack.resolved.resolve(LambdaConfigurations)).map((each) => ({
      event: each.Event,
      to: String(each.Function).split(":").at(-1),
      rules: recordsOf(recordOf(recordOf(each.Filter).S3Key).Rules),
    }));
    expect(told).toEqual([
      {
        event: "s3:ObjectCreated:*",
        to: "clip-batch",
        rules: [{ Name: "prefix", Value: "videos/" }],
      },
      {
        event: "s3:ObjectRemoved:*",
        to: "clip-batch",
        rules: [{ Name: "prefix", Value: "videos/" }],
      },
      {
        event: "s3:ObjectCreated:*",
        to: "clip-batch",
        rules: [
          { Name: "prefix", Value: "frames/" },
          { Name: "suffix", Value: ".jpg" },
        ],
      },
    ]);
  });

  it("are told only after S3 may, and only of this bucket in this account", () => {
    const [permission] = stack.resolved
      .ofType("AWS::Lambda::Permission")
      .filter(({ properties }) => properties.Principal === "s3.amazonaws.com");
    expect(stack.resolved.resolve(permission?.properties)).toMatchObject({
      FunctionName: expect.stringMatching(/:function:clip-batch$/u),
      SourceArn: "arn:aws:s3:::atelier-media-123456789012-us-west-2",
      SourceAccount: "123456789012",
    });
    stack.template.hasResource("AWS::S3::Bucket", {
      Properties: { NotificationConfiguration: Match.anyValue() },
      DependsOn: Match.arrayWith([permission?.id]),
    });
  });

  it("are looked after once an hour where their indexing broke off", () => {
    stack.template.hasResourceProperties("AWS::Events::Rule", {
      ScheduleExpression: "rate(1 hour)",
      Targets: [Match.objectLike({ Input: '{"resume":true}' })],
    });
  });
});
