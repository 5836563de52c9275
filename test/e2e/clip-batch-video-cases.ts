import sharp from "sharp";
import { expect, it } from "vitest";
import { fromFloat16 } from "../../src/ports/index.ts";
import { type ClipFunctions, frameAt } from "./clip-functions.ts";

/** How clip-batch answers S3's events about video files. */
export function batchVideoCases(functions: () => ClipFunctions): void {
  it("extracts, embeds and indexes it, and frame-search finds its moments", async () => {
    await functions().putDemoVideo("videos/park.mp4", "a-day-in-the-park.mp4");
    const answer = await functions().batch(functions().createdEvent(["videos/park.mp4"]));
    expect(answer).toEqual({
      video_id: "park",
      embedded: expect.any(Number),
      skipped: 0,
      failed: [],
    });
    expect(answer.embedded).toBeGreaterThanOrEqual(6);
    expect(await functions().videoItem("park")).toMatchObject({
      title: "park",
      source_s3: functions().uri("videos/park.mp4"),
      duration_ms: 24_000,
      frame_count: answer.embedded,
      status: "ready",
      indexed_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/u),
      model: expect.stringMatching(/^demo-/u),
    });

    const results = await functions().find({ query: "a white rabbit in the park at night" });
    expect(results).toHaveLength(5);
    const [best] = results;
    expect(best).toMatchObject({
      video_id: "park",
      frame_id: String(best?.timestamp_ms).padStart(10, "0"),
      frame_s3: functions().uri(frameAt("park", best?.timestamp_ms ?? 0)),
    });
    expect(best?.timestamp_ms).toBeGreaterThanOrEqual(20_000);
    const scores = results.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const response = await fetch(best?.url ?? "");
    expect(response.headers.get("content-type")).toBe("image/jpeg");
    const shown = Buffer.from(await response.arrayBuffer());
    expect((await sharp(shown).metadata()).format).toBe("jpeg");
  });

  it("writes each embedding as 512 half-precision numbers that clip-inference would give", async () => {
    const cached = await functions().list("embeddings-cache/park/");
    expect(cached.length).toBe((await functions().videoItem("park"))?.frame_count);
    for (const { key, sizeBytes } of cached) {
      expect(key).toMatch(/^embeddings-cache\/park\/\d{10}\.bin$/u);
      expect(sizeBytes).toBe(1_024);
    }
    const { key = "" } = cached[3] ?? {};
    const bytes = await functions().get(key);
    const halves = Uint16Array.from({ length: 512 }, (_, at) => bytes.readUInt16LE(at * 2));
    const stored = fromFloat16(halves);
    const own = await functions().rowOf(
      functions().uri(key.replace("embeddings-cache/", "frames/").replace(".bin", ".jpg")),
    );
    const cosine = own.reduce((sum, value, at) => sum + value * (stored[at] ?? 0), 0);
    expect(cosine).toBeGreaterThan(0.999);
  });

  it("changes nothing when the event comes again", async () => {
    const before = [await functions().list(""), await functions().videoItem("park")];
    const answer = await functions().batch(functions().createdEvent(["videos/park.mp4"]));
    const { frame_count } = (await functions().videoItem("park")) ?? {};
    expect(answer).toEqual({ video_id: "park", embedded: 0, skipped: frame_count, failed: [] });
    expect([await functions().list(""), await functions().videoItem("park")]).toEqual(before);
  });

  it("indexes another file that is written over it, and removes it with its file", async () => {
    const created = functions().createdEvent(["videos/tour.mp4"]);
    await functions().putDemoVideo("videos/tour.mp4", "holiday-by-the-sea.mp4");
    await functions().batch(created);
    const first = await functions().videoItem("tour");
    // The same bytes once more.
    await functions().putDemoVideo("videos/tour.mp4", "holiday-by-the-sea.mp4");
    expect(await functions().batch(created)).toMatchObject({ embedded: 0, failed: [] });
    expect(await functions().videoItem("tour")).toEqual(first);

    await functions().putDemoVideo("videos/tour.mp4", "home-for-the-winter.mp4");
    const answer = await functions().batch(created);
    expect(answer).toMatchObject({ skipped: 0, failed: [] });
    const second = await functions().videoItem("tour");
    expect(second).toMatchObject({ status: "ready", frame_count: answer.embedded });
    expect(second?.source_etag).not.toBe(first?.source_etag);
    const thumbnails = (await functions().list("frames/tour/")).filter(({ key }) =>
      key.endsWith(".jpg"),
    );
    expect(thumbnails).toHaveLength(answer.embedded);

    await functions().remove("videos/tour.mp4");
    await functions().batch(functions().removedEvent(["videos/tour.mp4"]));
    expect(await functions().videoItem("tour")).toBeUndefined();
    for (const folder of ["frames/tour/", "embeddings-cache/tour/", "index/"]) {
      const left = (await functions().list(folder)).filter(({ key }) => key.includes("tour"));
      expect(left).toEqual([]);
    }
  });

  it("reads keys as S3 writes them, and says of each video how it went", async () => {
    await functions().putDemoVideo("videos/Our trip + sea (1).mp4", "holiday-by-the-sea.mp4");
    await functions().put("videos/broken.mp4", Buffer.from("no video"), "video/mp4");
    await functions().put("videos/notes.txt", Buffer.from("text"), "text/plain");
    const keys = ["videos/Our trip + sea (1).mp4", "videos/broken.mp4", "videos/notes.txt"];
    const answer = await functions().batch(functions().createdEvent(keys));
    expect(answer.videos).toHaveLength(3);
    expect(answer.embedded).toBeGreaterThanOrEqual(6);
    expect(answer.failed).toEqual([
      {
        frame: functions().uri("videos/broken.mp4"),
        message: expect.stringMatching(/^[A-Z].*\.$/u),
      },
      {
        frame: functions().uri("videos/notes.txt"),
        message: expect.stringMatching(/^[A-Z].*\.$/u),
      },
    ]);
    const [trip] = answer.videos;
    expect(await functions().videoItem(trip.video_id)).toMatchObject({
      title: "Our trip + sea (1)",
      source_s3: functions().uri("videos/Our trip + sea (1).mp4"),
      status: "ready",
    });
    expect(await functions().videoItem("broken")).toMatchObject({ status: "failed" });
    const [best] = await functions().find({ query: "a blue umbrella on the beach" });
    expect(best?.video_id).toBe(trip.video_id);
  });

  it("keeps the title that another program wrote into the table before", async () => {
    await functions().putVideoItem({
      video_id: "winter",
      title: "Our winter",
      source_s3: functions().uri("videos/winter.mp4"),
      status: "uploaded",
    });
    await functions().putDemoVideo("videos/winter.mp4", "home-for-the-winter.mp4");
    const answer = await functions().batch(functions().createdEvent(["videos/winter.mp4"]));
    expect(answer).toMatchObject({ video_id: "winter", failed: [] });
    expect(await functions().videoItem("winter")).toMatchObject({
      title: "Our winter",
      status: "ready",
      frame_count: answer.embedded,
    });
  });

  it("leaves to the chat what a person is adding there, and shows it to nobody else", async () => {
    const key = "videos/0123456789abcdef.mp4";
    await functions().putDemoVideo(key, "home-for-the-winter.mp4");
    const answer = await functions().batch(functions().createdEvent([key]));
    expect(answer).toMatchObject({ embedded: 0, skipped: 0, failed: [] });
    expect(await functions().videoItem("0123456789abcdef")).toBeUndefined();
  });

  it("leaves to the chat what a person added, and the frames of what is being indexed", async () => {
    const chat = await functions().otherProcess();
    const video = {
      library: "slack:T1",
      title: "Ours",
      mediaType: "video/mp4",
      durationMs: 0,
      frameCount: 0,
      failure: null,
      space: "",
      addedBy: "slack:T1:ana",
      addedAtMs: Date.now(),
      indexedAtMs: null,
    } as const;
    const [given, decoded] = ["aaaabbbbccccdddd", "eeeeffff00001111"];
    const keyOf = (id: string) => `videos/${id}.mp4`;
    await chat.videos.add({ ...video, id: given, sourceKey: keyOf(given), status: "uploaded" });
    await chat.videos.add({ ...video, id: decoded, sourceKey: keyOf(decoded), status: "indexing" });
    const [frame = ""] = await functions().putFrames(decoded, [0]);
    const events = functions().createdEvent([keyOf(given), frame]);
    expect(await functions().batch(events)).toMatchObject({ embedded: 0, skipped: 1, failed: [] });
    expect(await functions().videoItem(given)).toMatchObject({ status: "uploaded" });
    expect(await functions().videoItem(decoded)).toMatchObject({ status: "indexing" });
    for (const id of [given, decoded]) await chat.videos.remove(id);
    // Removed meanwhile: the frames that are left belong to no one, least of all to everyone.
    expect(await functions().batch(functions().createdEvent([frame]))).toMatchObject({
      skipped: 1,
    });
    expect(await functions().videoItem(decoded)).toBeUndefined();
    await chat.close();
  });

  it("does not touch a video in a bucket that is not ours", async () => {
    const answer = await functions().batch(
      functions().createdEvent(["videos/park.mp4"], "other-bucket"),
    );
    expect(answer.failed).toEqual([
      { frame: "s3://other-bucket/videos/park.mp4", message: expect.stringContaining("other") },
    ]);
  });
}
