import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import type { Clock, Embedder } from "../../src/ports/index.ts";
import { createColorEmbedder } from "../fixtures/color-embedder.ts";
import { type IngestDesk, openIngestDesk } from "../fixtures/ingest-desk.ts";
import { makeShots, missingForVideos } from "../fixtures/made-videos.ts";
import { until } from "../fixtures/until.ts";

const missing = missingForVideos();
const name = "indexing, when the model does not answer for a while";
const waiting = () => ({ signal: AbortSignal.timeout(25_000), progress: () => {} });
const busy = new AtelierError("rate_limited", "The search model is busy. Try again in a minute.");

describe.skipIf(missing !== null)(missing === null ? name : `${name} (${missing})`, () => {
  let folder: string;
  let desk: IngestDesk;
  const film = () => join(folder, "film.mp4");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "atelier-films-"));
    const shots = ["red", "moving", "blue"].map((color) => ({ color, seconds: 3 }));
    await makeShots(film(), shots, { size: "160x120", rate: 10 });
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    desk = await openIngestDesk();
  });
  afterEach(() => desk.close());

  /** Refuses so many pictures first; then it is as `createColorEmbedder`. */
  function refusing(times: number, space = "colors-1"): Embedder {
    const colors = createColorEmbedder({ space });
    let left = times;
    return {
      ...colors,
      async embedPictures(pictures, options) {
        left -= 1;
        if (left >= 0) throw busy;
        return colors.embedPictures(pictures, options);
      },
    };
  }

  /** Its pauses are a fiftieth. */
  const quickClock = (): Clock => ({
    ...desk.join.clock,
    sleep: (ms, signal) => desk.join.clock.sleep(ms / 50, signal),
  });

  it("tries again by itself, tells the operator, and never calls the video failed", async () => {
    const { add, ingest, videos, errors } = desk.join;
    const { id } = await add(film());
    const seen = new Set<string>();
    const running = ingest({ embedder: refusing(3), clock: quickClock() }).run(id, waiting());
    const watch = setInterval(async () => seen.add((await videos.find(id))?.status ?? ""), 50);
    expect((await running).status).toBe("ready");
    clearInterval(watch);
    expect(seen).not.toContain("failed");
    expect(errors.length).toBeGreaterThan(0);
    expect(errors[0]).toEqual({ videoId: id, message: busy.message });
  });

  it("lets other videos have their turn meanwhile", async () => {
    const { add, ingest } = desk.join;
    const first = await add(film());
    const ingesting = ingest({ embedder: refusing(1) });
    const ends: string[] = [];
    const late = ingesting.run(first.id, waiting()).then(({ id }) => ends.push(id));
    await until(async () => desk.join.errors.length > 0, 10_000);
    const second = await add(film(), { id: "fedcba9876543210" });
    await ingesting.run(second.id, waiting()).then(({ id }) => ends.push(id));
    await late;
    expect(ends).toEqual([second.id, first.id]);
  });

  it("brings a video that can be found into another model's space all the same", async () => {
    const { add, ingest, videos } = desk.join;
    const { id } = await ingest().run((await add(film())).id, waiting());
    const embedder = refusing(2, "colors-2");
    await ingest({ embedder, clock: quickClock() }).start();
    await until(async () => (await videos.find(id))?.space === "colors-2", 15_000);
    expect((await videos.find(id))?.status).toBe("ready");
  });

  it("gives up for now where a later run takes it up, and leaves it to that", async () => {
    const { add, ingest, videos } = desk.join;
    const { id } = await add(film());
    const onDemand = { clock: quickClock(), isAlone: false, endsUnattended: true };
    const tried = ingest({ ...onDemand, embedder: refusing(1_000) }).run(id, waiting());
    await expect(tried).rejects.toMatchObject({ kind: "rate_limited" });
    expect(await videos.find(id)).toMatchObject({ status: "indexing", failure: null });
    const later = await ingest({ ...onDemand, owner: "later" }).run(id, waiting());
    expect(later.status).toBe("ready");
  });
});
