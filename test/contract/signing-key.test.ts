import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSigningKey } from "../../src/drivers/disk/signing-key.ts";

describe("the installation's signing key", () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-key-"));
    path = join(folder, "data", "signing.key");
  });
  afterEach(async () => rm(folder, { recursive: true }));

  it("is made once, of 32 bytes that only this user can read", async () => {
    const key = await loadSigningKey(path);
    expect(key.length).toBe(32);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await loadSigningKey(path)).toStrictEqual(key);
    expect(new Uint8Array(await readFile(path))).toStrictEqual(key);
  });

  it("differs between installations", async () => {
    expect(await loadSigningKey(path)).not.toStrictEqual(await loadSigningKey(`${path}2`));
  });

  it("is the same for 30 starts within a moment, and nothing else is left in the folder", async () => {
    const start = async (delayMs: number) => {
      await sleep(delayMs);
      return Buffer.from(await loadSigningKey(path)).toString("hex");
    };
    for (let round = 0; round < 5; round++) {
      const keys = await Promise.all(Array.from({ length: 30 }, (_, n) => start(n / 3)));
      expect(new Set(keys).size).toBe(1);
      expect(await readdir(join(folder, "data"))).toStrictEqual(["signing.key"]);
      await rm(path);
    }
  });

  it("is the same for two processes that start at once", async () => {
    const module = new URL("../../src/drivers/disk/signing-key.ts", import.meta.url).href;
    const program = `const { loadSigningKey } = await import(${JSON.stringify(module)});
      console.log(Buffer.from(await loadSigningKey(process.argv[1])).toString("hex"));`;
    const start = () =>
      text(
        spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program, path])
          .stdout,
      );
    const [one, other] = await Promise.all([start(), start()]);
    expect(one).toMatch(/^[0-9a-f]{64}\n$/);
    expect(other).toBe(one);
  }, 20_000);

  it("is not replaced when its file is damaged", async () => {
    await loadSigningKey(path);
    await writeFile(path, "short");
    await expect(loadSigningKey(path)).rejects.toMatchObject({ kind: "misconfigured" });
    expect(await readFile(path, "utf8")).toBe("short");
  });
});
