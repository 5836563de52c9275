import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { JobView } from "../../adapters/playground/job-view.ts";
import { movingVideo, soundOnly } from "../fixtures/made-video.ts";
import { until } from "../fixtures/until.ts";
import { type AtelierProcess, atelierProcesses, START_TIMEOUT_MS } from "./atelier-process.ts";

const winter = await readFile(
  new URL("../../infra/demo/videos/home-for-the-winter.mp4", import.meta.url),
);
const processes = atelierProcesses();
let atelier: AtelierProcess;
beforeAll(async () => {
  atelier = await processes.start();
}, START_TIMEOUT_MS);

/** The bytes with a box of their own at the end, which players skip: another file, the same film. */
const copyOf = (bytes: Buffer, mark: string) =>
  Buffer.concat([bytes, Buffer.from([0, 0, 0, 8 + mark.length]), Buffer.from(`free${mark}`)]);

async function given(bytes: Uint8Array, name = "winter.mp4"): Promise<string> {
  const { status, body } = await atelier.postAttachment(bytes, "video/mp4", name);
  expect([status, body]).toEqual([201, { id: expect.stringMatching(/^v[0-9a-f]{32}$/u) }]);
  return String(body.id);
}

async function added(bytes: Uint8Array, name: string, text = "/addvideo"): Promise<JobView> {
  return atelier.command(text, { user: "ana", attachments: [await given(bytes, name)] });
}

const videosOf = async (user = "ana") =>
  (await atelier.command("/videos", { user })).card?.fields ?? [];
const namesOf = async () => (await videosOf()).map(({ label }) => label);
const actionOf = ({ card }: JobView, label: string) =>
  card?.buttons.find((button) => button.label === label)?.action ?? "";

describe("a video that is attached", () => {
  it("is added with progress, then listed with length, moments and who added it", async () => {
    const id = await given(winter, "Home_for the winter.mp4");
    const jobId = await atelier.submit("/addvideo", { user: "ana", attachments: [id] });
    const seen = await atelier.events(jobId);
    expect(
      seen.some(({ progress }) => /^Decoding \d+ % · \d+ frames/u.test(progress?.text ?? "")),
    ).toBe(true);
    const { card } = await atelier.job(jobId);
    expect(card?.text).toMatch(/^Ready: 0:24, \d+ moments$/u);
    expect(card?.code).toMatch(/^\/findframe /u);
    expect(card?.notices).toContain("Everyone in this workspace can find it.");

    const [field] = await videosOf();
    expect(field?.label).toBe("Home for the winter");
    expect(field?.value).toMatch(/^0:24 · \d+ moments · added \d{4}-\d\d-\d\d · by ana$/u);
    const film = await fetch(field?.moment_url ?? "", { headers: { Range: "bytes=0-99" } });
    expect([film.status, film.headers.get("Content-Type")]).toEqual([206, "video/mp4"]);

    const again = await added(winter, "other name.mp4");
    expect(again.card?.text).toMatch(/^“Home for the winter” is already here: 0:24, /u);
    // Nothing of what was sent is left once its job is over.
    await until(async () => (await readdir(join(atelier.dataDir, "uploads"))).length === 0);
  });

  it("is named as its person says, and removed by that person only", async () => {
    const film = await added(copyOf(winter, "named"), "x.mp4", "/addvideo --title A film of mine");
    expect(await namesOf()).toContain("A film of mine");
    const remove = actionOf(film, "Remove");
    const refused = await atelier.press(remove, { user: "ben" });
    expect(refused.error?.message).toContain("Only the person who added a video can remove it");
    const removed = await atelier.press(remove, { user: "ana" });
    expect(removed.card?.text).toBe("“A film of mine” and its moments are removed.");
    expect(await namesOf()).not.toContain("A film of mine");
    const twice = await atelier.press(remove, { user: "ana" });
    expect(twice.error?.message).toBe("That video was removed. /videos lists what there is.");
  });

  it("that is no video is refused with what to send instead", async () => {
    const text = await added(Buffer.from("This only says that it is a video."), "a.mp4");
    expect(text.error?.message).toBe(
      "That file is not a video that I can read. Send MP4, MOV, WebM or MKV.",
    );
    const sound = await added(await soundOnly(2), "a.mp4");
    expect(sound.error).toMatchObject({ kind: "invalid_input" });
    expect(sound.error?.message).toMatch(/no picture|sound/iu);
    const cut = await added(winter.subarray(0, 20_000), "cut.mp4");
    expect(cut.error).toMatchObject({ kind: "invalid_input" });
    expect(await namesOf()).not.toEqual(expect.arrayContaining(["a"]));
    expect(await namesOf()).not.toEqual(expect.arrayContaining(["cut"]));
    expect((await atelier.postAttachment(Buffer.alloc(0), "video/mp4")).body.message).toBe(
      "That video is empty.",
    );
  });

  it("or a picture that a command does not take is refused before anything is done", async () => {
    const id = await given(winter);
    const restyle = await atelier.postCommand("/restyle as ink", { attachments: [id] });
    expect([restyle.status, restyle.body.message]).toEqual([
      400,
      "/restyle takes a picture, and this is a video. /addvideo takes a video; /findframe then finds a frame of it.",
    ]);
    expect((await atelier.postCommand("/addvideo")).body.message).toContain("Attach the video");
  });

  it("goes on after a crash", { timeout: 120_000 }, async () => {
    const crashing = await processes.start();
    const long = await movingVideo(200);
    const { body } = await crashing.postAttachment(long, "video/mp4", "long.mp4");
    const jobId = await crashing.submit("/addvideo", { attachments: [String(body.id)] });
    await until(async () => {
      const { status, progress } = await crashing.job(jobId);
      return status === "done" || (progress?.done ?? 0) >= 5;
    });
    await crashing.kill();
    const next = await processes.start({ dataDir: crashing.dataDir });
    const { card } = await next.finished(jobId);
    expect(card?.text).toMatch(/^Ready: 3:20, /u);
    await next.stop();
  });

  it("is stopped and gone when its person cancels", { timeout: 120_000 }, async () => {
    const id = await given(await movingVideo(1_200), "long.mp4");
    const jobId = await atelier.submit("/addvideo", { user: "ana", attachments: [id] });
    await until(async () => ((await atelier.job(jobId)).progress?.done ?? 0) >= 1);
    await atelier.command(`/cancel ${jobId}`, { user: "ana" });
    expect((await atelier.finished(jobId)).status).toBe("cancelled");
    expect(await namesOf()).not.toContain("long");
  });
});

describe("a link to a video", () => {
  it("of the media store is added, one to what is not there or not allowed is refused", async () => {
    await mkdir(join(atelier.dataDir, "blobs", "films"), { recursive: true });
    await writeFile(join(atelier.dataDir, "blobs", "films", "tour.mp4"), copyOf(winter, "linked"));
    const link = (key: string) => atelier.command(`/addvideo --link s3://${key}`, { user: "ana" });
    expect((await link("local/films/tour.mp4")).card?.text).toMatch(/^Ready: 0:24/u);
    expect(await namesOf()).toContain("tour");
    expect((await link("local/films/other.mp4")).error?.message).toBe(
      "There is no object at that link.",
    );
    expect((await link("local/videos/0123456789abcdef.mp4")).error?.message).toContain(
      "Atelier's own",
    );
    expect((await link("elsewhere/films/tour.mp4")).error?.message).toContain("s3://local/");
  });
});
