import { readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  addVideo,
  type BlobStore,
  type FrameServices,
  getCommand,
  type Ingest,
  type Job,
  type Services,
  type VideoStore,
} from "#core";
import { processClock } from "../../src/drivers/process/process-runtime.ts";
import { AtelierError } from "../../src/errors.ts";
import { createVideoStore } from "../../src/frames/video-store.ts";
import { JobStopped } from "../../src/job/job-stopped.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { until } from "../fixtures/until.ts";
import { createWorkshop, type Workshop } from "../fixtures/workshop.ts";

let storage: EmbeddedStorage;
let workshop: Workshop;
let videos: VideoStore;
beforeAll(async () => {
  storage = await openEmbeddedStorage();
  workshop = createWorkshop(storage);
  videos = createVideoStore({ state: workshop.state, bucket: "local" });
});
afterAll(() => storage.close());

const MINUTE_MS = 60_000;

/** A job of /addvideo by that person that began now. */
function jobOf(person: string, lifetimeMs = 14 * MINUTE_MS): Job {
  const createdAtMs = processClock.nowMs();
  return {
    id: `add${Math.random().toString(36).slice(2, 11)}`,
    command: getCommand("addvideo", workshop.services.commands).name,
    args: {},
    user: `test:team:${person}`,
    platform: "test",
    place: "test:team:general",
    isPrivate: false,
    target: null,
    createdAtMs,
    expiresAtMs: createdAtMs + lifetimeMs,
  };
}

/** Ana gives a film of that name to an Atelier whose indexing takes for ever. */
async function adding(
  name: string,
  job: Job,
  { isStoppedStoring = false, fails = null as AtelierError | null } = {},
) {
  const stop = new AbortController();
  const removed: string[] = [];
  let waiting = 0;
  const ingest: Ingest = {
    run: (_id, { signal }) =>
      new Promise((_resolve, reject) => {
        waiting += 1;
        if (fails !== null) reject(fails);
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
    progressOf: () => null,
    async remove(id) {
      removed.push(id);
      await videos.remove(id);
    },
    start: async () => {},
    stop: async () => {},
  };
  const frames: Partial<FrameServices> = { videos, ingest, videoMaxBytes: 1_000 };
  const { media } = workshop.services.stores;
  const services = {
    ...workshop.services,
    stores: {
      ...workshop.services.stores,
      media: {
        ...media,
        async putFile(...given) {
          await media.putFile(...given);
          if (isStoppedStoring) stop.abort(new JobStopped("cancelled"));
        },
      } satisfies BlobStore,
    },
    openFrames: async () => frames,
    async saveVideo(_given, _job, { path }) {
      await writeFile(path, `\0\0\0\x20ftypisom${name}`, { flag: "wx" });
      return { title: `${name}.mp4`, mediaType: "video/mp4" };
    },
  } as Partial<Services> as Services;
  const done = addVideo({ video: { attachment: name } }, job, services, {
    signal: stop.signal,
    progress: () => {},
  });
  const settled = done.catch((thrown: unknown) => thrown);
  await Promise.race([until(async () => waiting > 0), settled]);
  return { done, settled, stop, removed };
}

const leftovers = async (job: Job) =>
  (await readdir(tmpdir())).filter((name) => name.includes(job.id));

describe("a video whose indexing takes long", () => {
  it("goes on by itself when an answer cannot wait any longer", async () => {
    const job = jobOf("ana", 91_000);
    const { done, removed } = await adding("long", job);
    expect(await done).toMatchObject({
      wasHere: false,
      video: { title: "long", status: "uploaded", library: "test:team", addedBy: job.user },
    });
    expect(removed).toEqual([]);
    expect(await leftovers(job)).toEqual([]);
  });

  it("is stored and said to go on where its model is too busy now", async () => {
    const fails = new AtelierError("rate_limited", "The search model is busy.");
    const { done, removed } = await adding("busy", jobOf("ana"), { fails });
    expect(await done).toMatchObject({ video: { title: "busy", status: "uploaded" } });
    expect(removed).toEqual([]);
  });

  it("is removed when the person who added it cancels", async () => {
    const { settled, stop, removed } = await adding("own", jobOf("ana"));
    stop.abort(new JobStopped("cancelled"));
    expect(await settled).toMatchObject({ reason: "cancelled" });
    expect(removed).toHaveLength(1);
  });

  it("is removed when it is cancelled while its file is being stored", async () => {
    const { settled, removed } = await adding("half", jobOf("ana"), { isStoppedStoring: true });
    expect(await settled).toMatchObject({ reason: "cancelled" });
    expect(removed).toHaveLength(1);
  });

  it("stays when the one who cancels only joined it, and when the process stops", async () => {
    const first = await adding("shared", jobOf("ana"));
    const second = await adding("shared", jobOf("ben"));
    second.stop.abort(new JobStopped("cancelled"));
    await second.settled;
    first.stop.abort(new JobStopped("shutdown"));
    expect(await first.settled).toMatchObject({ reason: "shutdown" });
    expect([...first.removed, ...second.removed]).toEqual([]);
    expect((await videos.list("test:team")).map(({ title }) => title)).toContain("shared");
  });
});
