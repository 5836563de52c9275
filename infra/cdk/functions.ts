import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { environmentOf } from "./environment.ts";
import { createFunction, type FunctionPlan, type House, type Network } from "./function.ts";
import { rightsOf } from "./permissions/index.ts";
import { secretsOf } from "./secrets.ts";
import { type FunctionId, functionSizes } from "./sizes.ts";

export type Functions = Readonly<Record<FunctionId, LambdaFunction>>;

const plans: Readonly<Record<FunctionId, Pick<FunctionPlan, "description" | "handler" | "isZip">>> =
  {
    webhook: {
      description: "Verifies, parses, acknowledges and queues what Slack and Discord send.",
      handler: "webhook.handler",
      isZip: true,
    },
    worker: { description: "Runs and delivers jobs.", handler: "worker.handler" },
    generate: {
      description: "Draws one picture for a program, or a batch of them.",
      handler: "generate.handler",
    },
    clipInference: {
      description: "Embeds texts and pictures.",
      handler: "clip-inference.handler",
    },
    clipBatch: {
      description: "Embeds and indexes videos and frames that appear in the media bucket.",
      handler: "clip-batch.handler",
    },
    frameSearch: {
      description: "Finds the frames nearest to a text or a picture.",
      handler: "frame-search.handler",
    },
    deadLetter: {
      description: "Tells people of jobs that could not be worked.",
      handler: "dead-letter.handler",
    },
  };

/** All functions; `network` is for those that draw, which share the model rates in it. */
export function createFunctions(
  house: House,
  {
    jobQueueUrl,
    shared,
  }: { jobQueueUrl: string; shared: { network: Network; redisUrl: string } | null },
): Functions {
  const { names, arns, options } = house;
  const redisUrl = shared?.redisUrl ?? null;
  const create = (id: FunctionId): LambdaFunction =>
    createFunction(house, {
      id,
      ...plans[id],
      environment: environmentOf(id, { names, options, jobQueueUrl, redisUrl }),
      rights: rightsOf[id]({ names, arns, options, secrets: secretsOf(id, options) }),
      network: id === "worker" || id === "generate" ? (shared?.network ?? null) : null,
    });
  return {
    webhook: create("webhook"),
    worker: create("worker"),
    generate: create("generate"),
    clipInference: create("clipInference"),
    clipBatch: create("clipBatch"),
    frameSearch: create("frameSearch"),
    deadLetter: create("deadLetter"),
  };
}

/** The functions' ids, in the order in which they are shown. */
export const functionIds = Object.keys(functionSizes) as FunctionId[];
