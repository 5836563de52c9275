import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../fixtures/until.ts";
import { CEPH_START_TIMEOUT_MS } from "../servers/ceph.ts";
import { buttonOf, digestsOf, fetchBytes, fieldOf, picturesOf } from "./atelier-client.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";
import { type AwsServices, missingForAws, startAwsServices } from "./aws-services.ts";

const missing = missingForAws();
const name = `on S3, DynamoDB and Bedrock${missing === null ? "" : ` (${missing})`}`;

describe.skipIf(missing !== null)(name, { timeout: 60_000 }, () => {
  const processes = atelierProcesses();
  let aws: AwsServices;
  let one: AtelierProcess;
  let two: AtelierProcess;
  beforeAll(async () => {
    aws = await startAwsServices();
    [one, two] = await Promise.all([
      processes.start({ environment: aws.environment }),
      processes.start({ environment: aws.environment }),
    ]);
  }, CEPH_START_TIMEOUT_MS + START_TIMEOUT_MS);
  afterAll(() => aws?.close(), 30_000);
  beforeEach(() => aws.model.reset());

  it("four pictures are four calls, each with its seed and tried once by the SDK", async () => {
    const view = await one.command("/imagine a red fox --count 4 --seed 7 --ar 16:9 --no snow");
    expect(view.status).toBe("done");
    expect(fieldOf(view, "Seeds")).toBe("7, 8, 9, 10");
    const { calls } = aws.model;
    expect(calls.map(({ body }) => body.seed).sort((a, b) => Number(a) - Number(b))).toEqual([
      7, 8, 9, 10,
    ]);
    for (const call of calls) {
      expect(call.attempt).toBe("attempt=1; max=1");
      const { seed: _seed, ...body } = call.body;
      expect(body).toEqual({
        mode: "text-to-image",
        prompt: "a red fox",
        negative_prompt: "snow",
        aspect_ratio: "16:9",
        output_format: "jpeg",
      });
    }
    const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
    const keys = await aws.outputKeys();
    for (const number of [1, 2, 3, 4]) {
      expect(keys).toContain(`outputs/${day}/${view.job_id}-${number}.jpeg`);
    }
    expect(new Set(await digestsOf(view)).size).toBe(4);
    for (const { url } of view.card?.images ?? []) {
      expect(url.startsWith(aws.endpoint)).toBe(true);
      // Counted from the whole second before.
      expect(new URL(url).searchParams.get("X-Amz-Expires")).toMatch(/^90[01]$/u);
      const response = await fetch(url);
      expect(response.headers.get("Content-Type")).toBe("image/jpeg");
      const bytes = Buffer.from(await response.arrayBuffer());
      expect((await sharp(bytes).metadata()).format).toBe("jpeg");
    }

    const again = await two.command("/imagine a red fox --count 4 --seed 7 --ar 16:9 --no snow");
    expect(fieldOf(again, "From the cache")).toBe("yes");
    expect(calls).toHaveLength(4);
    expect(await digestsOf(again)).toEqual(await digestsOf(view));
  });

  it("a result is kept in image-cache with the attributes that others read", async () => {
    const { body } = await one.postJson("/generate", { prompt: "a kept one", seed: 9 });
    expect(body).toMatchObject({ bucket: "atelier-outputs", cached: false });
    expect(String(body.s3_url)).toBe(`s3://atelier-outputs/${body.key}`);
    await fetchBytes(String(body.url));
    const item = (await aws.cacheItems()).find(({ s3_url }) => s3_url === body.s3_url);
    const nowSeconds = Date.now() / 1000;
    expect(item).toMatchObject({
      prompt_hash: expect.stringMatching(/^[0-9a-f]{64}$/u),
      s3_url: body.s3_url,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u),
      model: "stability.sd3-5-large-v1:0",
      status: "ready",
      parameters: { prompt: "a kept one", seed: 9, aspect_ratio: "16:9" },
    });
    expect(Number(item?.expires_at)).toBeGreaterThan(nowSeconds + 29 * 24 * 3600);
    expect(Number(item?.expires_at)).toBeLessThan(nowSeconds + 31 * 24 * 3600);
  });

  it("image-to-image sends the picture, its strength and no ratio", async () => {
    const create = { width: 300, height: 150, channels: 3 as const, background: "#224466" };
    const attached = await one.postAttachment(await sharp({ create }).webp().toBuffer());
    const id = String(attached.body.id);
    const view = await two.command("/restyle in oil --strength strong --seed 3", {
      attachments: [id],
    });
    expect(view.status).toBe("done");
    const [call] = aws.model.calls;
    const { image, ...body } = call?.body ?? {};
    expect(body).toEqual({
      mode: "image-to-image",
      prompt: "in oil",
      seed: 3,
      strength: 0.85,
      output_format: "jpeg",
    });
    const { width, height } = await sharp(Buffer.from(String(image), "base64")).metadata();
    expect([width, height]).toEqual([300, 150]);
    const missingKey = `s3://atelier-inputs/inputs/${"0".repeat(64)}.png`;
    const gone = await one.postJson("/generate", { prompt: "a", init_image_s3: missingKey });
    expect([gone.status, gone.body.error]).toEqual([404, "NoSuchKey"]);
  });

  it("a busy model is waited for as long as it says", async () => {
    const headers = { "retry-after": "1" };
    aws.model.next({ error: "ThrottlingException", status: 429, headers, times: 2 });
    const view = await one.command("/imagine a patient one");
    expect(view.status).toBe("done");
    const times = aws.model.calls.map(({ atMs }) => atMs);
    expect(times).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = times;
    // Timers may fire a millisecond early.
    expect(second - first).toBeGreaterThanOrEqual(990);
    expect(third - second).toBeGreaterThanOrEqual(990);
  });

  it("declined content is told without how the filter works", async () => {
    aws.model.next({ finishReasons: ["Filter reason: prompt"] });
    const view = await one.command("/imagine something declined");
    expect(view).toMatchObject({ status: "failed", card: null, error: { kind: "refused" } });
    expect(view.error?.message).toContain("declined this prompt");
    aws.model.next({ finishReasons: ["Filter reason: output image"] });
    const { status, body } = await one.postJson("/generate", { prompt: "something declined" });
    expect([status, body.error]).toEqual([422, "ContentFiltered"]);
    // Three of four is an answer, which says what is missing.
    aws.model.next({ finishReasons: ["Filter reason: output image"] });
    const some = await one.command("/imagine partly declined --count 4 --seed 1");
    expect(some.card?.images).toHaveLength(3);
    expect(some.card?.notices.join()).toContain("1 of 4 could not be drawn");
  });

  it("a missing permission reaches the operator, and the prompt stays out of the log", async () => {
    aws.model.next({ error: "AccessDeniedException", status: 403 });
    const view = await one.command("/imagine a secret prompt 4711");
    expect(view.error).toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("not set up"),
    });
    const findTold = () => one.logs().find(({ jobId }) => jobId === view.job_id);
    // The log line comes after the card.
    await until(() => findTold() !== undefined);
    const told = findTold();
    expect(told).toMatchObject({ level: "error", kind: "misconfigured" });
    expect(JSON.stringify(told)).toContain("Allow bedrock:InvokeModel");
    expect(view.error?.message).toContain(view.job_id);
    for (const { output } of [one, two]) {
      for (const text of ["4711", "a red fox", "X-Amz-Signature", "declined --count"]) {
        expect(output()).not.toContain(text);
      }
    }
  });

  it("a crowd that asks both processes for the same picture pays once", async () => {
    const ask = (index: number) =>
      (index % 2 === 0 ? one : two).command("/imagine the crowd's favourite", {
        user: `person ${index % 25}`,
        channel: "crowd",
      });
    const views = await Promise.all(Array.from({ length: 200 }, (_, index) => ask(index)));
    expect(views.filter(({ status }) => status !== "done")).toEqual([]);
    expect(aws.model.calls).toHaveLength(1);
    const cached = views.filter((view) => fieldOf(view, "From the cache") === "yes");
    expect(cached).toHaveLength(199);
    expect(
      new Set(views.map(({ card }) => new URL(card?.images[0]?.url ?? "").pathname)).size,
    ).toBe(1);
  });

  it("both processes show and change the same jobs", async () => {
    const first = await one.command("/imagine shared", { user: "ana", channel: "both" });
    const { jobs } = await two.channel("both");
    expect(jobs.map(({ job_id }) => job_id)).toEqual([first.job_id]);
    await two.press(buttonOf(first, "Delete"), { user: "ana" });
    expect(await picturesOf(await one.job(first.job_id))).toEqual([]);
    expect((await aws.outputKeys()).some((key) => key.includes(first.job_id))).toBe(false);
  });

  it("what is too long for the tables is refused with a sentence", async () => {
    const long = "a".repeat(3_000);
    for (const [path, status] of [
      [`/api/jobs/${long}`, 404],
      [`/api/jobs/${long}/events`, 404],
      [`/api/channels/general/jobs?before=${long}`, 400],
    ] as const) {
      const response = await one.request(path);
      expect([path.slice(0, 40), response.status]).toEqual([path.slice(0, 40), status]);
      expect(await response.json()).toMatchObject({ message: expect.stringMatching(/\.$/u) });
    }
    // The longest that a command takes, in the characters that take the most room, four times.
    const view = await one.command(
      `/imagine ${"雪".repeat(9_900)} --no ${"雨".repeat(1_900)} --count 4 --seed 2`,
    );
    expect(view).toMatchObject({ status: "done", error: null });
    expect(view.card?.images).toHaveLength(4);
  });

  it("a job that waits when its process is stopped is finished by another", async () => {
    const stopping = await processes.start({ environment: aws.environment });
    aws.model.setLatencyMs(60_000);
    const jobId = await stopping.submit("/imagine handed over", { user: "eve" });
    await aws.model.nextCall();
    const { code, ms } = await stopping.stop();
    aws.model.setLatencyMs(0);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
    const next = await processes.start({ environment: aws.environment });
    expect((await next.finished(jobId)).status).toBe("done");
  });
});
