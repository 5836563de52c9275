import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createFfmpegVideoDecoder,
  type FfmpegVideoDecoderOptions,
} from "../../src/drivers/ffmpeg/ffmpeg-video-decoder.ts";
import type { CandidateFrame } from "../../src/ports/index.ts";
import { ffmpeg, makeShots, missingForVideos } from "../fixtures/made-videos.ts";

const missing = missingForVideos();
const signal = new AbortController().signal;
const name = "the ffmpeg VideoDecoder and videos out of the ordinary";
const x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];

describe.skipIf(missing !== null)(missing === null ? name : `${name} (${missing})`, () => {
  let folder: string;
  const inFolder = (file: string) => join(folder, file);
  const decoderWith = (options: Partial<FfmpegVideoDecoderOptions> = {}) =>
    createFfmpegVideoDecoder({ maxBytes: 2e9, maxHours: 10, ...options });
  const decoder = decoderWith();
  const probe = (file: string) => decoder.probe(inFolder(file), { signal });
  async function framesOf(file: string, using = decoder): Promise<CandidateFrame[]> {
    const found: CandidateFrame[] = [];
    for await (const frame of using.frames(inFolder(file), { signal })) found.push(frame);
    return found;
  }
  /** The mean colour of the left and the right half. */
  async function halvesOf(jpeg: Uint8Array): Promise<number[][]> {
    const raw = await sharp(jpeg).resize(2, 1, { fit: "fill" }).raw().toBuffer();
    return [[...raw.subarray(0, 3)], [...raw.subarray(3, 6)]];
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-odd-videos-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("keeps the exact times of a variable frame rate", async () => {
    // 25 frames a second, of which only these are kept: 0, 0.4, 1.72, 5, 5.04 and 9.6 s.
    const kept = [0, 10, 43, 125, 126, 240].map((n) => `eq(n,${n})`).join("+");
    await ffmpeg([
      ...["-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=10", "-vf", `select='${kept}'`],
      ...["-fps_mode", "vfr", ...x264, "-bf", "0", inFolder("vfr.mp4")],
    ]);
    const times = (await framesOf("vfr.mp4")).map(({ timeMs }) => timeMs);
    expect(times).toEqual(expect.arrayContaining([0, 1_720, 5_000, 9_600]));
    expect([0, 400, 1_720, 5_000, 5_040, 9_600]).toEqual(expect.arrayContaining(times));
  });

  it("counts from the beginning of a stream whose clock began earlier", async () => {
    await makeShots(inFolder("offset.ts"), [{ color: "red", seconds: 3 }], {
      args: [...x264, "-muxdelay", "0", "-output_ts_offset", "100"],
    });
    expect((await framesOf("offset.ts")).map(({ timeMs }) => timeMs)[0]).toBe(0);
  });

  it("leaves out what an edit list cuts away, and counts as players do", async () => {
    await makeShots(
      inFolder("whole.mp4"),
      [
        { color: "red", seconds: 2 },
        { color: "white", seconds: 4 },
      ],
      { args: [...x264, "-g", "250", "-sc_threshold", "0"] },
    );
    // Copied from the middle of a group of pictures: the first second is in the file, not in the film.
    await ffmpeg(["-ss", "1", "-i", inFolder("whole.mp4"), "-c", "copy", inFolder("edited.mp4")]);
    const frames = await framesOf("edited.mp4");
    const cut = frames.find(({ shot }) => shot === 1);
    expect(frames[0]?.timeMs).toBe(0);
    expect(Math.abs((cut?.timeMs ?? 0) - 1_000)).toBeLessThanOrEqual(160);
  });

  it("turns a rotated video upright", async () => {
    await ffmpeg([
      ...["-f", "lavfi", "-i", "color=red:s=320x240:d=1,drawbox=w=160:h=240:c=blue:t=fill"],
      ...[...x264, inFolder("lying.mp4")],
    ]);
    const turned = ["-metadata:s:v:0", "rotate=90", inFolder("turned.mp4")];
    await ffmpeg(["-i", inFolder("lying.mp4"), "-c", "copy", ...turned]);
    expect(await probe("turned.mp4")).toMatchObject({ widthPx: 240, heightPx: 320 });
    const [frame] = await framesOf("turned.mp4");
    expect(await sharp(frame?.jpeg).metadata()).toMatchObject({ width: 240, height: 320 });
    const top = { left: 0, top: 0, width: 240, height: 150 };
    const { channels } = await sharp(await sharp(frame?.jpeg).extract(top).toBuffer()).stats();
    // The display matrix turns it against the clock: what was on the right is on top.
    const [red = 0, , blue = 0] = channels.map(({ mean }) => mean);
    expect(red > 200 && blue < 60).toBe(true);
  });

  it("shows pixels that are not square in their true shape, and odd sizes", async () => {
    await ffmpeg([
      ...["-f", "lavfi", "-i", "color=red:s=180x144:d=1", "-vf", "setsar=16/9"],
      ...[...x264, inFolder("sar.mkv")],
    ]);
    expect(await probe("sar.mkv")).toMatchObject({ widthPx: 320, heightPx: 144 });
    const [wide] = await framesOf("sar.mkv");
    expect(await sharp(wide?.jpeg).metadata()).toMatchObject({ width: 320, height: 144 });
    await ffmpeg([
      ...["-f", "lavfi", "-i", "testsrc2=s=161x91:d=1", "-c:v", "ffv1", "-pix_fmt", "yuv444p"],
      inFolder("odd.mkv"),
    ]);
    expect(await framesOf("odd.mkv")).not.toHaveLength(0);
  });

  it.each([
    ["bt709", "1280x720"],
    ["smpte170m", "320x240"],
    [null, "1280x720"],
    [null, "320x240"],
  ])("shows true colours from the coefficients %s at %s", async (matrix, size) => {
    const file = `color-${matrix}-${size}.mp4`;
    const space = matrix ?? (size === "1280x720" ? "bt709" : "smpte170m");
    await ffmpeg([
      ...["-f", "lavfi", "-i", `color=0x28A050:s=${size}:d=1,format=rgb24`],
      ...["-vf", `scale=out_color_matrix=${space}:out_range=limited,format=yuv420p`, ...x264],
      ...(matrix === null ? [] : ["-colorspace", matrix]),
      inFolder(file),
    ]);
    const [frame] = await framesOf(file);
    const [[r = 0, g = 0, b = 0] = []] = await halvesOf(frame?.jpeg ?? new Uint8Array());
    expect(Math.max(Math.abs(r - 0x28), Math.abs(g - 0xa0), Math.abs(b - 0x50))).toBeLessThan(8);
  });

  it("maps HDR to what a screen shows", async () => {
    // SDR white of 203 cd/m² is 0.58 on the curve of SMPTE ST 2084.
    await ffmpeg([
      ...["-f", "lavfi", "-i", "color=0x949494:s=320x240:d=1,format=rgb24"],
      ...["-vf", "scale=out_color_matrix=bt2020:out_range=limited,format=yuv420p10le"],
      ...["-c:v", "libx264", "-preset", "ultrafast", "-color_trc", "smpte2084"],
      ...["-color_primaries", "bt2020", "-colorspace", "bt2020nc", inFolder("hdr.mp4")],
    ]);
    const [frame] = await framesOf("hdr.mp4");
    const [[r = 0, g = 0, b = 0] = []] = await halvesOf(frame?.jpeg ?? new Uint8Array());
    expect(Math.abs(r - g) + Math.abs(g - b)).toBeLessThan(8);
    // Left as it is, it would be 0x94.
    expect(g).toBeGreaterThan(0xb0);
  });

  it("says that there is no picture in a video track without frames", async () => {
    const source = ["-f", "lavfi", "-i", "testsrc2=s=160x120:d=1", "-frames:v", "0"];
    await ffmpeg([...source, ...x264, inFolder("none.mp4")]);
    await expect(framesOf("none.mp4")).rejects.toThrow("no pictures that can be read");
  });

  it("reads one frame as one frame", async () => {
    await ffmpeg([
      ...["-f", "lavfi", "-i", "testsrc2=s=160x120", "-frames:v", "1", ...x264],
      inFolder("one.mp4"),
    ]);
    expect((await framesOf("one.mp4")).map(({ timeMs }) => timeMs)).toEqual([0]);
  });

  it("reads 8K, by its key frames and at the size of a thumbnail", async () => {
    await ffmpeg([
      ...["-f", "lavfi", "-i", "color=white:s=7680x4320:r=5:d=2", ...x264, "-g", "5"],
      inFolder("8k.mp4"),
    ]);
    const frames = await framesOf("8k.mp4");
    expect(frames.map(({ timeMs }) => timeMs)).toEqual([0, 1_000]);
    expect(await sharp(frames[0]?.jpeg).metadata()).toMatchObject({ width: 640, height: 360 });
  }, 60_000);

  it("reads every frame of a large one whose key frames are too far apart", async () => {
    await ffmpeg([
      ...["-f", "lavfi", "-i", "color=white:s=4160x2304:r=2:d=20", ...x264, "-g", "100"],
      inFolder("far-apart.mp4"),
    ]);
    const times = (await framesOf("far-apart.mp4")).map(({ timeMs }) => timeMs);
    expect(times).toEqual(Array.from({ length: 20 }, (_, second) => second * 1_000));
  }, 60_000);

  it("gives what comes before the end of a file that breaks off, and then says so", async () => {
    await makeShots(inFolder("fast.mp4"), [{ color: "moving", seconds: 20 }], {
      args: [...x264, "-movflags", "+faststart"],
    });
    const bytes = await readFile(inFolder("fast.mp4"));
    await writeFile(inFolder("broken.mp4"), bytes.subarray(0, bytes.length / 2));
    const seen: number[] = [];
    const reading = (async () => {
      const frames = decoder.frames(inFolder("broken.mp4"), { signal });
      for await (const { timeMs } of frames) seen.push(timeMs);
    })();
    await expect(reading).rejects.toMatchObject({
      ...{ kind: "invalid_input", code: "InvalidVideo" },
      message: expect.stringContaining("cut off"),
    });
    expect(seen.length).toBeGreaterThan(5);
  });

  it("keeps its limits of size, length and time", async () => {
    await makeShots(inFolder("moving.mp4"), [{ color: "moving", seconds: 40 }], { rate: 10 });
    const look = (options: Partial<FfmpegVideoDecoderOptions>) =>
      decoderWith(options).probe(inFolder("moving.mp4"), { signal });
    await expect(look({ maxBytes: 1_000 })).rejects.toThrow(/at most 0\.0 MB can be taken/u);
    await expect(look({ maxHours: 0.01 })).rejects.toThrow("longer than 0.01 hours");
    const slow = decoderWith({ decodeTimeoutMs: 250 });
    await expect(framesOf("moving.mp4", slow)).rejects.toThrow("took too long");
  });

  it("tells the operator that ffmpeg is not there", async () => {
    const without = decoderWith({ ffmpeg: "no-such-ffmpeg", ffprobe: "no-such-ffprobe" });
    await makeShots(inFolder("short.mp4"), [{ color: "red", seconds: 1 }]);
    await expect(framesOf("short.mp4", without)).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("Install ffmpeg"),
    });
  });

  it("refuses pictures that would not fit into memory, whatever their format", async () => {
    const size = ["-f", "lavfi", "-i", "color=gray:size=9000x9000:rate=1", "-frames:v", "1"];
    await ffmpeg([...size, "-pix_fmt", "yuvj420p", "-c:v", "mjpeg", inFolder("vast.mov")]);
    await expect(framesOf("vast.mov")).rejects.toMatchObject({ code: "InvalidVideo" });
  });

  it("leaves no process and no pipe behind when its reader goes", async () => {
    await makeShots(inFolder("left.mp4"), [{ color: "moving", seconds: 60 }], { rate: 10 });
    // Where the system lists them.
    const open = async () => (await readdir("/proc/self/fd").catch(() => [])).length;
    const before = await open();
    const pause = () => new Promise((resolve) => setTimeout(resolve, 300));
    for (let reader = 0; reader < 4; reader++) {
      for await (const _ of decoder.frames(inFolder("left.mp4"), { signal })) {
        // Until there is more in the pipe than was read.
        await pause();
        break;
      }
    }
    await pause();
    expect((await open()) - before).toBeLessThan(3);
    const { stdout } = spawnSync("ps", ["ax", "-o", "args"], { encoding: "utf8" });
    expect(stdout).not.toContain(inFolder("left.mp4"));
  });
});
