import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { videoExtensionOf, videoIdOf } from "../../src/frames/video-file.ts";
import { linkedKey } from "../../src/verbs/add-video.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "video-file-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(folder, "file");
  await writeFile(path, bytes);
  return path;
}

const box = (type: string, rest = "") => Buffer.from(`\0\0\0\x20${type}${rest}`, "latin1");
const ebml = (docType: string) => Buffer.from(`\x1a\x45\xdf\xa3....${docType}`, "latin1");
const signal = AbortSignal.timeout(10_000);

describe("a video's container", () => {
  it.each([
    ["mp4", box("ftyp", "isom")],
    ["mov", box("ftyp", "qt  ")],
    ["mov", box("moov")],
    ["webm", ebml("webm")],
    ["mkv", ebml("matroska")],
  ])("is told from its beginning: %s", async (extension, bytes) => {
    expect(await videoExtensionOf(await fileOf(bytes))).toBe(extension);
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["a text", Buffer.from("This is no video, whatever its name says.")],
    ["a picture", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0])],
  ])("is not %s", async (_what, bytes) => {
    await expect(videoExtensionOf(await fileOf(bytes))).rejects.toMatchObject({
      kind: "invalid_input",
      code: "InvalidVideo",
      message: "That file is not a video that I can read. Send MP4, MOV, WebM or MKV.",
    });
  });
});

describe("a video's id", () => {
  it("is the same for the same file in the same library only", async () => {
    const path = await fileOf(box("ftyp", "isom"));
    const id = await videoIdOf("slack:T1", path, signal);
    expect(id).toMatch(/^[0-9a-f]{16}$/u);
    expect(await videoIdOf("slack:T1", path, signal)).toBe(id);
    expect(await videoIdOf("slack:T2", path, signal)).not.toBe(id);
    expect(await videoIdOf("slack:T1", await fileOf(box("ftyp", "mp42")), signal)).not.toBe(id);
  });
});

describe("a link to a video", () => {
  it("names an object of the media bucket", () => {
    expect(linkedKey(" s3://media/films/harbour.mp4 ", "media")).toBe("films/harbour.mp4");
    for (const link of ["s3://other/a.mp4", "https://media/a.mp4", "s3://media/", "a.mp4"]) {
      expect(() => linkedKey(link, "media")).toThrow("names an object of the media bucket");
    }
  });

  it("does not reach what Atelier keeps itself, other people's videos above all", () => {
    for (const key of ["videos/0011.mp4", "frames/a/b.jpg", "index/demo/a.seg", "inputs/a.mp4"]) {
      expect(() => linkedKey(`s3://media/${key}`, "media")).toThrow("Atelier's own");
    }
  });
});
