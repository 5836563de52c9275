import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import { isFinished } from "../../src/job/job.ts";
import {
  createDeployedWorkshop,
  type DeployedWorkshop,
  type DeployedWorkshopOptions,
} from "../fixtures/deployed-workshop.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { type JobQueues, openJobQueues } from "../fixtures/job-queues.ts";
import { createSteppedClock } from "../fixtures/stepped-clock.ts";
import { createStillClock, type StillClock } from "../fixtures/still-clock.ts";

const MINUTE_MS = 60_000;

let storage: EmbeddedStorage;
let queues: JobQueues;
let queueClock: StillClock;

beforeEach(async () => {
  queueClock = createStillClock();
  storage = await openEmbeddedStorage();
  queues = await openJobQueues(queueClock);
});
afterEach(async () => {
  await queues.close();
  await storage.close();
});

const open = (options?: DeployedWorkshopOptions): Promise<DeployedWorkshop> =>
  createDeployedWorkshop(storage, queues, options);

describe("a job whose model is busy", () => {
  const busy = new AtelierError("rate_limited", "The model is busy. Try again in a minute.");
  const drawn = ({ counting }: DeployedWorkshop) => counting.requests.map(({ prompt }) => prompt);

  it("has its next turn after a pause, in any process, before what its person asked for later", async () => {
    const worker = await open();
    const { workspace, counting } = worker;
    const other = await open({ workspace, counting });
    counting.fail(1, busy);
    counting.fail(3, busy);
    const first = await worker.type("ana", "/imagine first");
    await worker.type("ana", "/imagine second");
    await worker.run(await queues.takeJobs());
    expect(await worker.jobs.find(first)).toMatchObject({ status: "queued", attempts: 0 });
    await worker.type("ben", "/imagine a heron");
    await worker.run(await queues.takeJobs());
    for (const pauseMs of [MINUTE_MS, 2 * MINUTE_MS]) {
      queueClock.move(pauseMs - 1_000);
      expect((await queues.takeJobs()).Records).toEqual([]);
      queueClock.move(2_000);
      await other.run(await queues.takeJobs());
    }
    await other.run(await queues.takeJobs());
    expect(drawn(worker)).toEqual(["first", "a heron", "first", "first", "second"]);
    expect([worker, other].map(({ shown }) => shown.map(({ text }) => text))).toEqual([
      ["a heron"],
      ["first", "second"],
    ]);
    expect([...queues.jobs().messages(), ...queues.deadLetters().messages()]).toEqual([]);
  });

  it.each([0, 2])(
    "is told so within its time, and before its message, lost %i times, is a dead letter",
    async (losses) => {
      const startMs = Date.now();
      const clock = createSteppedClock(startMs);
      const worker = await open({ clock });
      worker.counting.fail(0, busy);
      const id = await worker.type("ana", "/imagine a fox");
      for (let loss = 0; loss < losses; loss++) {
        await queues.takeJobs();
        queueClock.move(120 * MINUTE_MS);
      }
      while (!isFinished((await worker.jobs.find(id))?.status ?? "expired")) {
        const event = await queues.takeJobs();
        if (event.Records.length > 0) await worker.run(event);
        else for (const each of [clock, queueClock]) each.move(5_000);
      }
      expect(await worker.jobs.find(id)).toMatchObject({
        status: "failed",
        failure: { kind: "rate_limited", message: busy.message },
      });
      expect(worker.shown.map(({ text }) => text)).toEqual([busy.message]);
      expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(8 * MINUTE_MS);
      expect(clock.nowMs() - startMs).toBeLessThan(14 * MINUTE_MS);
      expect([...queues.jobs().messages(), ...queues.deadLetters().messages()]).toEqual([]);
    },
  );

  it("can be cancelled while it waits", async () => {
    const worker = await open();
    worker.counting.fail(1, busy);
    const id = await worker.type("ana", "/imagine a fox");
    await worker.run(await queues.takeJobs());
    await worker.type("ana", "/cancel");
    await worker.run(await queues.takeJobs());
    expect(await worker.jobs.find(id)).toMatchObject({ status: "cancelled" });
    expect(worker.counting.requests).toHaveLength(1);
  });
});
