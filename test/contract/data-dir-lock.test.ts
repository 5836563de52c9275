import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDynamodbStateStore } from "../../src/drivers/aws/dynamodb-state-store.ts";
import { lockDataDir } from "../../src/drivers/disk/data-dir-lock.ts";
import { startDynalite } from "../../src/drivers/dynalite/dynalite-server.ts";
import { createStillClock } from "../fixtures/still-clock.ts";
import { dynamodbTestClient } from "../servers/dynamodb-test-client.ts";

const holder = fileURLToPath(new URL("../fixtures/hold-store.ts", import.meta.url));

describe("The lock of the data folder", () => {
  let dir: string;
  let child: ChildProcess | null = null;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "atelier-lock-"));
  });
  afterEach(async () => {
    child?.kill("SIGKILL");
    child = null;
    await rm(dir, { recursive: true });
  });

  /** A second process that has the folder. */
  async function hold(): Promise<ChildProcess> {
    const process = spawn("node", ["--import", "tsx", holder, dir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    child = process;
    await once(process.stdout ?? process, "data");
    return process;
  }

  it("is given to one, and to the next after its release", async () => {
    const missing = join(dir, "not", "yet", "there");
    const lock = await lockDataDir(missing);
    await expect(lockDataDir(missing)).rejects.toMatchObject({ kind: "misconfigured" });
    await lock.release();
    await (await lockDataDir(missing)).release();
    // What is in it is for this user only.
    expect((await stat(missing)).mode & 0o777).toBe(0o700);
  });

  it("names the process that has it and what to do", async () => {
    const { pid } = await hold();
    await expect(lockDataDir(dir)).rejects.toMatchObject({
      kind: "misconfigured",
      message: `Another Atelier (process ${pid}) is using ${dir}. Stop it, or set DATA_DIR to another folder.`,
    });
  }, 20_000);

  it("dies with its process on kill -9, and what was written stays", async () => {
    const process = await hold();
    process.kill("SIGKILL");
    await once(process, "exit");
    const lock = await lockDataDir(dir);
    const server = await startDynalite({ path: join(dir, "state") });
    const store = createDynamodbStateStore({
      client: dynamodbTestClient(server),
      tables: { state: "atelier", cache: "image-cache", videos: "videos" },
      clock: createStillClock(),
    });
    expect(await store.get("state", "written")).toStrictEqual({ pk: "written", by: process.pid });
    await server.close();
    await lock.release();
  }, 20_000);

  it("says so when the folder cannot be used", async () => {
    const file = join(dir, "file");
    await writeFile(file, "");
    await expect(lockDataDir(file)).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining(`cannot keep its data in ${file}`),
    });
  });
});
