import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDeadLetter } from "../../infra/deployed/dead-letter.ts";
import { loadDeployedSettings } from "../../infra/deployed/deployed-settings.ts";
import { createWorker } from "../../infra/deployed/worker.ts";
import { SettingsError } from "../../infra/settings.ts";
import { createDeployedWorkshop } from "../fixtures/deployed-workshop.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { type JobQueues, openJobQueues } from "../fixtures/job-queues.ts";
import { createStillClock, type StillClock } from "../fixtures/still-clock.ts";

let storage: EmbeddedStorage;
let queues: JobQueues;
let queueClock: StillClock;

beforeEach(async () => {
  queueClock = createStillClock();
  storage = await openEmbeddedStorage();
  queues = await openJobQueues(queueClock);
  vi.stubEnv("AWS_REGION", "us-west-2");
  vi.stubEnv("AWS_ENDPOINT_URL_SQS", queues.server.endpoint);
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", storage.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", storage.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await queues.close();
  await storage.close();
});

const environment = () => ({
  AWS_REGION: "us-west-2",
  AWS_LAMBDA_FUNCTION_NAME: "atelier-worker",
  OUTPUT_BUCKET: "outputs",
  INPUT_BUCKET: "inputs",
  IMAGE_MODEL: "bedrock",
  JOB_QUEUE_URL: queues.jobsUrl,
  LOG_LEVEL: "silent",
});

describe("the worker's function", () => {
  it("works on the jobs of the queue, with what its settings name", async () => {
    const webhook = await createDeployedWorkshop(storage, queues);
    const id = await webhook.type("ana", "/help");
    const handler = createWorker(() => loadDeployedSettings("worker", environment()));
    const event = await queues.takeJobs();
    expect(await queues.settle(event, await handler(event))).toEqual([]);
    expect(await webhook.jobs.find(id)).toMatchObject({ status: "delivered", attempts: 1 });
    await webhook.type("ana", "/imagine a fox");
    await webhook.type("ana", "/cancel");
    for (const each of (await queues.takeJobs(10)).Records) {
      if (each.attributes.MessageGroupId?.endsWith("#quick")) await handler({ Records: [each] });
    }
    const records = await webhook.jobs.listByUser(webhook.identity("ana"), { limit: 3 });
    const drawing = records.find(({ command }) => command === "imagine");
    expect(drawing).toMatchObject({ status: "cancelled" });
  });

  it("that cannot begin fails, and its messages come again soon", async () => {
    const webhook = await createDeployedWorkshop(storage, queues);
    await webhook.type("ana", "/help");
    let isBroken = true;
    const handler = createWorker(async () => {
      const IMAGE_MODEL = isBroken ? "sketch" : "bedrock";
      return loadDeployedSettings("worker", { ...environment(), IMAGE_MODEL });
    });
    await expect(handler(await queues.takeJobs())).rejects.toBeInstanceOf(SettingsError);
    queueClock.move(16_000);
    isBroken = false;
    expect(await handler(await queues.takeJobs())).toEqual({ batchItemFailures: [] });
  });
});

describe("the dead letters' function", () => {
  it("ends the jobs that it is given, with what its settings name", async () => {
    const webhook = await createDeployedWorkshop(storage, queues);
    const id = await webhook.type("ana", "/imagine a fox");
    const handler = createDeadLetter(() => loadDeployedSettings("dead-letter", environment()));
    const event = await queues.takeJobs();
    expect(await handler(event)).toEqual({ batchItemFailures: [] });
    expect(await webhook.jobs.find(id)).toMatchObject({
      status: "failed",
      failure: { message: expect.stringContaining(id) },
    });
    expect(await handler(event)).toEqual({ batchItemFailures: [] });
  });
});
