import { Hono } from "hono";
import { beforeAll, describe, expect, it } from "vitest";
import type { JobView } from "../../adapters/playground/job-view.ts";
import { createJobViews } from "../../adapters/playground/job-views.ts";
import { streamViews } from "../../adapters/playground/view-stream.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { createStillClock } from "../fixtures/still-clock.ts";
import { until } from "../fixtures/until.ts";
import { createWorkshop } from "../fixtures/workshop.ts";

const KEEP_ALIVE_MS = 50;

let storage: EmbeddedStorage;
beforeAll(async () => {
  storage = await openEmbeddedStorage();
  return () => storage.close();
});

/** Two processes on the same tables; the page of the first one is looked at. */
function twoProcesses() {
  const clock = createStillClock();
  const here = createWorkshop(storage, { clock });
  const there = createWorkshop(storage, { clock, workspace: here.workspace });
  const views = createJobViews(here.services);
  const viewer = { place: `test:${here.workspace}:general`, identity: here.identity("ana") };
  const app = new Hono();
  /** The first look and, from the second on, a slow store's. */
  let looks = 0;
  let look = Promise.resolve();
  app.get("/slow-channel", (context) =>
    streamViews(context, views, {
      read: async () => {
        looks += 1;
        if (looks > 1) await look;
        return views.latest(viewer, 30);
      },
      isWanted: ({ place }) => place === viewer.place,
      isOneJob: false,
      keepAliveMs: KEEP_ALIVE_MS,
    }),
  );
  app.get("/channel", (context) =>
    streamViews(context, views, {
      read: () => views.latest(viewer, 30),
      isWanted: ({ place }) => place === viewer.place,
      isOneJob: false,
      keepAliveMs: KEEP_ALIVE_MS,
    }),
  );
  app.get("/jobs/:id", (context) =>
    streamViews(context, views, {
      read: async () => [await views.find(context.req.param("id"))],
      isWanted: ({ id }) => id === context.req.param("id"),
      isOneJob: true,
      keepAliveMs: KEEP_ALIVE_MS,
    }),
  );

  /** Follows a stream; `seen` and `keptAlive` grow meanwhile. */
  async function follow(path: string) {
    const { body } = await app.request(path);
    if (body === null) throw new Error("The stream is empty.");
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    const heard = { seen: [] as JobView[], keptAlive: 0, hasEnded: false };
    const reading = (async () => {
      for (let text = ""; ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
        const events = text.split("\n\n");
        text = events.pop() ?? "";
        for (const event of events) {
          if (event === ": still here") heard.keptAlive += 1;
          const data = /^data: (.*)$/mu.exec(event)?.[1];
          if (data !== undefined) heard.seen.push(JSON.parse(data));
        }
      }
      heard.hasEnded = true;
    })();
    return {
      heard,
      async close(): Promise<void> {
        await reader.cancel();
        await reading;
      },
    };
  }

  /** From now on the store answers lists only when the returned function was called. */
  function holdLooks(): () => void {
    let letThrough = () => {};
    look = new Promise((resolve) => {
      letThrough = resolve;
    });
    return () => letThrough();
  }

  return { clock, here, there, views, follow, holdLooks, looks: () => looks };
}

const statusesOf = (views: readonly JobView[]) => views.map(({ status }) => status);

describe("a stream of a process that shares its tables with another", () => {
  it("tells of what the other one accepted and finished, each change once", async () => {
    const { there, follow } = twoProcesses();
    const before = await there.type("ana", "/imagine what was there before");
    const { heard, close } = await follow("/channel");
    const jobId = await there.type("ana", "/imagine a fox");
    await until(() => heard.seen.length === 1);
    expect(heard.seen).toMatchObject([{ job_id: jobId, status: "queued", card: null }]);

    await there.start();
    await there.finished(jobId);
    await there.finished(before);
    const isDone = (id: string) =>
      heard.seen.some(({ job_id, status }) => job_id === id && status === "done");
    await until(() => isDone(jobId) && isDone(before));
    const last = heard.seen.findLast(({ job_id }) => job_id === jobId);
    expect(last?.card?.images).toHaveLength(1);
    const { seen, keptAlive } = { seen: heard.seen.length, keptAlive: heard.keptAlive };
    await until(() => heard.keptAlive > keptAlive + 2);
    expect(heard.seen).toHaveLength(seen);
    await close();
    await there.stop();
  });

  it("does not repeat what this process told already", async () => {
    const { here, follow } = twoProcesses();
    const { heard, close } = await follow("/channel");
    await here.start();
    const jobId = await here.type("ana", "/imagine a hare");
    await here.finished(jobId);
    await until(() => statusesOf(heard.seen).includes("done"));
    const { keptAlive } = heard;
    await until(() => heard.keptAlive > keptAlive + 2);
    const results = heard.seen.filter(({ status }) => status === "done");
    expect(results).toHaveLength(1);
    await close();
    await here.stop();
  });

  it("tells no older news once a look at the store has told the end", async () => {
    const { here, follow, holdLooks, looks } = twoProcesses();
    const letThrough = holdLooks();
    const { heard, close } = await follow("/slow-channel");
    await until(() => looks() > 1);
    await here.start();
    const jobId = await here.type("ana", "/imagine a stoat");
    await here.finished(jobId);
    letThrough();
    await until(() => heard.keptAlive > 3);
    expect(statusesOf(heard.seen)).toEqual(["done"]);
    await close();
    await here.stop();
  });

  it("of one job ends when the other one has finished it", async () => {
    const { there, follow } = twoProcesses();
    const jobId = await there.type("ana", "/imagine an owl");
    const { heard } = await follow(`/jobs/${jobId}`);
    await until(() => heard.seen.length === 1);
    await there.start();
    await until(() => heard.hasEnded);
    expect(statusesOf(heard.seen).at(-1)).toBe("done");
    await there.stop();
  });
});

describe("what a process knows of a job besides its record", () => {
  /** Accepted here and half done, when the other process begins to work on it or its time is over. */
  async function halfDone() {
    const processes = twoProcesses();
    const { here } = processes;
    const jobId = await here.type("ana", "/imagine a heron --count 2");
    const queued = await here.jobs.find(jobId);
    if (queued === null) throw new Error("The job is gone.");
    const record = await here.jobs.change(queued, { status: "running" });
    if (record === null) throw new Error("The job was changed by somebody else.");
    here.jobs.reportProgress(jobId, { done: 1, total: 2 });
    return { ...processes, jobId, record };
  }

  it("is shown while it works on the job", async () => {
    const { views, jobId } = await halfDone();
    expect(await views.get(jobId)).toMatchObject({ progress: { done: 1, total: 2 } });
  });

  it("is forgotten once another process has taken the job over", async () => {
    const { there, here, views, jobId, record } = await halfDone();
    await there.jobs.change(record, { owner: there.jobs.owner });
    expect(await views.get(jobId)).not.toHaveProperty("progress");
    const told: string[] = [];
    views.watch(({ id }) => told.push(id));
    here.jobs.reportProgress(jobId, { done: 2, total: 2 });
    expect(told).toEqual([]);
  });

  it("is forgotten when the job's time is over, also when nobody asks for it", async () => {
    const { clock, here, views, jobId, record } = await halfDone();
    clock.move(record.expiresAtMs - clock.nowMs() + 1);
    const told: string[] = [];
    views.watch(({ id }) => told.push(id));
    const next = await here.type("ana", "/imagine a crane");
    here.jobs.reportProgress(jobId, { done: 2, total: 2 });
    expect(told).toEqual([next]);
  });
});
