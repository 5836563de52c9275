import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSettings } from "../../infra/settings.ts";
import { createStorage } from "../../infra/storage.ts";
import { processClock } from "../../src/drivers/process/process-runtime.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "atelier-embedded-"));
});
afterEach(() => rm(folder, { recursive: true }));

const open = () => {
  const { settings } = readSettings({ DATA_DIR: folder });
  return createStorage(settings, processClock, () => "http://127.0.0.1");
};

/** What a kill between dynalite's two writes leaves: the item without its index entries. */
async function loseIndexEntries(): Promise<number> {
  await rm(join(folder, "state.closed"));
  const database = new ClassicLevel<string, string>(join(folder, "state"));
  await database.open();
  const keys = (await database.keys().all()).filter((key) => key.includes("index-"));
  await database.batch(keys.map((key) => ({ type: "del" as const, key })));
  await database.close();
  return keys.length;
}

describe("the embedded store after a kill", () => {
  it("finds an open job again whose index entries were lost", async () => {
    const before = await open();
    const job = { pk: "job#1", at: "2026-11-21", open_key: "open", place_key: "here" };
    await before.state.put("state", job);
    await before.close();
    expect(await loseIndexEntries()).toBeGreaterThan(1);

    const after = await open();
    const page = { newestFirst: true, limit: 10 };
    expect(await after.state.query("open", "open", page)).toEqual([job]);
    expect(await after.state.query("place", "here", page)).toEqual([job]);
    await after.close();
  });
});
