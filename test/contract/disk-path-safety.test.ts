import { once } from "node:events";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FilesServer, startFilesServer } from "../servers/files-server.ts";

const SECRET = "the secret beside the store";
const picture = { bytes: Uint8Array.of(1), mediaType: "image/png" };

const escapes = [
  "../secret.txt",
  "a/../../secret.txt",
  "a/..",
  "..",
  ".",
  "a/./b.png",
  "/etc/passwd",
  "//etc/passwd",
  "a//b.png",
  "a/",
  "",
  "..\\secret.txt",
  "a\\..\\..\\secret.txt",
  "C:\\secret.txt",
  "a\0.png",
  "a.png\0",
  "a.png\n",
  "%2e%2e/secret.txt",
  "..%2fsecret.txt",
  "%252e%252e%252fsecret.txt",
  "..%c0%afsecret.txt",
  "‥/secret.txt",
  "../secret.txt",
  ".hidden.png",
  ".a.png.type",
  "Capital.png",
  "a b.png",
  `${"a".repeat(201)}.png`,
  `${"a/".repeat(600)}b.png`,
];

describe("the disk BlobStore keeps inside its folder", () => {
  let server: FilesServer;

  beforeAll(async () => {
    server = await startFilesServer();
    await server.store.put("a.png", picture);
    await writeFile(join(server.root, "..", "secret.txt"), SECRET);
  });
  afterAll(async () => server?.close());

  it.each(escapes)("takes %j for no key", async (key) => {
    const { store } = server;
    const refusal = { name: "AtelierError", kind: "invalid_input" };
    await expect(store.put(key, picture)).rejects.toMatchObject(refusal);
    await expect(store.get(key)).rejects.toMatchObject(refusal);
    await expect(store.has(key)).rejects.toMatchObject(refusal);
    await expect(store.etag(key)).rejects.toMatchObject(refusal);
    await expect(store.delete(key)).rejects.toMatchObject(refusal);
    await expect(store.presign(key, { ttlSeconds: 60 })).rejects.toMatchObject(refusal);
    expect((await readdir(join(server.root, ".."))).sort()).toStrictEqual(["secret.txt", "store"]);
  });

  it.each([
    ..."/files/../secret.txt /files/../../secret.txt /files/a/../../secret.txt".split(" "),
    ..."/files/%2e%2e/secret.txt /files/%2e%2e%2fsecret.txt /files/..%2fsecret.txt".split(" "),
    ..."/files/..%5csecret.txt /files/..\\secret.txt /files/%252e%252e%252fsecret.txt".split(" "),
    ..."/files/..%c0%afsecret.txt /files/%c0%ae%c0%ae/secret.txt /files/....//secret.txt".split(
      " ",
    ),
    ..."/files//etc/passwd /files/%2fetc%2fpasswd //etc/passwd /etc/passwd /files/ /files".split(
      " ",
    ),
    ..."/files/a.png%00 /files/a%00.png /files/.a.png.type http://x/files/../secret.txt".split(" "),
  ])("serves nothing for the raw request line GET %s", async (target) => {
    const link = new URL(await server.store.presign("a.png", { ttlSeconds: 60 }));
    // With a signature that is good for another key: only the path can make the difference.
    const answer = await rawGet(server.port, `${target}${link.search}`);
    expect(answer).toMatch(/^HTTP\/1\.1 (?:400|403|404) /);
    expect(answer).not.toContain(SECRET);
    expect(answer).not.toContain("root:");
  });

  it("serves the good path of the same signature, so the refusals above mean something", async () => {
    const link = new URL(await server.store.presign("a.png", { ttlSeconds: 60 }));
    const answer = await rawGet(server.port, `${link.pathname}${link.search}`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("follows no symbolic link below its folder", async () => {
    const outside = join(server.root, "..");
    await mkdir(join(server.root, "links"));
    await symlink(outside, join(server.root, "links", "out"));
    await symlink(join(outside, "secret.txt"), join(server.root, "links", "secret.txt"));
    const refusal = { kind: "misconfigured", message: expect.stringContaining("symbolic link") };
    for (const key of ["links/out/secret.txt", "links/secret.txt", "links/out/new/a.png"]) {
      await expect(server.store.get(key)).rejects.toMatchObject(refusal);
      await expect(server.store.has(key)).rejects.toMatchObject(refusal);
      await expect(server.store.put(key, picture)).rejects.toMatchObject(refusal);
      await expect(server.store.delete(key)).rejects.toMatchObject(refusal);
    }
    expect((await readdir(outside)).sort()).toStrictEqual(["secret.txt", "store"]);
  });

  it.each(["image/png\r\nSet-Cookie: a=b", "", "png", "image/"])(
    "takes %j for no media type",
    async (mediaType) => {
      const blob = { bytes: Uint8Array.of(1), mediaType };
      await expect(server.store.put("typed.png", blob)).rejects.toMatchObject({
        kind: "invalid_input",
      });
      expect(await server.store.has("typed.png")).toBe(false);
    },
  );
});

/** fetch() would tidy the path before it is sent. */
async function rawGet(port: number, target: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk.toString("latin1");
  });
  socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
  await once(socket, "close");
  return answer;
}
