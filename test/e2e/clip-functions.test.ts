import { afterAll, beforeAll, describe } from "vitest";
import { handler as clipBatch } from "../../infra/lambda/clip-batch.lambda.ts";
import { handler as clipInference } from "../../infra/lambda/clip-inference.lambda.ts";
import { clipServices } from "../../infra/lambda/clip-services.ts";
import { handler as frameSearch } from "../../infra/lambda/frame-search.lambda.ts";
import { CEPH_START_TIMEOUT_MS } from "../servers/ceph.ts";
import { type AwsServices, missingForAws, startAwsServices } from "./aws-services.ts";
import { batchFramesCases } from "./clip-batch-frames-cases.ts";
import { batchVideoCases } from "./clip-batch-video-cases.ts";
import { type ClipFunctions, startClipFunctions } from "./clip-functions.ts";
import { frameSearchCases } from "./frame-search-cases.ts";

const missing = missingForAws();
const name = `the CLIP functions on S3 and DynamoDB${missing === null ? "" : ` (${missing})`}`;

describe.skipIf(missing !== null)(name, { timeout: 60_000 }, () => {
  let aws: AwsServices;
  let functions: ClipFunctions;
  const running = () => functions;

  beforeAll(async () => {
    aws = await startAwsServices();
    functions = await startClipFunctions(aws, {
      "clip-inference": clipInference,
      "clip-batch": clipBatch,
      "frame-search": frameSearch,
    });
  }, CEPH_START_TIMEOUT_MS + 60_000);
  afterAll(async () => {
    await functions?.close();
    await clipServices.close();
    await aws?.close();
  }, 30_000);

  // In this order: the later ones search what the first ones index.
  describe("clip-batch, when a video appears under videos/", () => batchVideoCases(running));
  describe("clip-batch, when frames are given", () => batchFramesCases(running));
  describe("frame-search", () => frameSearchCases(running));
});
