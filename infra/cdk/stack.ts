import type { App } from "aws-cdk-lib";
import { Stack, Tags } from "aws-cdk-lib";
import { createAlarms, createAlarmTopic } from "./alarms.ts";
import { createApi } from "./api.ts";
import { createArns } from "./arns.ts";
import { createBudget } from "./budget.ts";
import { createDashboard } from "./dashboard.ts";
import { feedFunctions, notifyOfMedia, resumeVideos } from "./event-sources.ts";
import type { Artefacts, House } from "./function.ts";
import { createFunctions } from "./functions.ts";
import { createNames, type Place } from "./names.ts";
import { createClipEndpoint } from "./optional/clip-endpoint.ts";
import { createValkey } from "./optional/valkey.ts";
import { createVectorBucket } from "./optional/vector-bucket.ts";
import type { Options } from "./options.ts";
import { writeOutputs } from "./outputs.ts";
import { createQueues } from "./queues.ts";
import { createBuckets } from "./storage.ts";
import { createTables } from "./tables.ts";

/** All of Atelier in one stack, for the place, or else for wherever it is deployed to. */
export function createStack(
  app: App,
  { options, artefacts, place }: { options: Options; artefacts: Artefacts; place?: Place },
): Stack {
  const names = createNames(options.name, place);
  const arns = createArns(names);
  const stack = new Stack(app, names.stack, {
    description: "Atelier: the bot that makes pictures and finds them, for Slack and Discord.",
  });
  Tags.of(stack).add("service", names.stack);
  const house: House = { scope: stack, names, arns, options, artefacts };

  const buckets = createBuckets(stack, names, options);
  createTables(stack, names, options);
  const queues = createQueues(stack, names);
  const shared = options.valkey ? createValkey(stack, names) : null;
  const functions = createFunctions(house, { jobQueueUrl: queues.jobs.queueUrl, shared });
  feedFunctions(stack, { queues, functions, options });
  notifyOfMedia(stack, { media: buckets.media, clipBatch: functions.clipBatch, arns });
  resumeVideos(stack, names, functions.clipBatch);
  const api = createApi(stack, { names, options, functions });

  const { clipSagemaker, vectorBucket, monthlyBudgetUsd } = options;
  if (clipSagemaker) createClipEndpoint(house);
  if (vectorBucket !== null) createVectorBucket(stack, vectorBucket);

  const topic = createAlarmTopic(stack, names, options);
  createAlarms(stack, { names, options, functions, queues, topic });
  createDashboard(stack, { names, functions, queues });
  if (monthlyBudgetUsd !== null) createBudget(stack, { names, monthlyBudgetUsd, topic });
  writeOutputs(stack, { api, buckets, topic, options });
  return stack;
}
