import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jobIdFrom } from "../../src/job/job-store.ts";
import {
  createDeployedWorkshop,
  type DeployedWorkshop,
  type DeployedWorkshopOptions,
} from "../fixtures/deployed-workshop.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { type JobQueues, openJobQueues } from "../fixtures/job-queues.ts";
import { createSteppedClock } from "../fixtures/stepped-clock.ts";
import { until } from "../fixtures/until.ts";

const MINUTE_MS = 60_000;

let storage: EmbeddedStorage;
let queues: JobQueues;

beforeEach(async () => {
  storage = await openEmbeddedStorage();
  queues = await openJobQueues();
});
afterEach(async () => {
  await queues.close();
  await storage.close();
});

const open = (options?: DeployedWorkshopOptions): Promise<DeployedWorkshop> =>
  createDeployedWorkshop(storage, queues, options);
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const tooMany = { kind: "rate_limited", retryAfterMs: expect.any(Number) };

describe("a job on the queue", () => {
  it("past its time is not started, and its person reads so", async () => {
    const webhook = await open();
    const worker = await open({ clock: createSteppedClock(Date.now() + 15 * MINUTE_MS) });
    const id = await webhook.type("ana", "/imagine a fox");
    expect(await worker.run(await queues.takeJobs())).toEqual([]);
    expect(await worker.jobs.find(id)).toMatchObject({ status: "expired", pictures: [] });
    expect(worker.counting.requests).toEqual([]);
    expect(worker.shown.map(({ text }) => text)).toEqual([expect.stringMatching(/too long/u)]);
  });

  it("whose webhook died before it was queued is queued by the platform's second try", async () => {
    const worker = await open();
    const id = jobIdFrom("delivery-1");
    // All that a webhook leaves that dies between the record and the message.
    await worker.jobs.create({
      id,
      command: "imagine",
      args: { prompt: "a fox" },
      user: worker.identity("ana"),
      platform: "test",
      place: `test:${worker.workspace}:general`,
      isPrivate: false,
      target: null,
      createdAtMs: Date.now(),
      expiresAtMs: Date.now() + MINUTE_MS,
    });
    expect(await worker.type("ana", "/imagine a fox", "delivery-1")).toBe(id);
    // And a third changes nothing.
    await worker.type("ana", "/imagine a fox", "delivery-1");
    await worker.run(await queues.takeJobs());
    expect(await worker.jobs.find(id)).toMatchObject({ status: "delivered" });
    expect((await queues.takeJobs()).Records).toEqual([]);
  });

  it("that a worker has before SQS's answer is given up is accepted, and its picture shown", async () => {
    const [webhook, worker] = [await open(), await open()];
    const release = worker.counting.hold();
    // It is in the queue from the first try on; the webhook never hears so.
    const lost = { operation: "SendMessage", dropConnection: "after", delayMs: 300 } as const;
    queues.server.next({ ...lost, times: 9 });
    const typed = webhook.type("ana", "/imagine a fox");
    await until(() => queues.jobs().messages().length === 1);
    const running = worker.run(await queues.takeJobs());
    const id = await typed;
    queues.server.endScript();
    release();
    expect(await running).toEqual([]);
    expect(await worker.jobs.find(id)).toMatchObject({ status: "delivered" });
    expect(worker.shown).toHaveLength(1);
  });

  it("that SQS may have, but no worker, is forgotten: its person was told to try again", async () => {
    const webhook = await open();
    const lost = { operation: "SendMessage", dropConnection: "after" } as const;
    queues.server.next({ ...lost, times: 9 });
    const typed = webhook.type("ana", "/imagine a fox", "delivery-2");
    await expect(typed).rejects.toMatchObject({ kind: "unavailable" });
    queues.server.endScript();
    const worker = await open();
    expect(await worker.run(await queues.takeJobs())).toEqual([]);
    expect(await worker.jobs.find(jobIdFrom("delivery-2"))).toBeNull();
    expect(worker.counting.requests).toEqual([]);
  });

  it("whose message was lost is ended by a worker that looks after the others", async () => {
    const webhook = await open();
    const id = await webhook.type("ana", "/imagine a fox");
    await queues.settle(await queues.takeJobs(), { batchItemFailures: [] });
    const clock = createSteppedClock(Date.now() + 20 * MINUTE_MS);
    const worker = await open({ clock });
    await worker.run({ Records: [] });
    expect(await worker.jobs.find(id)).toMatchObject({ status: "queued" });
    clock.move(6 * MINUTE_MS);
    await worker.run({ Records: [] });
    expect(await worker.jobs.find(id)).toMatchObject({ status: "expired" });
    expect(worker.shown).toHaveLength(1);
  });

  it("that answers at once does not wait behind a drawing, nor does anybody else", async () => {
    const worker = await open();
    worker.counting.hold();
    await worker.type("ana", "/imagine a fox");
    await worker.type("ana", "/imagine a heron");
    void worker.run(await queues.takeJobs());
    await until(() => worker.counting.requests.length === 1);
    const history = await worker.type("ana", "/history");
    const other = await open();
    const ben = await other.type("ben", "/imagine a crane");
    for (const _each of [history, ben]) await other.run(await queues.takeJobs());
    expect(await other.jobs.find(history)).toMatchObject({ status: "delivered" });
    expect(await other.jobs.find(ben)).toMatchObject({ status: "delivered" });
    // Ana's second drawing waits for her first.
    expect((await queues.takeJobs()).Records).toEqual([]);
  });
});

describe("/cancel", () => {
  it("ends a waiting job at once, from another process, and its message is done when it comes", async () => {
    const worker = await open();
    const release = worker.counting.hold();
    const first = await worker.type("ana", "/imagine a fox");
    const waiting = await worker.type("ana", "/imagine a heron");
    const running = worker.run(await queues.takeJobs());
    await until(() => worker.counting.requests.length === 1);
    const other = await open();
    await other.type("ana", `/cancel ${waiting}`);
    // Of her own workspace she cannot cancel what is of another.
    expect(await other.run(await queues.takeJobs())).toEqual([]);
    expect(other.shown[0]?.text).toMatch(/only the person/iu);
    const own = await open({ workspace: worker.workspace });
    await own.type("ana", `/cancel ${waiting}`);
    await own.run(await queues.takeJobs());
    expect(await own.jobs.find(waiting)).toMatchObject({ status: "cancelled" });
    expect(own.shown.map(({ text }) => text)).toEqual([
      "Cancelled.",
      expect.stringContaining("is being cancelled"),
    ]);
    release();
    await running;
    expect(await own.run(await queues.takeJobs())).toEqual([]);
    expect(await own.jobs.find(first)).toMatchObject({ status: "delivered" });
    expect(worker.counting.requests).toHaveLength(1);
  });

  it("whose process died before it had ended the job has it ended when its turn comes", async () => {
    const worker = await open();
    const id = await worker.type("ana", "/imagine a fox");
    const expiresAt = Math.floor(Date.now() / 1000) + 60;
    await worker.state.put("state", { pk: `cancel#${id}`, expires_at: expiresAt });
    expect(await worker.run(await queues.takeJobs())).toEqual([]);
    expect(await worker.jobs.find(id)).toMatchObject({ status: "cancelled" });
    expect(worker.counting.requests).toEqual([]);
  });

  it("stops a running job within seconds, whichever process runs it", async () => {
    const worker = await open();
    worker.counting.hold();
    const id = await worker.type("ana", "/imagine a fox");
    const running = worker.run(await queues.takeJobs());
    await until(() => worker.counting.requests.length === 1);
    const other = await open({ workspace: worker.workspace });
    await other.type("ana", "/cancel");
    await other.run(await queues.takeJobs());
    const startMs = Date.now();
    expect(await running).toEqual([]);
    expect(Date.now() - startMs).toBeLessThan(4_000);
    expect(await other.jobs.find(id)).toMatchObject({ status: "cancelled" });
    expect(worker.shown.map(({ text }) => text)).toEqual(["Cancelled."]);
    expect(await worker.state.get("state", `cancel#${id}`)).toBeNull();
  });
});

describe("the waiting limit", () => {
  it("lets ten of a person's jobs wait beside the running one, and refuses the next", async () => {
    const worker = await open();
    const release = worker.counting.hold();
    const ids: string[] = [];
    ids.push(await worker.type("ana", "/imagine fox"));
    const running = worker.run(await queues.takeJobs());
    await until(() => worker.counting.requests.length === 1);
    for (const n of numbers(10)) ids.push(await worker.type("ana", `/imagine fox ${n}`));
    await expect(worker.type("ana", "/imagine a heron", "too-many")).rejects.toMatchObject(tooMany);
    // Neither what answers at once nor anybody else is refused.
    await worker.type("ana", "/history");
    await worker.type("ben", "/imagine a heron");
    await worker.type("ana", `/cancel ${ids.at(-1)}`);
    release();
    await running;
    const other = await open({ workspace: worker.workspace });
    for (;;) {
      const event = await queues.takeJobs(10);
      if (event.Records.length === 0) break;
      await other.run(event);
    }
    const again = await worker.type("ana", "/imagine a heron", "too-many");
    await worker.run(await queues.takeJobs());
    expect(await worker.jobs.find(again)).toMatchObject({ status: "delivered" });
  });

  it("has room again as soon as a waiting job is cancelled", async () => {
    const worker = await open();
    for (const n of numbers(10)) await worker.type("ana", `/imagine fox ${n}`);
    await expect(worker.type("ana", "/imagine a heron")).rejects.toMatchObject(tooMany);
    await worker.type("ana", "/cancel");
    // Those that wait are out, with a worker that is slow.
    expect((await queues.takeJobs(10)).Records).toHaveLength(10);
    await worker.run(await queues.takeJobs());
    await worker.type("ana", "/imagine a heron");
  });

  it("does not count what is past its time", async () => {
    const early = createSteppedClock(Date.now() - 20 * MINUTE_MS);
    const before = await open({ clock: early });
    for (const n of numbers(10)) await before.type("ana", `/imagine fox ${n}`);
    const now = await open({ workspace: before.workspace });
    await now.type("ana", "/imagine a heron");
  });
});
