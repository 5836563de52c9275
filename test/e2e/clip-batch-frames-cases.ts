import { expect, it } from "vitest";
import { type ClipFunctions, frameAt } from "./clip-functions.ts";

/** How clip-batch answers direct calls, and S3's events about frames. */
export function batchFramesCases(functions: () => ClipFunctions): void {
  it("embeds and indexes them, skips what it knows, and one bad frame stops no other", async () => {
    const keys = await functions().putFrames("clip-7", [0, 1_000, 2_000, 3_000]);
    await functions().put(frameAt("clip-7", 4_000), Buffer.from("not a picture"));
    const frames = [...keys, frameAt("clip-7", 4_000), frameAt("clip-7", 5_000)].map(
      functions().uri,
    );
    frames.push(
      "s3://other-bucket/frames/clip-7/0000006000.jpg",
      functions().uri("frames/park/x.jpg"),
    );
    const event = { video_id: "clip-7", frames };
    const answer = await functions().batch(event);
    expect(answer).toMatchObject({ video_id: "clip-7", embedded: 4, skipped: 0 });
    const failed = answer.failed.map(({ frame: each }: { frame: string }) => each).sort();
    expect(failed).toEqual(frames.slice(4).sort());
    for (const { message } of answer.failed) expect(message).toMatch(/^[A-Z].*\.$/u);
    expect(await functions().videoItem("clip-7")).toMatchObject({
      frame_count: 4,
      status: "ready",
      duration_ms: 3_000,
    });

    const before = [await functions().list(""), await functions().videoItem("clip-7")];
    expect(await functions().batch(event)).toMatchObject({ embedded: 0, skipped: 4 });
    expect([await functions().list(""), await functions().videoItem("clip-7")]).toEqual(before);

    const [best] = await functions().find({
      image: functions().uri(keys[2] ?? ""),
      video_id: "clip-7",
      top_k: 1,
    });
    expect(best).toMatchObject({ timestamp_ms: 2_000 });
    expect(best?.score).toBeCloseTo(1, 2);
  });

  it("takes an event that is JSON as text, and no frames at all", async () => {
    const event = JSON.stringify({ video_id: "empty", frames: [] });
    expect(await functions().batch(event)).toEqual({
      video_id: "empty",
      embedded: 0,
      skipped: 0,
      failed: [],
    });
    expect(await functions().videoItem("empty")).toBeUndefined();
  });

  it("indexes every frame when S3 sends an event for each, all at once", {
    timeout: 120_000,
  }, async () => {
    const times = Array.from({ length: 6 }, (_, index) => index * 500);
    const keys = await functions().putFrames("live", times);
    const answers = await Promise.all(
      [...keys, ...keys].map((key) => functions().batch(functions().createdEvent([key]))),
    );
    for (const { failed } of answers) expect(failed).toEqual([]);
    expect(await functions().videoItem("live")).toMatchObject({ frame_count: 6, status: "ready" });
    const found = await functions().find({ query: "a car", video_id: "live", top_k: 50 });
    expect(found.map(({ timestamp_ms }) => timestamp_ms).sort((a, b) => a - b)).toEqual(times);
  });

  it("makes up for a call that ended before its video was recorded", async () => {
    const chat = await functions().otherProcess();
    await chat.videos.remove("live");
    await chat.close();
    expect(await functions().videoItem("live")).toBeUndefined();
    const answer = await functions().batch(functions().createdEvent([frameAt("live", 0)]));
    expect(answer).toMatchObject({ embedded: 0, skipped: 1, failed: [] });
    expect(await functions().videoItem("live")).toMatchObject({ frame_count: 6, status: "ready" });
  });

  it("adds a frame to a video that was indexed from its file", async () => {
    const { frame_count: count } = (await functions().videoItem("park")) ?? {};
    const [key = ""] = await functions().putFrames("park", [123]);
    const answer = await functions().batch(functions().createdEvent([key]));
    expect(answer).toMatchObject({ video_id: "park", embedded: 1 });
    expect((await functions().videoItem("park"))?.frame_count).toBe(Number(count) + 1);
  });

  it("says of frames whose video's id cannot be kept why", async () => {
    const [key = ""] = await functions().putFrames("Big-Words", [0]);
    const answer = await functions().batch(functions().createdEvent([key]));
    expect(answer).toMatchObject({ video_id: "Big-Words", embedded: 0 });
    expect(answer.failed).toEqual([
      { frame: functions().uri(key), message: expect.stringContaining("lower-case") },
    ]);
  });

  it.each([
    [{}, "video_id"],
    [{ video_id: "Räuber", frames: [] }, "video_id"],
    [{ video_id: "a", frames: "s3://x/y" }, "frames"],
    ["not json", "JSON"],
  ])("answers %j with what is wrong", async (event, named) => {
    const answer = await functions().batch(event);
    expect(answer.statusCode).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({
      error: "InvalidRequest",
      message: expect.stringContaining(named),
    });
  });

  it("does nothing for S3's test event and for objects of other folders", async () => {
    const nothing = { embedded: 0, skipped: 0, failed: [] };
    const test = { Service: "Amazon S3", Event: "s3:TestEvent", Bucket: functions().bucket };
    expect(await functions().batch(test)).toMatchObject(nothing);
    const other = functions().createdEvent(["index/a.seg", "embeddings-cache/a/0000000000.bin"]);
    expect(await functions().batch(other)).toMatchObject(nothing);
  });
}
