import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Blob, BlobStore } from "../../src/ports/index.ts";
import { blobStoreFileCases } from "./blob-store-files-contract.ts";

export interface OpenedBlobStore {
  store: BlobStore;
  close(): Promise<void>;
}

const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);

function png(...bytes: number[]): Blob {
  return { bytes: Uint8Array.from(bytes), mediaType: "image/png" };
}

/** What every BlobStore does, whatever is behind it. `open` gives an empty store whose links work. */
export function blobStoreContract(open: () => Promise<OpenedBlobStore>): void {
  let opened: OpenedBlobStore | undefined;
  let store: BlobStore;

  beforeAll(async () => {
    opened = await open();
    store = opened.store;
    // A Ceph pool takes about 2 s to answer for the first time.
    await store.put("warm-up.png", png(1));
  }, 30_000);
  afterAll(async () => opened?.close());

  describe("keeping objects", () => {
    it("gives back every byte and the media type", async () => {
      await store.put("outputs/2026/11/21/a-1.png", { bytes: everyByte, mediaType: "image/png" });
      const blob = await store.get("outputs/2026/11/21/a-1.png");
      expect(blob?.bytes).toStrictEqual(everyByte);
      expect(blob?.mediaType).toBe("image/png");
    });

    it.each([
      ["types/picture", "image/webp"],
      ["types/really-a-jpeg.png", "image/jpeg"],
      ["types/clip.mov", "video/quicktime"],
      ["types/vector.bin", "application/octet-stream"],
      ["types/notes.txt", "text/plain; charset=utf-8"],
    ])("keeps the media type of %s, whatever its name says", async (key, mediaType) => {
      await store.put(key, { bytes: everyByte, mediaType });
      expect((await store.get(key))?.mediaType).toBe(mediaType);
    });

    it("keeps an empty object", async () => {
      await store.put("empty.bin", {
        bytes: new Uint8Array(),
        mediaType: "application/octet-stream",
      });
      expect((await store.get("empty.bin"))?.bytes.length).toBe(0);
      expect(await store.has("empty.bin")).toBe(true);
    });

    it("stores only the bytes that a view shows of a larger buffer", async () => {
      await store.put("view.png", { bytes: everyByte.subarray(10, 20), mediaType: "image/png" });
      expect((await store.get("view.png"))?.bytes).toStrictEqual(everyByte.slice(10, 20));
    });

    it("keeps an object of 5 MB", async () => {
      const bytes = new Uint8Array(5_000_000).map((_, index) => index * 31);
      await store.put("large.jpeg", { bytes, mediaType: "image/jpeg" });
      const blob = await store.get("large.jpeg", { maxBytes: 5_000_000 });
      expect(Buffer.compare(blob?.bytes ?? new Uint8Array(), bytes)).toBe(0);
    });

    it.each(["image/jpeg", "image/webp"])(
      "replaces an object, its media type %s included",
      async (mediaType) => {
        await store.put("replaced.jpeg", { bytes: everyByte, mediaType: "image/gif" });
        await store.put("replaced.jpeg", { bytes: Uint8Array.of(4), mediaType });
        const blob = await store.get("replaced.jpeg");
        expect(blob).toStrictEqual({ bytes: Uint8Array.of(4), mediaType });
      },
    );

    it("shows one of 50 objects put at once, whole and with its own media type", async () => {
      const blobs = Array.from({ length: 50 }, (_, n) => ({
        bytes: new Uint8Array(20_000 + n).fill(n),
        mediaType: `image/x-${n}`,
      }));
      await Promise.all(blobs.map((blob) => store.put("contended", blob)));
      const blob = await store.get("contended");
      const winner = blob?.bytes[0] ?? -1;
      expect(blob).toStrictEqual(blobs[winner]);
    });

    it("says null and false for what is not there", async () => {
      expect(await store.get("nowhere/at-all.png")).toBeNull();
      expect(await store.get("nowhere/at-all.png", { maxBytes: 1 })).toBeNull();
      expect(await store.has("nowhere/at-all.png")).toBe(false);
      expect(await store.etag("nowhere/at-all.png")).toBeNull();
    });

    it("has another ETag once other bytes are written over an object", async () => {
      await store.put("written-over.png", png(1));
      const first = await store.etag("written-over.png");
      expect(first).toEqual(expect.any(String));
      expect(await store.etag("written-over.png")).toBe(first);
      await store.put("written-over.png", png(2));
      expect(await store.etag("written-over.png")).not.toBe(first);
    });

    it("takes the beginning of a key for no object", async () => {
      await store.put("tree/branch/leaf.png", png(1));
      expect(await store.get("tree/branch")).toBeNull();
      expect(await store.has("tree/branch")).toBe(false);
      expect(await store.etag("tree/branch")).toBeNull();
      expect(await store.get("tree/branch/leaf.png/vein")).toBeNull();
      await store.delete("tree/branch");
      expect(await store.has("tree/branch/leaf.png")).toBe(true);
    });

    it("reads an object of exactly maxBytes and rejects a larger one", async () => {
      await store.put("bounded.png", png(1, 2, 3, 4));
      expect((await store.get("bounded.png", { maxBytes: 4 }))?.bytes.length).toBe(4);
      await expect(store.get("bounded.png", { maxBytes: 3 })).rejects.toMatchObject({
        name: "AtelierError",
        kind: "invalid_input",
      });
    });

    it("deletes an object, and minds no second time", async () => {
      await store.put("doomed.png", png(1));
      expect(await store.has("doomed.png")).toBe(true);
      await store.delete("doomed.png");
      expect(await store.has("doomed.png")).toBe(false);
      expect(await store.get("doomed.png")).toBeNull();
      await store.delete("doomed.png");
    });

    it("forgets the media type of a deleted object", async () => {
      await store.put("reborn.png", { bytes: everyByte, mediaType: "image/gif" });
      await store.delete("reborn.png");
      await store.put("reborn.png", png(1));
      expect((await store.get("reborn.png"))?.mediaType).toBe("image/png");
    });
  });

  blobStoreFileCases(() => store);

  describe("links", () => {
    it("let anyone read the object with its media type", async () => {
      await store.put("linked.png", { bytes: everyByte, mediaType: "image/png" });
      const answer = await fetch(await store.presign("linked.png", { ttlSeconds: 60 }));
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("image/png");
      expect(await bytesOf(answer)).toStrictEqual(everyByte);
    });

    it("are signed without a look at the object, and say 404 while there is none", async () => {
      const link = await store.presign("later.png", { ttlSeconds: 60 });
      expect((await fetch(link)).status).toBe(404);
      await store.put("later.png", png(7));
      expect(await bytesOf(await fetch(link))).toStrictEqual(Uint8Array.of(7));
      await store.delete("later.png");
      expect((await fetch(link)).status).toBe(404);
    });

    it("work until their time and say 403 from then on", async () => {
      await store.put("short-lived.png", png(1));
      const link = await store.presign("short-lived.png", { ttlSeconds: 2 });
      await sleep(1_000);
      expect((await fetch(link)).status).toBe(200);
      await sleep(2_500);
      expect((await fetch(link)).status).toBe(403);
    });

    it("say 403 when a part of them was changed", async () => {
      await store.put("secret.png", png(1));
      await store.put("open.png", png(1));
      const link = await store.presign("open.png", { ttlSeconds: 60, downloadName: "open.png" });
      const changed = [
        link.replace("open.png", "secret.png"),
        edited(link, /signature$/i, (value) => (value[0] === "a" ? "b" : "a") + value.slice(1)),
        edited(link, /signature$/i, (value) => value.slice(0, -1)),
        edited(link, /signature$/i, () => ""),
        edited(link, /expires$/i, (value) => String(Number(value) + 60)),
        edited(link, /download|disposition/i, (value) => value.replace("open", "evil")),
      ];
      expect(new Set(changed).size).toBe(changed.length);
      expect(changed).not.toContain(link);
      for (const url of changed) expect((await fetch(url)).status, url).toBe(403);
      expect((await fetch(link)).status).toBe(200);
    });

    it.each([
      ["fox.png", "fox.png"],
      ["a red fox; at dawn.png", "a red fox; at dawn.png"],
      ['the "best" fox.png', 'the "best" fox.png'],
      ["лиса 狐 🦊 à l'aube (1)*.png", "лиса 狐 🦊 à l'aube (1)*.png"],
      ["100%25 fox.png", "100%25 fox.png"],
      ["..\\..\\etc/passwd", ".._.._etc_passwd"],
      ["fox\r\nSet-Cookie: a=b.png", "fox__Set-Cookie: a=b.png"],
    ])("make browsers save under the name %j", async (downloadName, saved) => {
      await store.put("saved.png", png(1));
      const answer = await fetch(
        await store.presign("saved.png", { ttlSeconds: 60, downloadName }),
      );
      expect(answer.status).toBe(200);
      expect(answer.headers.get("set-cookie")).toBeNull();
      expect(savedName(answer.headers.get("content-disposition") ?? "")).toBe(saved);
    });

    it.each([0, -5, 604_801, Number.NaN])("cannot live for %d seconds", async (ttlSeconds) => {
      await expect(store.presign("linked.png", { ttlSeconds })).rejects.toMatchObject({
        kind: "misconfigured",
      });
    });

    it("can live for 7 days", async () => {
      await store.put("week.png", png(1));
      expect((await fetch(await store.presign("week.png", { ttlSeconds: 604_800 }))).status).toBe(
        200,
      );
    });
  });
}

async function bytesOf(answer: Response): Promise<Uint8Array> {
  return new Uint8Array(await answer.arrayBuffer());
}

/** The link with one query value changed; the parameter is named differently by each driver. */
function edited(link: string, name: RegExp, change: (value: string) => string): string {
  const url = new URL(link);
  const found = [...url.searchParams.keys()].find((candidate) => name.test(candidate));
  if (found === undefined) throw new Error(`no parameter ${name} in ${link}`);
  url.searchParams.set(found, change(url.searchParams.get(found) ?? ""));
  return url.href;
}

/** The name that a browser takes (RFC 6266 section 4.3): the extended one before the plain one. */
function savedName(header: string): string | undefined {
  const extended = /^attachment; filename="[\x20!#-~]*"; filename\*=UTF-8''([\w%!#$&+.^`|~-]+)$/;
  const plain = /^attachment; filename="([\x20!#-~]*)"$/;
  const match = extended.exec(header);
  return match?.[1] === undefined ? plain.exec(header)?.[1] : decodeURIComponent(match[1]);
}
