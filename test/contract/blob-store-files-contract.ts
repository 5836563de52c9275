import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BlobStore } from "../../src/ports/index.ts";

/** What every BlobStore does with files. */
export function blobStoreFileCases(running: () => BlobStore): void {
  describe("keeping files", () => {
    let folder: string;
    const inFolder = (name: string) => join(folder, name);

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "atelier-given-"));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it("stores a file's bytes and media type as `put` does", async () => {
      const bytes = new Uint8Array(randomBytes(100_000));
      await writeFile(inFolder("given.mp4"), bytes);
      await running().putFile("videos/a.mp4", inFolder("given.mp4"), "video/mp4");
      expect(await running().get("videos/a.mp4")).toStrictEqual({ bytes, mediaType: "video/mp4" });
    });

    it("writes an object to a new file that nobody else can read", async () => {
      await running().put("videos/b.webm", { bytes: Uint8Array.of(1, 2), mediaType: "video/webm" });
      expect(await running().getFile("videos/b.webm", inFolder("b.webm"))).toBe(true);
      expect(new Uint8Array(await readFile(inFolder("b.webm")))).toStrictEqual(Uint8Array.of(1, 2));
      expect((await stat(inFolder("b.webm"))).mode & 0o077).toBe(0);
    });

    it("brings 24 MB there and back without holding them", async () => {
      const part = randomBytes(1_000_000);
      await writeFile(
        inFolder("large.mov"),
        Array.from({ length: 24 }, () => part),
      );
      await running().putFile("videos/large.mov", inFolder("large.mov"), "video/quicktime");
      expect(await running().getFile("videos/large.mov", inFolder("back.mov"))).toBe(true);
      expect(await sha256(inFolder("back.mov"))).toBe(await sha256(inFolder("large.mov")));
    });

    it("keeps an empty file", async () => {
      await writeFile(inFolder("empty"), "");
      await running().putFile("videos/empty.mp4", inFolder("empty"), "video/mp4");
      expect(await running().getFile("videos/empty.mp4", inFolder("empty-back"))).toBe(true);
      expect((await stat(inFolder("empty-back"))).size).toBe(0);
    });

    it("replaces an object by a file", async () => {
      await running().put("videos/c.mp4", { bytes: randomBytes(99), mediaType: "image/gif" });
      await writeFile(inFolder("c"), "new");
      await running().putFile("videos/c.mp4", inFolder("c"), "video/mp4");
      const blob = await running().get("videos/c.mp4");
      expect(Buffer.from(blob?.bytes ?? []).toString()).toBe("new");
      expect(blob?.mediaType).toBe("video/mp4");
    });

    it("says false for what is not there, and makes no file", async () => {
      expect(await running().getFile("videos/none.mp4", inFolder("none.mp4"))).toBe(false);
      expect(await readdir(folder)).not.toContain("none.mp4");
    });

    it("writes a file of exactly maxBytes and rejects a larger one, of which nothing stays", async () => {
      await running().put("videos/d.mp4", {
        bytes: Uint8Array.of(1, 2, 3, 4),
        mediaType: "video/mp4",
      });
      const read = (name: string, maxBytes: number) =>
        running().getFile("videos/d.mp4", inFolder(name), { maxBytes });
      expect(await read("d4.mp4", 4)).toBe(true);
      await expect(read("d3.mp4", 3)).rejects.toMatchObject({ kind: "invalid_input" });
      expect(await readdir(folder)).not.toContain("d3.mp4");
    });

    it("leaves a file alone that is there already", async () => {
      await running().put("videos/e.mp4", { bytes: Uint8Array.of(1), mediaType: "video/mp4" });
      await writeFile(inFolder("taken"), "mine");
      await expect(running().getFile("videos/e.mp4", inFolder("taken"))).rejects.toThrow();
      expect(await readFile(inFolder("taken"), "utf8")).toBe("mine");
    });

    it("rejects for a file that is not there, and keeps the object that was", async () => {
      await running().put("videos/f.mp4", { bytes: Uint8Array.of(5), mediaType: "video/mp4" });
      const put = running().putFile("videos/f.mp4", inFolder("missing"), "video/mp4");
      await expect(put).rejects.toMatchObject({ name: "AtelierError" });
      expect((await running().get("videos/f.mp4"))?.bytes).toStrictEqual(Uint8Array.of(5));
    });
  });
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}
