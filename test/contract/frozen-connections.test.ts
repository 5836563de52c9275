import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDynamodbState } from "../../infra/dynamodb-state.ts";
import { createBedrockClient } from "../../src/drivers/aws/bedrock-client.ts";
import { createBedrockImageModel } from "../../src/drivers/aws/bedrock-image-model.ts";
import { createS3BlobStore } from "../../src/drivers/aws/s3-blob-store.ts";
import { createS3Client } from "../../src/drivers/aws/s3-client.ts";
import { createSqsClient } from "../../src/drivers/aws/sqs-client.ts";
import { createSqsVisibility } from "../../src/drivers/aws/sqs-visibility.ts";
import { createStillClock } from "../fixtures/still-clock.ts";
import { type ForgetfulServer, startForgetfulServer } from "../servers/forgetful-server.ts";
import { picture } from "./image-model-contract.ts";

const SEVERAL = [1, 2, 3, 4, 5, 6];
const ENDPOINTS = ["BEDROCK_RUNTIME", "DYNAMODB", "S3", "SQS"].map(
  (service) => `AWS_ENDPOINT_URL_${service}`,
);

/** Lambda freezes a function between its invocations; what was connected is dead when it thaws. */
describe("after several requests at once, and a freeze", () => {
  let server: ForgetfulServer;
  let answered = 0;
  let reply: string;
  let folder: string;
  const closers: (() => void)[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-frozen-"));
    answered = 0;
    reply = "{}";
    server = await startForgetfulServer((request, response) => {
      request.resume().on("end", () => {
        answered += 1;
        // Long enough that those sent together do not share a connection.
        setTimeout(() => response.setHeader("ETag", '"e"').end(reply), 50);
      });
    });
    for (const name of ENDPOINTS) process.env[name] = server.endpoint;
    process.env.AWS_ACCESS_KEY_ID = "test";
    process.env.AWS_SECRET_ACCESS_KEY = "test";
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) close();
    await server.close();
    for (const name of ENDPOINTS) delete process.env[name];
    await rm(folder, { recursive: true });
  });

  async function freezeAfter(call: () => Promise<unknown>): Promise<void> {
    await Promise.all(SEVERAL.map(call));
    server.forget();
    answered = 0;
  }

  it("a picture is drawn by the one call that is made", async () => {
    const { bytes } = await picture(8, 8, "png");
    const images = [Buffer.from(bytes).toString("base64")];
    reply = JSON.stringify({ seeds: [1], finish_reasons: [null], images });
    const client = createBedrockClient({ region: "us-west-2" });
    closers.push(() => client.destroy());
    const model = createBedrockImageModel({ client, modelId: "stability.sd3-5-large-v1:0" });
    const draw = () =>
      model.draw(
        { prompt: "a fox", aspectRatio: "1:1", seed: 1, outputFormat: "png" },
        { signal: AbortSignal.timeout(10_000) },
      );
    await freezeAfter(draw);
    await draw();
    expect(answered).toBe(1);
  });

  describe("at S3", () => {
    function openStore() {
      const client = createS3Client({ region: "us-west-2", forcePathStyle: true });
      closers.push(() => client.destroy());
      return createS3BlobStore({ client, bucket: "pictures", clock: createStillClock() });
    }

    it("a picture is kept", async () => {
      const store = openStore();
      await freezeAfter(() => store.get("a"));
      await store.put("b", { bytes: Uint8Array.of(1), mediaType: "image/png" });
      expect(answered).toBe(1);
    });

    it("a file is kept", async () => {
      const store = openStore();
      const path = join(folder, "video.mp4");
      await writeFile(path, Buffer.alloc(300_000));
      await freezeAfter(() => store.get("a"));
      await store.putFile("videos/a.mp4", path, "video/mp4");
      expect(answered).toBe(1);
    });
  });

  it("state is read from DynamoDB", async () => {
    const { state, close } = openDynamodbState(
      { AWS_REGION: "us-west-2", STATE_TABLE: "s", CACHE_TABLE: "c", VIDEOS_TABLE: "v" },
      createStillClock(),
    );
    closers.push(close);
    await freezeAfter(() => state.get("state", "a"));
    expect(await state.get("state", "a")).toBeNull();
    expect(answered).toBe(1);
  });

  it("a message's visibility is set", async () => {
    const client = createSqsClient({ region: "us-west-2" });
    closers.push(() => client.destroy());
    const visibility = createSqsVisibility({ client });
    const queueArn = "arn:aws:sqs:us-west-2:123456789012:atelier-jobs.fifo";
    const set = () => visibility.set({ queueArn, receiptHandle: "handle" }, 60);
    await freezeAfter(set);
    expect(await set()).toBe(true);
    expect(answered).toBe(1);
  });
});
