import { describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import { isFinished } from "../../src/job/job.ts";
import { useDeployedDesk } from "../fixtures/deployed-desk.ts";
import type { DeployedWorkshop } from "../fixtures/deployed-workshop.ts";
import { createSteppedClock } from "../fixtures/stepped-clock.ts";

const MINUTE_MS = 60_000;

const desk = useDeployedDesk();
const { open } = desk;

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
    await worker.run(await desk.queues.takeJobs());
    expect(await worker.jobs.find(first)).toMatchObject({ status: "queued", attempts: 0 });
    await worker.type("ben", "/imagine a heron");
    await worker.run(await desk.queues.takeJobs());
    for (const pauseMs of [MINUTE_MS, 2 * MINUTE_MS]) {
      desk.queueClock.move(pauseMs - 1_000);
      expect((await desk.queues.takeJobs()).Records).toEqual([]);
      desk.queueClock.move(2_000);
      await other.run(await desk.queues.takeJobs());
    }
    await other.run(await desk.queues.takeJobs());
    expect(drawn(worker)).toEqual(["first", "a heron", "first", "first", "second"]);
    expect([worker, other].map(({ shown }) => shown.map(({ text }) => text))).toEqual([
      ["a heron"],
      ["first", "second"],
    ]);
    expect([...desk.queues.jobs().messages(), ...desk.queues.deadLetters().messages()]).toEqual([]);
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
        await desk.queues.takeJobs();
        desk.queueClock.move(120 * MINUTE_MS);
      }
      while (!isFinished((await worker.jobs.find(id))?.status ?? "expired")) {
        const event = await desk.queues.takeJobs();
        if (event.Records.length > 0) await worker.run(event);
        else for (const each of [clock, desk.queueClock]) each.move(5_000);
      }
      expect(await worker.jobs.find(id)).toMatchObject({
        status: "failed",
        failure: { kind: "rate_limited", message: busy.message },
      });
      expect(worker.shown.map(({ text }) => text)).toEqual([busy.message]);
      expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(8 * MINUTE_MS);
      expect(clock.nowMs() - startMs).toBeLessThan(14 * MINUTE_MS);
      expect([...desk.queues.jobs().messages(), ...desk.queues.deadLetters().messages()]).toEqual(
        [],
      );
    },
  );

  it("can be cancelled while it waits", async () => {
    const worker = await open();
    worker.counting.fail(1, busy);
    const id = await worker.type("ana", "/imagine a fox");
    await worker.run(await desk.queues.takeJobs());
    await worker.type("ana", "/cancel");
    await worker.run(await desk.queues.takeJobs());
    expect(await worker.jobs.find(id)).toMatchObject({ status: "cancelled" });
    expect(worker.counting.requests).toHaveLength(1);
  });
});
