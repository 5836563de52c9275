import { describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import { createCountingModel } from "../fixtures/counting-model.ts";
import { useDeployedDesk } from "../fixtures/deployed-desk.ts";
import type { DeployedWorkshop } from "../fixtures/deployed-workshop.ts";
import type { JobEvent } from "../fixtures/job-queues.ts";
import { createSteppedClock } from "../fixtures/stepped-clock.ts";
import { until } from "../fixtures/until.ts";

/** A heartbeat ends after 45 seconds, a message's visibility timeout after 60. */
const HEARTBEAT_MS = 45_000;
const VISIBILITY_MS = 60_000;

const desk = useDeployedDesk();
const { open } = desk;

const idsOf = ({ Records }: JobEvent) => Records.map(({ messageId }) => messageId);
const jobOf = (event: JobEvent) => JSON.parse(event.Records[0]?.body ?? "{}").jobId;
/** Gives what is in the queue, one message at a time, until nothing is. */
async function runAll(worker: DeployedWorkshop): Promise<void> {
  for (;;) {
    const event = await desk.queues.takeJobs();
    if (event.Records.length === 0) return;
    await worker.run(event);
  }
}

describe("a message", () => {
  it("has its job worked on by another process than took it, and is gone then", async () => {
    const webhook = await open();
    const worker = await open({ workspace: webhook.workspace });
    const id = await webhook.type("ana", "/imagine a red fox --seed 7");
    const event = await desk.queues.takeJobs();
    expect(event.Records[0]?.attributes.MessageGroupId).toBe(webhook.identity("ana"));
    expect(event.Records[0]?.attributes.MessageDeduplicationId).toBe(id);
    expect(await worker.run(event)).toEqual([]);
    expect(await webhook.jobs.find(id)).toMatchObject({ status: "delivered", attempts: 1 });
    expect(worker.shown.map(({ text }) => text)).toEqual(["a red fox"]);
    expect(desk.queues.jobs().messages()).toEqual([]);
  });

  it("of a finished job that is given again counts as done", async () => {
    const worker = await open();
    await worker.type("ana", "/imagine a fox");
    const event = await desk.queues.takeJobs();
    await worker.run(event);
    expect(await worker.run(event)).toEqual([]);
    const other = await open();
    expect(await other.run(event)).toEqual([]);
    expect(worker.counting.requests).toHaveLength(1);
    expect([...worker.shown, ...other.shown]).toHaveLength(1);
  });

  it("that several processes, or one, are given at the same time has its job run once", async () => {
    const counting = createCountingModel();
    const workers = await Promise.all([1, 2, 3, 4].map(() => open({ counting })));
    const id = await workers[0]?.type("ana", "/imagine a fox");
    const event = await desk.queues.takeJobs();
    const answers = await Promise.all([...workers, ...workers].map((each) => each.run(event)));
    expect(counting.requests).toHaveLength(1);
    expect(workers.flatMap(({ shown }) => shown.map(({ jobId }) => jobId))).toEqual([id]);
    expect(answers.filter((failed) => failed.length === 0).length).toBeGreaterThan(0);
  });

  it("of a job that a living process works on comes again later, and is done then", async () => {
    const [first, second] = [await open(), await open()];
    const release = first.counting.hold();
    const id = await first.type("ana", "/imagine a fox");
    const running = first.run(await desk.queues.takeJobs());
    await until(() => first.counting.requests.length === 1);
    desk.queueClock.move(VISIBILITY_MS + 1_000);
    const again = await desk.queues.takeJobs();
    expect(jobOf(again)).toBe(id);
    expect(await second.run(again)).toEqual(idsOf(again));
    expect((await desk.queues.takeJobs()).Records).toEqual([]);
    release();
    await running;
    desk.queueClock.move(HEARTBEAT_MS + 1_000);
    expect(await second.run(await desk.queues.takeJobs())).toEqual([]);
    expect(first.shown).toHaveLength(1);
    expect([...second.counting.requests, ...second.shown]).toEqual([]);
    expect(desk.queues.jobs().messages()).toEqual([]);
  });

  it("of a job that could not be queued for sure, and was taken back, is done", async () => {
    const worker = await open();
    desk.queues.server.next({ operation: "SendMessage", dropConnection: "after", times: 3 });
    await expect(worker.type("ana", "/imagine a fox")).rejects.toMatchObject({
      kind: "unavailable",
    });
    const event = await desk.queues.takeJobs();
    expect(event.Records).toHaveLength(1);
    expect(await worker.run(event)).toEqual([]);
    expect([...worker.counting.requests, ...worker.shown]).toEqual([]);
  });
});

describe("a worker that dies in the middle of a job", () => {
  it("has it taken over within about a minute, and nothing that it finishes late is shown", async () => {
    // Its clock has stopped: it gives no sign of life any more, as if it had been killed.
    const dead = await open({ clock: createSteppedClock() });
    const release = dead.counting.hold();
    const id = await dead.type("ana", "/imagine a fox");
    const lost = dead.run(await desk.queues.takeJobs());
    await until(() => dead.counting.requests.length === 1);
    desk.queueClock.move(VISIBILITY_MS - 1_000);
    expect((await desk.queues.takeJobs()).Records).toEqual([]);
    desk.queueClock.move(2_000);
    const heir = await open({ clock: createSteppedClock(Date.now() + HEARTBEAT_MS + 2_000) });
    expect(await heir.run(await desk.queues.takeJobs())).toEqual([]);
    expect(await heir.jobs.find(id)).toMatchObject({ status: "delivered", attempts: 2 });
    release();
    expect(await lost).toEqual([]);
    expect(dead.shown).toEqual([]);
    expect(heir.shown.map(({ jobId }) => jobId)).toEqual([id]);
  });

  it("with the card made but not shown has it shown, and nothing is paid for twice", async () => {
    const counting = createCountingModel();
    const dead = await open({
      clock: createSteppedClock(),
      counting,
      deliver: () => new Promise(() => {}),
    });
    const id = await dead.type("ana", "/imagine a fox");
    void dead.run(await desk.queues.takeJobs());
    await until(async () => (await dead.jobs.find(id))?.card != null);
    desk.queueClock.move(VISIBILITY_MS + 1_000);
    const heir = await open({
      counting,
      clock: createSteppedClock(Date.now() + HEARTBEAT_MS + 2_000),
    });
    expect(await heir.run(await desk.queues.takeJobs())).toEqual([]);
    expect(heir.shown.map(({ text }) => text)).toEqual(["a fox"]);
    expect(counting.requests).toHaveLength(1);
  });

  it("gives signs of life until then, so that a long job stays its own", async () => {
    const clock = createSteppedClock();
    const worker = await open({ clock });
    const release = worker.counting.hold();
    await worker.type("ana", "/imagine a fox");
    const running = worker.run(await desk.queues.takeJobs());
    await until(() => worker.counting.requests.length === 1);
    const renewals = () =>
      desk.queues.server.requests.filter(
        ({ operation }) => operation === "ChangeMessageVisibility",
      );
    const other = await open({ clock });
    for (let beat = 1; beat <= 10; beat++) {
      // The beat, the look for a cancellation, and the claim on the picture.
      await until(() => clock.sleeping() === 3);
      clock.move(15_000);
      desk.queueClock.move(15_000);
      await until(() => renewals().length === 1 + beat);
      expect((await desk.queues.takeJobs()).Records).toEqual([]);
    }
    expect(other.shown).toEqual([]);
    release();
    expect(await running).toEqual([]);
  });
});

describe("a batch", () => {
  it("of any size fails in part: a group stops at its first failure and keeps its order", async () => {
    let isAway = true;
    const worker = await open({
      deliver: async ({ user }) => {
        if (isAway && user.endsWith(":ana")) throw new AtelierError("unavailable", "Away.");
      },
    });
    const ana = [
      await worker.type("ana", "/imagine first --seed 1"),
      await worker.type("ana", "/imagine second --seed 2"),
    ];
    const ben = await worker.type("ben", "/imagine a heron");
    await desk.queues.sendBody("no JSON at all");
    await desk.queues.sendBody('{"jobId": 7}', "others");
    const event = await desk.queues.takeJobs(10);
    expect(event.Records).toHaveLength(5);
    const ids = idsOf(event);
    const failed = await worker.run(event);
    expect(failed.sort()).toEqual([ids[0], ids[1], ids[3], ids[4]].sort());
    expect(await worker.jobs.find(ben)).toMatchObject({ status: "delivered" });
    expect(await worker.jobs.find(ana[1] ?? "")).toMatchObject({ status: "queued", attempts: 0 });
    isAway = false;
    // Another process, while the first one lives.
    const other = await open({ workspace: worker.workspace });
    desk.queueClock.move(14_000);
    await runAll(other);
    expect(other.shown).toEqual([]);
    desk.queueClock.move(2_000);
    await runAll(other);
    expect(worker.shown.map(({ text }) => text)).toEqual(["a heron"]);
    expect(other.shown.map(({ text }) => text)).toEqual(["first", "second"]);
    expect([worker.counting, other.counting].map(({ requests }) => requests.length)).toEqual([
      2, 1,
    ]);
  });

  it("is empty without harm, and nothing but the queue's own events is taken", async () => {
    const worker = await open();
    expect(await worker.run({ Records: [] })).toEqual([]);
    for (const event of [null, "text", {}, { Records: [{ messageId: "x" }] }]) {
      const given = Object(event) as JobEvent;
      await expect(worker.run(given)).rejects.toMatchObject({ kind: "misconfigured" });
    }
  });

  it("puts its jobs back before the function's time is over, and they begin again at once", async () => {
    const worker = await open();
    const release = worker.counting.hold();
    const id = await worker.type("ana", "/imagine a fox");
    const second = await worker.type("ana", "/imagine a heron");
    const event = await desk.queues.takeJobs(10);
    const failed = await worker.run(event, { getRemainingTimeInMillis: () => 3_000 });
    expect(failed).toEqual(idsOf(event));
    expect(await worker.jobs.find(id)).toMatchObject({ status: "queued", attempts: 0 });
    release();
    await runAll(await open());
    expect(await worker.jobs.find(id)).toMatchObject({ status: "delivered", attempts: 1 });
    expect(await worker.jobs.find(second)).toMatchObject({ status: "delivered" });
  });
});
