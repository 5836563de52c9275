import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionSizes, watched } from "../../infra/cdk/sizes.ts";
import { assumptions } from "../../infra/cost/assumptions.ts";
import { usageOf } from "../../infra/cost/usage.ts";
import { type SynthesisedStack, synthesiseStack } from "../fixtures/synthesised-stack.ts";
import { recordOf } from "../servers/json-record.ts";

let stack: SynthesisedStack;
beforeAll(async () => {
  stack = await synthesiseStack();
});
afterAll(() => stack.remove());

const resources = (type: string) =>
  stack.resolved.ofType(type).map(({ properties }) => recordOf(stack.resolved.resolve(properties)));

/** What costs nothing by being there, and whose use the bill counts. */
const COUNTED =
  /^AWS::(ApiGatewayV2::(Api|Integration|Route|Stage)|Budgets::Budget|CloudWatch::(Alarm|Dashboard)|DynamoDB::(Table|GlobalTable)|Events::Rule|IAM::(Policy|Role)|Lambda::(EventSourceMapping|Function|Permission)|Logs::(LogGroup|ResourcePolicy)|S3::(Bucket|BucketPolicy)|SNS::(Subscription|Topic|TopicPolicy)|SQS::(Queue|QueuePolicy)|CDK::Metadata)$/u;

describe("what the bill counts is what the template has", () => {
  it("in queues that Lambda asks for messages all day", () => {
    const fed = resources("AWS::Lambda::EventSourceMapping").map(({ EventSourceArn }) =>
      String(EventSourceArn),
    );
    const fifo = fed.filter((arn) => arn.endsWith(".fifo"));
    expect({ fifo: fifo.length, standard: fed.length - fifo.length }).toEqual(
      assumptions.polledQueues,
    );
  });

  it("in what is done by the clock", () => {
    const every = `rate(${assumptions.hoursOfARound} hour)`;
    const rules = resources("AWS::Events::Rule");
    expect(rules.map(({ ScheduleExpression }) => ScheduleExpression)).toEqual([every]);
  });

  it("in calls of functions: one for each request, each message, and each picture of a video", () => {
    const [media] = resources("AWS::S3::Bucket").filter(
      ({ NotificationConfiguration }) => NotificationConfiguration !== undefined,
    );
    const { LambdaConfigurations } = recordOf(media?.NotificationConfiguration);
    expect(JSON.stringify(LambdaConfigurations)).toContain('"frames/"');
    const { image, search, video, videoFrames } = assumptions;
    for (const { apiRequests, workMs, functionCalls } of [image, search, video]) {
      expect("webhook" in workMs).toBe(true);
      const others = Object.keys(workMs).length - 1;
      expect(functionCalls).toBeGreaterThanOrEqual(apiRequests + others);
    }
    expect(video.functionCalls).toBeGreaterThan(videoFrames);
    const { byUse } = usageOf({ images: 0, searches: 0, videos: 1, keptVideos: 1 })["xray.traces"];
    expect(byUse).toBe(video.functionCalls);
  });

  it("in alarms and dashboards", () => {
    expect(resources("AWS::CloudWatch::Alarm").length).toBeLessThanOrEqual(watched.alarmMetrics);
    expect(resources("AWS::CloudWatch::Dashboard")).toHaveLength(watched.dashboards);
  });

  it("in functions, each of which the bill knows the memory of", () => {
    const memories = resources("AWS::Lambda::Function").map(({ MemorySize }) => MemorySize);
    const sizes = Object.values(functionSizes).map(({ memoryMb }) => memoryMb);
    expect(memories.map(Number).sort()).toEqual([...sizes].sort());
  });

  it("with nothing else that costs by being there, such as a gateway, a key or a secret", () => {
    const { Resources } = stack.template.toJSON();
    const types = Object.values(recordOf(Resources)).map((each) => String(recordOf(each).Type));
    expect([...new Set(types)].filter((type) => !COUNTED.test(type))).toEqual([]);
  });
});
