import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readCheckpoint } from "../../src/frames/checkpoint.ts";
import { embeddingKey } from "../../src/frames/embeddings-cache.ts";
import type { Embedder } from "../../src/ports/index.ts";
import { createColorEmbedder } from "../fixtures/color-embedder.ts";
import { type IngestDesk, openIngestDesk } from "../fixtures/ingest-desk.ts";
import { makeShots, missingForVideos } from "../fixtures/made-videos.ts";
import { until } from "../fixtures/until.ts";

const missing = missingForVideos();
const name = "indexing goes on";
const waiting = () => ({ signal: AbortSignal.timeout(60_000), progress: () => {} });
const program = fileURLToPath(new URL("../fixtures/ingest-process.ts", import.meta.url));

describe.skipIf(missing !== null)(missing === null ? name : `${name} (${missing})`, () => {
  let folder: string;
  let desk: IngestDesk;
  const children: ChildProcess[] = [];
  const film = () => join(folder, "film.mp4");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-films-"));
    const shots = Array.from({ length: 60 }, (_, at) => ({
      color: at % 2 === 0 ? "moving" : `0x${(at * 4).toString(16).padStart(2, "0")}4080`,
      seconds: 1.5,
    }));
    await makeShots(film(), shots, { size: "160x120", rate: 10 });
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    desk = await openIngestDesk();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await desk.close();
  });

  /** A process that indexes the video; `said` is all that it wrote. */
  function startProcess(videoId: string) {
    const args = [desk.endpoint, desk.accessKeyId, desk.folder, videoId];
    const child = spawn(process.execPath, ["--import", "tsx", program, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += String(chunk);
    });
    return { child, said: () => said, exited: once(child, "exit") };
  }

  const keptBy = (said: string) => Number(/.* (\d+)\n$/u.exec(said)?.[1] ?? 0);

  it("after a kill -9 in the middle, without a second embedding of what was done", async () => {
    const { id } = await desk.join.add(film());
    const first = startProcess(id);
    // Written down, as far as the disk is concerned.
    await until(async () => ((await readCheckpoint(desk.join.media, id))?.done ?? 0) >= 32, 60_000);
    first.child.kill("SIGKILL");
    await first.exited;
    expect(await desk.join.videos.find(id)).toMatchObject({ status: "indexing", frameCount: 0 });
    expect(await desk.join.index.get(id, "colors-1")).toBeNull();

    const embedder = createColorEmbedder();
    const resumed = await desk.join.ingest({ embedder }).run(id, waiting());
    expect(embedder.embedded()).toBeGreaterThan(0);
    expect(embedder.embedded()).toBeLessThan(resumed.frameCount - 10);

    // As if it had never been interrupted.
    const other = await openIngestDesk();
    try {
      await other.join.add(film());
      const whole = await other.join.ingest().run(id, waiting());
      expect(whole.frameCount).toBe(resumed.frameCount);
      const [a, b] = await Promise.all(
        [desk, other].map(({ join }) => join.index.get(id, "colors-1")),
      );
      expect(a?.frames).toEqual(b?.frames);
      expect(a?.embeddings).toEqual(b?.embeddings);
    } finally {
      await other.close();
    }
  }, 120_000);

  it("by itself when a process starts again", async () => {
    const { id } = await desk.join.add(film());
    const first = desk.join.ingest({ embedder: createColorEmbedder({ delayMs: 100 }) });
    const cutShort = first.run(id, waiting());
    await until(async () => (first.progressOf(id)?.frames ?? 0) > 20, 30_000);
    await Promise.all([
      expect(cutShort).rejects.toMatchObject({ kind: "unavailable" }),
      first.stop(),
    ]);
    expect((await desk.join.videos.find(id))?.status).toBe("indexing");
    const second = desk.join.ingest();
    await second.start();
    await until(async () => (await desk.join.videos.find(id))?.status === "ready", 30_000);
    expect(desk.join.errors).toEqual([]);
  }, 60_000);

  it("in one process only, while another waits for its result", async () => {
    const { id } = await desk.join.add(film());
    const first = startProcess(id);
    await until(async () => keptBy(first.said()) > 0, 60_000);
    const embedder = createColorEmbedder();
    const second = desk.join.ingest({ embedder, isAlone: false, owner: "second" });
    expect((await second.run(id, waiting())).status).toBe("ready");
    expect(embedder.embedded()).toBe(0);
    await until(async () => first.said().endsWith("ready\n"), 5_000);
  }, 90_000);

  it("elsewhere, when another process took it over: it does not count as failed", async () => {
    const { id } = await desk.join.add(film());
    const colors = createColorEmbedder();
    const taken: Embedder = {
      ...colors,
      async embedPictures(pictures, options) {
        await desk.join.state.put("state", { pk: `ingest#${id}`, owner: "other" });
        return colors.embedPictures(pictures, options);
      },
    };
    const lost = desk.join.ingest({ embedder: taken, isAlone: false }).run(id, waiting());
    await expect(lost).rejects.toMatchObject({ kind: "unavailable" });
    expect(await desk.join.videos.find(id)).toMatchObject({ status: "indexing", failure: null });
  }, 90_000);

  it("with another model in the background, while the old space answers", async () => {
    const { add, ingest, videos, index } = desk.join;
    const old = await ingest().run((await add(film())).id, waiting());
    const embedder = createColorEmbedder({ space: "colors-2", delayMs: 50 });
    const changed = ingest({ embedder });
    await changed.start();
    await until(async () => changed.progressOf(old.id)?.phase === "embedding", 10_000);
    expect(await videos.find(old.id)).toMatchObject({ status: "ready", space: "colors-1" });
    expect(await index.get(old.id, "colors-1")).not.toBeNull();
    await until(async () => (await videos.find(old.id))?.space === "colors-2", 30_000);
    await until(async () => (await index.get(old.id, "colors-1")) === null, 5_000);
    const segment = await index.get(old.id, "colors-2");
    expect(segment?.frames.length).toBe(old.frameCount);
    expect(embedder.embedded()).toBe(old.frameCount);
  }, 60_000);

  it("never with embeddings of two models, when the model changes in the middle", async () => {
    const { id } = await desk.join.add(film());
    const first = desk.join.ingest({ embedder: createColorEmbedder({ delayMs: 100 }) });
    const cutShort = first.run(id, waiting()).catch(() => {});
    await until(async () => (first.progressOf(id)?.frames ?? 0) > 40, 30_000);
    await first.stop();
    await cutShort;
    const embedder = createColorEmbedder({ space: "colors-2" });
    const { frameCount } = await desk.join.ingest({ embedder }).run(id, waiting());
    expect(embedder.embedded()).toBe(frameCount);
  }, 60_000);

  it("after the embeddings cache has expired: the thumbnails are embedded again", async () => {
    const { add, ingest, media, videos, index, clock } = desk.join;
    const { id, frameCount } = await ingest().run((await add(film())).id, waiting());
    const { frames = [] } = (await index.get(id, "colors-1")) ?? {};
    clock.shift(8 * 24 * 3_600_000);
    await ingest().start();
    const last = embeddingKey(id, frames.at(-1)?.timeMs ?? 0);
    await until(async () => !(await media.has(last)), 10_000);
    expect(await index.get(id, "colors-1")).not.toBeNull();
    await index.delete(id);
    await videos.change(id, { status: "uploaded", space: "" });
    const embedder = createColorEmbedder();
    await ingest({ embedder }).run(id, waiting());
    expect(embedder.embedded()).toBe(frameCount);
  }, 60_000);
});
