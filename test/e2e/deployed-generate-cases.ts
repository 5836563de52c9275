import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { flatPicture } from "../fixtures/flat-picture.ts";
import { until } from "../fixtures/until.ts";
import { parseJson, recordOf, recordsOf, textOf } from "../servers/json-record.ts";
import { DEPLOYED_API_KEY, type DeployedAtelier } from "./deployed-atelier.ts";

const FUNCTION = "aws_gen_pic";
const QUEUE = "image-batch";
const DEAD_LETTERS = "image-batch-dead-letters";

/** Contracts section 1 on the deployed function: over the API, invoked, and from the batch queue. */
export function deployedGenerateCases(running: () => DeployedAtelier): void {
  const post = async (
    body: unknown,
    headers: Record<string, string> = { "x-api-key": DEPLOYED_API_KEY },
  ) => {
    const answer = await fetch(`${running().api.url}/generate`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: recordOf(await answer.json()) };
  };
  const paidFor = (prompt: string) =>
    running().model.calls.filter(({ body }) => body.prompt === prompt).length;
  const bucketOf = (part: string) =>
    running()
      .template.ofType("AWS::S3::Bucket")
      .map((bucket) => running().template.nameOf(bucket))
      .find((name) => name.includes(part)) ?? "";

  it("draws for a key, once, and links to the picture", async () => {
    const asked = { prompt: "a ferry", seed: 5, aspect_ratio: "1:1" };
    const first = await post(asked);
    expect(first).toMatchObject({
      status: 200,
      body: {
        message: "Image generated successfully",
        bucket: bucketOf("outputs"),
        parameters: { ...asked, model: "stability.sd3-5-large-v1:0" },
        cached: false,
        expires_in: 900,
      },
    });
    const picture = await fetch(textOf(first.body.url));
    expect(picture.headers.get("content-type")).toBe("image/jpeg");
    const bearer = { authorization: `Bearer ${DEPLOYED_API_KEY}` };
    expect((await post(asked, bearer)).body).toMatchObject({ cached: true, key: first.body.key });
    expect(paidFor("a ferry")).toBe(1);
  });

  it("draws with each model that is allowed, and again what the bucket no longer has", async () => {
    const core = { prompt: "a core ferry", model: "stability.stable-image-core-v1:1" };
    const { body } = await post(core);
    const Key = textOf(body.key);
    await running().s3.send(new DeleteObjectCommand({ Bucket: bucketOf("outputs"), Key }));
    expect(await post(core)).toMatchObject({ status: 200, body: { cached: false } });
    const ultra = { prompt: "an ultra ferry", model: "stability.stable-image-ultra-v1:1" };
    expect(await post(ultra)).toMatchObject({ status: 200 });
    expect(await post({ ...ultra, model: "amazon.nova-canvas-v1:0" })).toMatchObject({
      status: 404,
      body: { error: "ModelNotFound" },
    });
  });

  it("answers GET in short, and refuses whoever has no key", async () => {
    const url = `${running().api.url}/generate?prompt=${encodeURIComponent("a short ferry")}`;
    const answer = await fetch(url, { headers: { "x-api-key": DEPLOYED_API_KEY } });
    expect(await answer.json()).toEqual({
      url: expect.stringContaining("X-Amz-Signature"),
      prompt: "a short ferry",
    });
    expect((await fetch(url)).status).toBe(401);
    expect(await post({ prompt: "a thief" }, {})).toMatchObject({
      status: 401,
      body: { error: "Unauthorized" },
    });
    expect(paidFor("a thief")).toBe(0);
  });

  it("starts from a picture of the input bucket, and says when there is none", async () => {
    const Bucket = bucketOf("inputs");
    const Body = await flatPicture([0, 96, 0]);
    await running().s3.send(new PutObjectCommand({ Bucket, Key: "given/green.png", Body }));
    const init = { prompt: "greener", init_image_s3: `s3://${Bucket}/given/green.png` };
    expect(await post({ ...init, strength: 0.5 })).toMatchObject({ status: 200 });
    expect(await post({ ...init, init_image_s3: `s3://${Bucket}/given/none.png` })).toMatchObject({
      status: 404,
      body: { error: "NoSuchKey" },
    });
  });

  it("says what the model declines, and keeps nothing of it", async () => {
    const finishReasons = ["Filter reason: prompt"];
    running().model.next({ finishReasons, prompt: "a declined ferry" });
    expect(await post({ prompt: "a declined ferry" })).toMatchObject({
      status: 422,
      body: { error: "ContentFiltered" },
    });
    expect(await post({ prompt: "a declined ferry" })).toMatchObject({ status: 200 });
  });

  it("waits out a throttled model, and says how long to wait where it cannot", async () => {
    const headers = { "retry-after": "1" };
    const throttled = { error: "ThrottlingException", status: 429, headers };
    running().model.next({ ...throttled, times: 2, prompt: "a patient ferry" });
    expect(await post({ prompt: "a patient ferry" })).toMatchObject({ status: 200 });
    expect(paidFor("a patient ferry")).toBe(3);
  });

  it("draws for whoever may invoke it, with the bare payload", async () => {
    const { payload, isFailed } = await running()
      .function(FUNCTION)
      .invoke({ prompt: "an invoked ferry" });
    expect(isFailed).toBe(false);
    const { statusCode, body } = recordOf(parseJson(payload));
    expect(statusCode).toBe(200);
    expect(parseJson(textOf(body))).toMatchObject({ parameters: { prompt: "an invoked ferry" } });
  });

  it("draws a batch, each message once, and gives up what nobody can draw", async () => {
    const { sqs, queues, s3 } = running();
    const send = (body: unknown) =>
      queues.send(
        new SendMessageCommand({
          QueueUrl: sqs.queueUrl(QUEUE),
          MessageBody: typeof body === "string" ? body : JSON.stringify(body),
        }),
      );
    const source = running().source(QUEUE);
    await Promise.all([
      ...[1, 2, 3].map((n) => send({ prompt: `ferry ${n} of a fleet`, output_format: "png" })),
      send({ prompt: "a ferry of no shape", aspect_ratio: "7:7" }),
      send("no JSON at all"),
    ]);
    const drawn = () => [1, 2, 3].map((n) => paidFor(`ferry ${n} of a fleet`));
    await until(() => drawn().every((count) => count === 1));
    await until(() => sqs.queue(QUEUE).messages().length === 2);
    // What could not be drawn comes again when its visibility timeout is over: here, at once.
    await until(() => {
      sqs.queue(QUEUE).makeVisible();
      return sqs.queue(DEAD_LETTERS).messages().length === 2;
    }, 30_000);
    expect(sqs.queue(QUEUE).messages()).toEqual([]);

    const fleet = source.deliveries.find(({ body }) => body.includes("ferry 2"));
    const again = await running()
      .function(FUNCTION)
      .invoke({ Records: [fleet, fleet] });
    expect(recordsOf(recordOf(parseJson(again.payload)).batchItemFailures)).toEqual([]);
    expect(drawn()).toEqual([1, 1, 1]);
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: bucketOf("outputs") }),
    );
    const pngs = Contents.filter(({ Key = "" }) => Key.endsWith(".png"));
    expect(pngs).toHaveLength(3);
    const { ContentType } = await s3.send(
      new GetObjectCommand({ Bucket: bucketOf("outputs"), Key: pngs[0]?.Key ?? "" }),
    );
    expect(ContentType).toBe("image/png");
  });

  it("is throttled by the API before it is called", async () => {
    const before = running().function(FUNCTION).invocations();
    running().api.throttle(1);
    expect((await post({ prompt: "one too many" })).status).toBe(429);
    expect(running().function(FUNCTION).invocations()).toBe(before);
  });
}
