import { describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import { createCountingModel } from "../fixtures/counting-model.ts";
import { useDeployedDesk } from "../fixtures/deployed-desk.ts";
import type { JobEvent } from "../fixtures/job-queues.ts";
import { createSteppedClock } from "../fixtures/stepped-clock.ts";
import { until } from "../fixtures/until.ts";

const RECEIVES_MAX = 5;
const HOUR_MS = 3_600_000;
const HEARTBEAT_MS = 45_000;

const desk = useDeployedDesk();
const { open } = desk;

/** Lets the queue give a message as often as it does, to a worker that never answers. */
async function exhaust(): Promise<JobEvent> {
  for (let receive = 0; receive < RECEIVES_MAX; receive++) {
    expect((await desk.queues.takeJobs()).Records).toHaveLength(1);
    desk.queueClock.move(2 * HOUR_MS);
  }
  expect((await desk.queues.takeJobs()).Records).toEqual([]);
  return desk.queues.takeDeadLetters();
}

describe("a job that no worker could end", () => {
  it("is failed, and its person reads so once, with the reference, however often it is given", async () => {
    const workshop = await open();
    const id = await workshop.type("ana", "/imagine a fox");
    const event = await exhaust();
    expect(event.Records[0]?.attributes.DeadLetterQueueSourceArn).toBe(desk.queues.jobsArn);
    const others = [await open(), await open()];
    await Promise.all([workshop, ...others].map((each) => each.end(event)));
    expect(await workshop.jobs.find(id)).toMatchObject({
      status: "failed",
      failure: { kind: "internal", message: expect.stringContaining(`reference ${id}`) },
    });
    expect(await workshop.end(event)).toEqual([]);
    const shown = [workshop, ...others].flatMap((each) => each.shown);
    expect(shown.map(({ text }) => text)).toEqual([expect.stringContaining(id)]);
    expect(desk.queues.deadLetters().messages()).toEqual([]);
    expect(workshop.counting.requests).toEqual([]);
  });

  it("although its picture is made has it shown after all, and is not drawn again", async () => {
    const counting = createCountingModel();
    const dead = await open({
      clock: createSteppedClock(),
      counting,
      deliver: () => new Promise(() => {}),
    });
    const id = await dead.type("ana", "/imagine a fox");
    const event = await desk.queues.takeJobs();
    void dead.run(event);
    await until(async () => (await dead.jobs.find(id))?.card != null);
    const later = await open({
      counting,
      clock: createSteppedClock(Date.now() + HEARTBEAT_MS + 2_000),
    });
    expect(await later.end(event)).toEqual([]);
    expect(await later.jobs.find(id)).toMatchObject({ status: "delivered", failure: null });
    expect(later.shown.map(({ text }) => text)).toEqual(["a fox"]);
    expect(counting.requests).toHaveLength(1);
  });

  it("holds nothing any more: who asks for the same picture has it drawn at once", async () => {
    const dead = await open({ clock: createSteppedClock() });
    dead.counting.hold();
    await dead.type("ana", "/imagine a fox --seed 7");
    void dead.run(await desk.queues.takeJobs());
    await until(() => dead.counting.requests.length === 1);
    const clock = createSteppedClock(Date.now() + HEARTBEAT_MS + 2_000);
    const heir = await open({ clock, workspace: dead.workspace });
    desk.queueClock.move(2 * HOUR_MS);
    for (let receive = 1; receive < RECEIVES_MAX; receive++) {
      await desk.queues.takeJobs();
      desk.queueClock.move(2 * HOUR_MS);
    }
    expect((await desk.queues.takeJobs()).Records).toEqual([]);
    await heir.end(await desk.queues.takeDeadLetters());
    const id = await heir.type("ben", "/imagine a fox --seed 7");
    expect(await heir.run(await desk.queues.takeJobs())).toEqual([]);
    expect(await heir.jobs.find(id)).toMatchObject({ status: "delivered" });
    expect(heir.counting.requests).toHaveLength(1);
  });

  it("is tried again while its platform is away", async () => {
    let isAway = true;
    const workshop = await open({
      deliver: async () => {
        if (isAway) throw new AtelierError("unavailable", "Away.");
      },
    });
    const id = await workshop.type("ana", "/imagine a fox");
    const event = await exhaust();
    expect(await workshop.end(event)).toEqual([event.Records[0]?.messageId]);
    isAway = false;
    desk.queueClock.move(20_000);
    expect(await workshop.end(await desk.queues.takeDeadLetters())).toEqual([]);
    expect(await workshop.jobs.find(id)).toMatchObject({ status: "failed" });
    expect(workshop.shown).toHaveLength(1);
  });
});

describe("a dead letter", () => {
  it("of a job that a living process works on waits for it", async () => {
    const worker = await open();
    const release = worker.counting.hold();
    const id = await worker.type("ana", "/imagine a fox");
    const event = await desk.queues.takeJobs();
    const running = worker.run(event);
    await until(() => worker.counting.requests.length === 1);
    const other = await open();
    expect(await other.end(event)).toEqual([event.Records[0]?.messageId]);
    release();
    expect(await running).toEqual([]);
    expect(await other.end(event)).toEqual([]);
    expect(await worker.jobs.find(id)).toMatchObject({ status: "delivered" });
    expect(other.shown).toEqual([]);
  });

  it("that names no job, or one that is gone, is dropped", async () => {
    const workshop = await open();
    await desk.queues.sendBody("not ours");
    await desk.queues.sendBody('{"jobId":"nosuchjob"}', "another");
    expect(await workshop.end(await desk.queues.takeJobs(10))).toEqual([]);
    expect(desk.queues.jobs().messages()).toEqual([]);
  });
});
