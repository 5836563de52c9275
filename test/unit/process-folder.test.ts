import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openProcessFolder } from "../../infra/process-folder.ts";

describe("a process's own folder in the temporary one", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "process-folders-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function leave(name: string, pid: number | null): Promise<void> {
    await mkdir(join(folder, name, "ingest"), { recursive: true });
    await writeFile(join(folder, name, "ingest/film.mp4"), "a film");
    if (pid !== null) await writeFile(join(folder, name, "pid"), `${pid} 1795300000000`);
  }

  it("takes the place of what dead processes left, and of nothing else", async () => {
    const { pid: dead } = spawnSync(process.execPath, ["--version"]);
    await leave("atelier-dead", dead);
    // Its number was given to this one.
    await leave("atelier-before", process.pid);
    await leave("atelier-alive", process.ppid);
    await leave("atelier-unknown", null);
    await leave("another-program", dead);
    await openProcessFolder(join(folder, "atelier-own"));
    expect((await readdir(folder)).sort()).toEqual([
      "another-program",
      "atelier-alive",
      "atelier-own",
      "atelier-unknown",
    ]);
    // Another part of the same process leaves it alone.
    await openProcessFolder(join(folder, "atelier-too"));
    expect(await readdir(folder)).toContain("atelier-own");
  });
});
