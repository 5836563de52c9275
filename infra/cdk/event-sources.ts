import { Aws, Duration } from "aws-cdk-lib";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { CfnPermission, EventSourceMapping, type IFunction } from "aws-cdk-lib/aws-lambda";
import { type Bucket, CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import type { Arns } from "./arns.ts";
import type { Functions } from "./functions.ts";
import type { Names } from "./names.ts";
import type { Options } from "./options.ts";
import type { Queues } from "./queues.ts";
import { batchSizes, imageBatchConcurrency } from "./sizes.ts";
import { substituted } from "./substituted.ts";

const CREATED = "s3:ObjectCreated:*";

/** Lambda reads the queues and gives each function what is in its own. */
export function feedFunctions(
  scope: Construct,
  { queues, functions, options }: { queues: Queues; functions: Functions; options: Options },
): void {
  function feed(
    target: IFunction,
    queue: Queue,
    feeding: { batchSize: number; maxConcurrency: number },
  ): void {
    // Not `addEventSource`: it would give the role more than the mapping needs.
    new EventSourceMapping(scope, `${queue.node.id}Mapping`, {
      target,
      eventSourceArn: queue.queueArn,
      reportBatchItemFailures: true,
      ...feeding,
    });
  }
  feed(functions.worker, queues.jobs, {
    batchSize: batchSizes.jobs,
    maxConcurrency: options.workerConcurrency,
  });
  feed(functions.generate, queues.imageBatch, {
    batchSize: batchSizes.imageBatch,
    maxConcurrency: imageBatchConcurrency,
  });
  feed(functions.deadLetter, queues.jobsDeadLetters, {
    batchSize: batchSizes.deadLetters,
    maxConcurrency: 2,
  });
}

/**
 * S3 tells clip-batch of new videos and frames, and of videos that are deleted, in the events of docs/contracts.md section 5. Written into
 * the bucket itself: the CDK's own notifications come with a function that may change every bucket.
 */
export function notifyOfMedia(
  scope: Construct,
  { media, clipBatch, arns }: { media: Bucket; clipBatch: IFunction; arns: Arns },
): void {
  // By name, since the bucket must come after the permission.
  const mayInvoke = new CfnPermission(scope, "mediaMayInvokeClipBatch", {
    action: "lambda:InvokeFunction",
    functionName: clipBatch.functionArn,
    principal: "s3.amazonaws.com",
    sourceArn: substituted(arns.buckets.media),
    sourceAccount: Aws.ACCOUNT_ID,
  });
  const told = (event: string, ...filter: { name: string; value: string }[]) => ({
    event,
    function: clipBatch.functionArn,
    filter: { s3Key: { rules: filter } },
  });
  const videos = { name: "prefix", value: "videos/" };
  const bucket = media.node.defaultChild;
  if (!(bucket instanceof CfnBucket)) throw new Error("The media bucket is no bucket.");
  bucket.notificationConfiguration = {
    lambdaConfigurations: [
      told(CREATED, videos),
      // Delete markers too, which take the place of what is deleted.
      told("s3:ObjectRemoved:*", videos),
      // The list beside a video's frames is none of its business.
      told(CREATED, { name: "prefix", value: "frames/" }, { name: "suffix", value: ".jpg" }),
    ],
  };
  bucket.addResourceDependency(mayInvoke);
}

/** Once an hour clip-batch goes on with what broke off: no process is there in the background. */
export function resumeVideos(scope: Construct, names: Names, clipBatch: IFunction): void {
  new Rule(scope, "resumeVideos", {
    ruleName: `${names.stack}-resume-videos`,
    description: "Goes on with videos whose indexing broke off, or that an earlier model indexed.",
    schedule: Schedule.rate(Duration.hours(1)),
    targets: [
      new LambdaFunction(clipBatch, {
        event: RuleTargetInput.fromObject({ resume: true }),
        // The next hour tries again.
        retryAttempts: 0,
      }),
    ],
  });
}
