import { expect, it } from "vitest";
import { type ClipFunctions, frameAt } from "./clip-functions.ts";

/** What frame-search finds among what the cases of clip-batch indexed, and clip-inference's own bucket. */
export function frameSearchCases(functions: () => ClipFunctions): void {
  it("keeps to a video, to a time and to a count, both ends of the time included", async () => {
    const query = "a brown dog";
    const all = await functions().find({ query, video_id: "park", top_k: 50 });
    expect(new Set(all.map(({ video_id }) => video_id))).toEqual(new Set(["park"]));
    const times = all.map(({ timestamp_ms }) => timestamp_ms).sort((a, b) => a - b);
    const [from_ms = 0, to_ms = 0] = [times[2], times[4]];
    const some = await functions().find({ query, video_id: "park", from_ms, to_ms, top_k: 50 });
    expect(some.map(({ timestamp_ms }) => timestamp_ms).sort((a, b) => a - b)).toEqual(
      times.slice(2, 5),
    );
    expect(await functions().find({ query, top_k: 2 })).toHaveLength(2);
    expect(await functions().find({ query, video_id: "nobody-knows" })).toEqual([]);
  });

  it("finds by a picture: in our bucket, as base64 and as a data: URL alike", async () => {
    const [first] = await functions().find({ query: "a red kite", top_k: 1 });
    const base64 = (
      await functions().get(first?.frame_s3.split("/").slice(3).join("/") ?? "")
    ).toString("base64");
    for (const image of [first?.frame_s3, base64, `data:image/jpeg;base64,${base64}`]) {
      const [same] = await functions().find({ image, top_k: 1 });
      expect(same).toMatchObject({ video_id: first?.video_id, frame_id: first?.frame_id });
      expect(same?.score).toBeCloseTo(1, 2);
    }
  });

  it("says how long it took, and takes an event that is JSON as text", async () => {
    const { statusCode, body } = await functions().search(JSON.stringify({ query: "a dog" }));
    expect(statusCode).toBe(200);
    expect(body.took_ms).toBeGreaterThanOrEqual(0);
  });

  it("no longer finds frames once another process removed their video", async () => {
    const asked = { query: "a dog", video_id: "clip-7" };
    expect((await functions().find(asked)).length).toBeGreaterThan(0);
    const chat = await functions().otherProcess();
    await chat.ingest.remove("clip-7");
    await chat.close();
    expect(await functions().videoItem("clip-7")).toBeUndefined();
    expect(await functions().find(asked)).toEqual([]);
    const left = await functions().list("frames/clip-7/");
    // The one that is no picture was never anybody's.
    expect(left.map(({ key }) => key)).toEqual([frameAt("clip-7", 4_000)]);
    expect(await functions().list("embeddings-cache/clip-7/")).toEqual([]);
  });

  it.each([
    [{}, "Say what to look for"],
    [{ query: "" }, "query"],
    [{ query: "a", image: "s3://a/b" }, "not both"],
    [{ query: "a", top_k: 51 }, "top_k"],
    [{ query: "a", top_k: 0 }, "top_k"],
    [{ query: "a", from_ms: -1 }, "from_ms"],
    [{ query: "a", from_ms: 2, to_ms: 1 }, "from_ms"],
    [{ image: "s3://other-bucket/cat.jpg" }, "other-bucket"],
    [{ image: "aGVsbG8=" }, "picture"],
  ])("answers %j with 400 and what is wrong", async (event, named) => {
    const { statusCode, body } = await functions().search(event);
    expect(statusCode).toBe(400);
    expect(body.message).toContain(named);
  });

  it("answers a picture that is not in the bucket with 404", async () => {
    const { statusCode, body } = await functions().search({
      image: functions().uri("frames/park/none.jpg"),
    });
    expect([statusCode, body.error]).toEqual([404, "NoSuchKey"]);
  });

  it("clip-inference reads pictures from our buckets, and of 25 MB at most", async () => {
    await functions().put("films/huge.jpg", Buffer.alloc(25_000_001));
    await functions().putFrames("sizes", [0]);
    const items = [
      functions().uri(frameAt("sizes", 0)),
      functions().uri("films/huge.jpg"),
      functions().uri("films/none.jpg"),
    ];
    const ask = (each: string[]) => functions().infer({ mode: "image", items: each });
    const good = await ask(items.slice(0, 1));
    expect([good.statusCode, good.body.dim]).toEqual([200, 512]);
    const tooLarge = await ask(items.slice(0, 2));
    expect([tooLarge.statusCode, tooLarge.body.index]).toEqual([400, 1]);
    expect(tooLarge.body.message).toContain("25000001");
    const gone = await ask([items[0] ?? "", items[2] ?? ""]);
    expect([gone.statusCode, gone.body]).toEqual([
      400,
      { error: "NoSuchKey", message: expect.stringContaining("films/none.jpg"), index: 1 },
    ]);
  });
}
