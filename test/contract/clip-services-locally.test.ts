import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type ClipServices, composeClipServices } from "../../infra/clip-services/compose.ts";
import { readSettings } from "../../infra/settings.ts";

const demoVideo = join(import.meta.dirname, "../../infra/demo/videos/a-day-in-the-park.mp4");
const opened: ClipServices[] = [];

function compose(environment: Record<string, string>): ClipServices {
  const services = composeClipServices(() => readSettings({ LOG_LEVEL: "silent", ...environment }));
  opened.push(services);
  return services;
}
afterEach(async () => {
  for (const services of opened.splice(0)) await services.close();
});

const signal = () => AbortSignal.timeout(60_000);

describe("the CLIP services without AWS", { timeout: 90_000 }, () => {
  it("index and search what lies in the folder of the embedded store", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "atelier-local-"));
    await mkdir(join(dataDir, "blobs/videos"), { recursive: true });
    await copyFile(demoVideo, join(dataDir, "blobs/videos/park.mp4"));
    const services = compose({ DATA_DIR: dataDir });
    const created = {
      eventName: "ObjectCreated:Put",
      s3: { bucket: { name: "local" }, object: { key: "videos/park.mp4" } },
    };
    const answer = await (await services.clipBatch())({ Records: [created] }, signal());
    expect(answer).toMatchObject({ video_id: "park", skipped: 0, failed: [] });
    const search = await services.frameSearch();
    const { statusCode, body } = await search({ query: "a red kite", top_k: 1 }, signal());
    expect(statusCode).toBe(200);
    expect(JSON.parse(body).results).toMatchObject([
      {
        video_id: "park",
        frame_s3: expect.stringMatching(/^s3:\/\/local\/frames\/park\/\d{10}\.jpg$/u),
      },
    ]);
    await services.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it("refuse to keep anything on a Lambda function's own disk", async () => {
    const services = compose({ AWS_LAMBDA_FUNCTION_NAME: "frame-search" });
    const refusal = { kind: "misconfigured", message: expect.stringContaining("MEDIA_BUCKET") };
    await expect(services.frameSearch()).rejects.toMatchObject(refusal);
    await expect(services.clipBatch()).rejects.toMatchObject(refusal);
    // Embedding needs no place.
    const event = { mode: "text", items: ["a red car"] };
    const { statusCode } = await (await services.clipInference())(event, signal());
    expect(statusCode).toBe(200);
  });
});
