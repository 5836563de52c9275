import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CandidateFrame, VideoDecoder } from "../../src/ports/index.ts";
import { ffmpeg, makeShots } from "../fixtures/made-videos.ts";

const signal = new AbortController().signal;
const cuts = [
  { color: "red", seconds: 2.4 },
  { color: "white", seconds: 2.6 },
  { color: "blue", seconds: 2 },
];

/** What every VideoDecoder does, whatever is behind it. Needs ffmpeg to make the videos. */
export function videoDecoderContract(createDecoder: () => VideoDecoder): void {
  const decoder = createDecoder();
  let folder: string;
  const inFolder = (name: string) => join(folder, name);
  const framesOf = async (name: string, fromMs?: number) => {
    const found: CandidateFrame[] = [];
    const options = { signal, ...(fromMs !== undefined && { fromMs }) };
    for await (const frame of decoder.frames(inFolder(name), options)) found.push(frame);
    return found;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-videos-"));
    await makeShots(inFolder("cuts.mp4"), cuts);
  });
  afterAll(() => rm(folder, { recursive: true }));

  describe("looking at a video", () => {
    it("tells its length and upright size", async () => {
      expect(await decoder.probe(inFolder("cuts.mp4"), { signal })).toStrictEqual({
        ...{ durationMs: 7_000, widthPx: 320, heightPx: 240, codec: "h264" },
      });
    });

    it.each([
      ["mp4", "libx264", []],
      ["mov", "libx264", []],
      ["mkv", "libx264", []],
      ["webm", "libvpx", ["-b:v", "200k", "-deadline", "realtime"]],
      // As browsers record it: to a stream, without a length.
      ["webm", "libvpx", ["-b:v", "200k", "-deadline", "realtime", "-live", "1"]],
    ])("reads %s", async (extension, codec, more) => {
      const args = ["-c:v", codec, ...more, "-pix_fmt", "yuv420p"];
      const name = `container-${more.length}.${extension}`;
      await makeShots(inFolder(name), cuts, { args });
      const { durationMs } = await decoder.probe(inFolder(name), { signal });
      expect(Math.abs(durationMs - 7_000)).toBeLessThan(100);
      const shots = new Set((await framesOf(name)).map(({ shot }) => shot));
      expect(shots).toEqual(new Set([0, 1, 2]));
    });

    it("says that a text file, a picture and an empty file are no videos", async () => {
      await writeFile(inFolder("text.mp4"), "This is no video.\n".repeat(100));
      await writeFile(inFolder("empty.mp4"), "");
      const picture = sharp({
        create: { width: 64, height: 64, channels: 3, background: "red" },
      });
      await writeFile(inFolder("picture.mp4"), await picture.png().toBuffer());
      for (const name of ["text.mp4", "empty.mp4", "picture.mp4"]) {
        await expect(decoder.probe(inFolder(name), { signal })).rejects.toMatchObject({
          ...{ kind: "invalid_input", code: "InvalidVideo" },
          message: expect.stringContaining("no video"),
        });
      }
    });

    it("says that a file with sound only has no pictures", async () => {
      await ffmpeg(["-f", "lavfi", "-i", "sine=d=2", "-c:a", "aac", inFolder("sound.mp4")]);
      await expect(decoder.probe(inFolder("sound.mp4"), { signal })).rejects.toMatchObject({
        ...{ kind: "invalid_input", code: "InvalidVideo" },
        message: expect.stringContaining("sound but no pictures"),
      });
    });

    it("says that a file is cut off whose index was to come at its end", async () => {
      const bytes = await readFile(inFolder("cuts.mp4"));
      await writeFile(inFolder("half.mp4"), bytes.subarray(0, bytes.length / 2));
      await expect(decoder.probe(inFolder("half.mp4"), { signal })).rejects.toMatchObject({
        ...{ kind: "invalid_input", code: "InvalidVideo" },
        message: expect.stringContaining("cut off"),
      });
    });

    it.each([
      ["an HLS playlist", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:7,\ncuts.mp4\n"],
      ["a concat script", "ffconcat version 1.0\nfile cuts.mp4\n"],
    ])("follows %s nowhere", async (_, text) => {
      await writeFile(inFolder("list.mp4"), text);
      await expect(decoder.probe(inFolder("list.mp4"), { signal })).rejects.toMatchObject({
        code: "InvalidVideo",
      });
      await expect(framesOf("list.mp4")).rejects.toMatchObject({ code: "InvalidVideo" });
    });
  });

  describe("the candidates", () => {
    it("come once a second and at every cut, and count the shots", async () => {
      const frames = await framesOf("cuts.mp4");
      const startOf = (shot: number) => frames.find((frame) => frame.shot === shot)?.timeMs ?? -1;
      expect(new Set(frames.map(({ shot }) => shot))).toEqual(new Set([0, 1, 2]));
      expect(startOf(0)).toBe(0);
      expect(startOf(1) - 2_400).toBeGreaterThanOrEqual(0);
      expect(startOf(1) - 2_400).toBeLessThanOrEqual(160);
      expect(startOf(2) - 5_000).toBeGreaterThanOrEqual(0);
      expect(startOf(2) - 5_000).toBeLessThanOrEqual(160);
      const seconds = new Set(frames.map(({ timeMs }) => Math.floor(timeMs / 1000)));
      expect([...seconds]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    });

    it("are upright JPEGs of at most 640 px, each with its grid of brightness", async () => {
      const grey = "gradients=s=1920x1080:d=1:c0=black:c1=white:x0=0:y0=0:x1=1919:y1=1079";
      const codec = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
      await ffmpeg(["-f", "lavfi", "-i", grey, ...codec, inFolder("large.mp4")]);
      const [frame] = await framesOf("large.mp4");
      const { format, width, height } = await sharp(frame?.jpeg).metadata();
      expect({ format, width, height }).toEqual({ format: "jpeg", width: 640, height: 360 });
      expect(frame?.luma).toHaveLength(64);
      const rgb = await sharp(frame?.jpeg).resize(8, 8, { fit: "fill" }).raw().toBuffer();
      const errors = Array.from(frame?.luma ?? [], (luma, cell) =>
        Math.abs(luma - (rgb[cell * 3] ?? 0)),
      );
      expect(errors.reduce((sum, error) => sum + error, 0) / 64).toBeLessThan(3);
    });

    it("go on from a time as if they had been read from the beginning", async () => {
      const all = await framesOf("cuts.mp4");
      const rest = await framesOf("cuts.mp4", 3_040);
      const expected = all.filter(({ timeMs }) => timeMs >= 3_040);
      expect(rest.map(({ timeMs }) => timeMs)).toEqual(expected.map(({ timeMs }) => timeMs));
      // Counted from the shot in which it begins.
      expect(rest.map(({ shot }) => shot + 1)).toEqual(expected.map(({ shot }) => shot));
    });

    it("stop being made when the reader stops or is called off", async () => {
      await makeShots(inFolder("long.mp4"), [{ color: "moving", seconds: 60 }], { rate: 10 });
      for await (const _ of decoder.frames(inFolder("long.mp4"), { signal })) break;
      const stop = new AbortController();
      const reading = (async () => {
        for await (const { timeMs } of decoder.frames(inFolder("long.mp4"), stop)) {
          if (timeMs >= 2_000) stop.abort(new Error("enough"));
        }
      })();
      await expect(reading).rejects.toThrow("enough");
    });
  });
}
