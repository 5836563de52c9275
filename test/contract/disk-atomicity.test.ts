import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDiskBlobStore } from "../../src/drivers/disk/disk-blob-store.ts";
import { type FilesServer, startFilesServer } from "../servers/files-server.ts";

describe("the disk BlobStore writes whole objects", () => {
  let server: FilesServer;

  beforeAll(async () => {
    server = await startFilesServer();
  });
  afterAll(async () => server?.close());

  it("shows readers nothing but whole objects while 50 are put", async () => {
    const { store } = server;
    const blob = (n: number) => ({
      bytes: new Uint8Array(300_000).fill(n),
      mediaType: n % 2 === 0 ? "image/png" : `image/x-${n}`,
    });
    await store.put("busy.png", blob(0));
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    const putAndRead = async (n: number) => {
      const put = store.put("busy.png", blob(n));
      for (let read = 0; read < 4; read++) {
        const seen = await store.get("busy.png");
        const expected = blob(seen?.bytes[0] ?? -1);
        expect(seen?.mediaType).toBe(expected.mediaType);
        expect(Buffer.compare(seen?.bytes ?? new Uint8Array(), expected.bytes)).toBe(0);
      }
      await put;
    };
    await Promise.all(numbers.map(putAndRead));
    await store.delete("busy.png");
    expect(await readdir(server.root)).toStrictEqual([]);
  });

  it("keeps the last whole object when the process is killed in mid-write", async () => {
    const folder = join(server.root, "kept");
    const program = fileURLToPath(new URL("../fixtures/put-repeatedly.ts", import.meta.url));
    let leftovers: string[] = [];
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ["--import", "tsx", program, server.root], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = once(child, "exit");
      await once(child.stdout, "data");
      await sleep(5 + round * 9);
      child.kill("SIGKILL");
      await exited;
      const { bytes } = (await server.store.get("kept/picture.png")) ?? { bytes: new Uint8Array() };
      expect(bytes.length).toBe(8_000_000);
      expect(bytes.every((value) => value === bytes[0])).toBe(true);
      leftovers = (await readdir(folder)).filter((name) => name !== "picture.png");
    }
    // At least one kill hit a write; what it left behind has no key.
    expect(leftovers.length).toBeGreaterThan(0);
    for (const name of leftovers) {
      await expect(server.store.get(`kept/${name}`)).rejects.toMatchObject({
        kind: "invalid_input",
      });
    }
  }, 40_000);

  it("leaves nothing behind when a put fails", async () => {
    await mkdir(join(server.root, "taken", "by-a-folder.png"), { recursive: true });
    await writeFile(join(server.root, "taken", "by-a-folder.png", "inside"), "");
    const blob = { bytes: Uint8Array.of(1), mediaType: "image/gif" };
    await expect(server.store.put("taken/by-a-folder.png", blob)).rejects.toMatchObject({
      kind: "invalid_input",
    });
    expect(await readdir(join(server.root, "taken"))).toStrictEqual(["by-a-folder.png"]);
    await server.store.put("file", blob);
    await expect(server.store.put("file/below.png", blob)).rejects.toMatchObject({
      kind: "invalid_input",
    });
  });

  it("tells the operator about a folder it may not use", async () => {
    // Not even root can make folders there (Linux).
    const store = createDiskBlobStore({
      root: "/sys/atelier",
      signingKey: new Uint8Array(32),
      baseUrl: () => "http://127.0.0.1",
      clock: server.clock,
    });
    await expect(
      store.put("a.png", { bytes: Uint8Array.of(1), mediaType: "image/png" }),
    ).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("/sys/atelier"),
    });
  });
});
