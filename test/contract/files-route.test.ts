import { once } from "node:events";
import { readdir, readlink } from "node:fs/promises";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FilesServer, startFilesServer } from "../servers/files-server.ts";

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index);
const key = "outputs/2026/11/21/fox-1.png";

describe("the route that serves the disk store's links", () => {
  let server: FilesServer;
  let link: string;

  beforeAll(async () => {
    server = await startFilesServer();
    await server.store.put(key, { bytes, mediaType: "image/png" });
    link = await server.store.presign(key, { ttlSeconds: 600 });
  });
  afterAll(async () => server?.close());

  it("sends headers that keep browsers from guessing at or running what people gave", async () => {
    const { headers } = await fetch(link);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    expect(headers.get("content-disposition")).toBe('inline; filename="fox-1.png"');
    expect(headers.get("content-length")).toBe("1000");
    expect(headers.get("accept-ranges")).toBe("bytes");
  });

  it("lets caches keep the file no longer than the link lives", async () => {
    const shortLink = await server.store.presign(key, { ttlSeconds: 30 });
    const control = (await fetch(shortLink)).headers.get("cache-control") ?? "";
    const seconds = Number(/^private, max-age=(\d+)$/.exec(control)?.[1]);
    expect(seconds).toBeGreaterThan(25);
    expect(seconds).toBeLessThanOrEqual(31);
  });

  it("answers HEAD as GET, without the bytes", async () => {
    const head = await fetch(link, { method: "HEAD" });
    const get = await fetch(link);
    for (const name of ["content-type", "content-length", "etag", "content-disposition"]) {
      expect(head.headers.get(name), name).toBe(get.headers.get(name));
    }
    expect(head.status).toBe(200);
    expect((await head.arrayBuffer()).byteLength).toBe(0);
    const refused = await fetch(`${link}x`.replace("signature=", "signature=x"), {
      method: "HEAD",
    });
    expect(refused.status).toBe(403);
  });

  it("sends an empty file", async () => {
    await server.store.put("empty.png", { bytes: new Uint8Array(), mediaType: "image/png" });
    const answer = await fetch(await server.store.presign("empty.png", { ttlSeconds: 60 }));
    expect([answer.status, answer.headers.get("content-length")]).toStrictEqual([200, "0"]);
    expect((await answer.arrayBuffer()).byteLength).toBe(0);
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS"])("does not take %s", async (method) => {
    const answer = await fetch(link, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
  });

  it.each([
    ["bytes=0-9", 0, 9],
    ["bytes=990-", 990, 999],
    ["bytes=-5", 995, 999],
    ["bytes=-5000", 0, 999],
    ["bytes=500-99999", 500, 999],
    ["bytes=0-0", 0, 0],
  ])("sends the part %s", async (range, start, end) => {
    const answer = await fetch(link, { headers: { range } });
    expect(answer.status).toBe(206);
    expect(answer.headers.get("content-range")).toBe(`bytes ${start}-${end}/1000`);
    expect(answer.headers.get("content-length")).toBe(String(end - start + 1));
    expect(new Uint8Array(await answer.arrayBuffer())).toStrictEqual(bytes.slice(start, end + 1));
  });

  it.each(["bytes=1000-", "bytes=5000-6000", "bytes=-0"])("says 416 to %s", async (range) => {
    const answer = await fetch(link, { headers: { range } });
    expect(answer.status).toBe(416);
    expect(answer.headers.get("content-range")).toBe("bytes */1000");
  });

  it.each(["bytes=9-3", "bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=a-b"])(
    "sends the whole file for %s",
    async (range) => {
      const answer = await fetch(link, { headers: { range } });
      expect([answer.status, (await answer.arrayBuffer()).byteLength]).toStrictEqual([200, 1000]);
    },
  );

  it("says 304 to a browser that has the file, until it is replaced", async () => {
    const place = "etag.png";
    const put = () => server.store.put(place, { bytes, mediaType: "image/png" });
    await put();
    const url = await server.store.presign(place, { ttlSeconds: 60 });
    const etag = (await fetch(url)).headers.get("etag") ?? "";
    expect((await fetch(url, { headers: { "If-None-Match": etag } })).status).toBe(304);
    const part = { range: "bytes=0-9", "If-Range": etag };
    expect((await fetch(url, { headers: part })).status).toBe(206);
    await put();
    expect((await fetch(url, { headers: { "If-None-Match": etag } })).status).toBe(200);
    expect((await fetch(url, { headers: part })).status).toBe(200);
  });

  it("tells an expired link from one that was never valid, in JSON", async () => {
    const short = await server.store.presign(key, { ttlSeconds: 60 });
    server.clock.shift(59_000);
    expect((await fetch(short)).status).toBe(200);
    server.clock.shift(2_000);
    const expired = await fetch(short);
    expect(expired.status).toBe(403);
    expect(expired.headers.get("cache-control")).toBe("no-store");
    expect(await expired.json()).toStrictEqual({
      error: "AccessDenied",
      message: "This link has expired. Ask for a new one with the New link button.",
    });
    const prolonged = await fetch(short.replace(/expires=\d+/, "expires=99999999999"));
    expect(prolonged.status).toBe(403);
    expect(await prolonged.json()).toStrictEqual({
      error: "AccessDenied",
      message: "This link is not valid.",
    });
    server.clock.shift(-61_000);
  });

  it("says in JSON that a file is gone", async () => {
    const answer = await fetch(await server.store.presign("gone.png", { ttlSeconds: 60 }));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: "NoSuchKey" });
  });

  it("finishes a download of the old bytes when the file is replaced meanwhile", async () => {
    const large = (value: number) => ({
      bytes: new Uint8Array(8_000_000).fill(value),
      mediaType: "image/png",
    });
    await server.store.put("replaced.png", large(1));
    const url = await server.store.presign("replaced.png", { ttlSeconds: 60 });
    const answer = await fetch(url);
    await server.store.put("replaced.png", large(2));
    const received = new Uint8Array(await answer.arrayBuffer());
    expect(received.length).toBe(8_000_000);
    expect(received.every((value) => value === 1)).toBe(true);
  });

  it("holds no file open after an answer without bytes or with all of them", async () => {
    // The garbage collector closes forgotten files too, and warns of it.
    const warnings: string[] = [];
    const listener = (warning: Error) => warnings.push(warning.message);
    process.on("warning", listener);
    const etag = (await fetch(link, { method: "HEAD" })).headers.get("etag") ?? "";
    for (const init of [
      { method: "HEAD" },
      { headers: { "If-None-Match": etag } },
      { headers: { range: "bytes=5000-" } },
      { headers: { range: "bytes=0-9" } },
      {},
    ]) {
      await (await fetch(link, init)).arrayBuffer();
      await expect.poll(() => openFilesBelow(server.root), { interval: 5 }).toStrictEqual([]);
    }
    process.off("warning", listener);
    expect(warnings).toStrictEqual([]);
  });

  it("closes the file when the reader goes away", async () => {
    await server.store.put("left.png", {
      bytes: new Uint8Array(30_000_000),
      mediaType: "image/png",
    });
    const url = new URL(await server.store.presign("left.png", { ttlSeconds: 60 }));
    for (let n = 0; n < 5; n++) {
      const socket = connect(server.port, "127.0.0.1");
      socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: a\r\n\r\n`);
      await once(socket, "data");
      socket.destroy();
    }
    await expect.poll(() => openFilesBelow(server.root), { timeout: 3_000 }).toStrictEqual([]);
  });
});

/** The files of a folder that this process holds open (Linux). */
async function openFilesBelow(root: string): Promise<string[]> {
  const folder = "/proc/self/fd";
  const targets = await Promise.all(
    (await readdir(folder)).map((name) => readlink(`${folder}/${name}`).catch(() => "")),
  );
  return targets.filter((target) => target.startsWith(root));
}
