import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { createSteppedClock } from "../fixtures/stepped-clock.ts";
import { until } from "../fixtures/until.ts";
import { createWorkshop, type Workshop, type WorkshopOptions } from "../fixtures/workshop.ts";

let storage: EmbeddedStorage;
const started: Workshop[] = [];

beforeAll(async () => {
  storage = await openEmbeddedStorage();
});
afterAll(async () => {
  await Promise.all(started.map((workshop) => workshop.stop()));
  await storage.close();
});

function start(options?: WorkshopOptions): Workshop {
  const workshop = createWorkshop(storage, options);
  // Recovery has a suite of its own; here each test has its own jobs only.
  void workshop.start();
  started.push(workshop);
  return workshop;
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("a job", () => {
  it("is run once and its card shown once", async () => {
    const workshop = start();
    const id = await workshop.type("ana", "/imagine a red fox --seed 7");
    const record = await workshop.finished(id);
    expect(record).toMatchObject({ status: "delivered", attempts: 1, failure: null });
    expect(record.pictures).toHaveLength(1);
    expect(record.finishedAtMs).not.toBeNull();
    expect(workshop.shown.map(({ jobId }) => jobId)).toEqual([id]);
    expect(workshop.shown[0]?.card.text).toBe("a red fox");
  });

  it("runs once however often its delivery arrives", async () => {
    const workshop = start();
    const again = () => workshop.type("ana", "/imagine a red fox", { delivery: "delivery-1" });
    const ids = await Promise.all([again(), again(), again()]);
    expect(new Set(ids).size).toBe(1);
    await workshop.finished(String(ids[0]));
    expect(await again()).toBe(ids[0]);
    expect(workshop.counting.requests).toHaveLength(1);
    expect(workshop.shown).toHaveLength(1);
  });

  it("is delivered at the third try when the platform is away for two", async () => {
    const clock = createSteppedClock();
    let tries = 0;
    const workshop = start({
      clock,
      async deliver() {
        if (++tries < 3) throw new Error("The platform is away.");
      },
    });
    // The recovery's own beat sleeps too.
    const id = await workshop.type("ana", "/imagine a red fox");
    for (const failed of [1, 2]) {
      await until(() => tries === failed && clock.sleeping() === 2);
      clock.move(1_000);
    }
    expect(await workshop.finished(id)).toMatchObject({ status: "delivered" });
    expect(workshop.shown).toHaveLength(1);
    expect(workshop.counting.requests).toHaveLength(1);
  });

  it("that fails shows why, as a refusal where the content was declined", async () => {
    const workshop = start();
    const id = await workshop.type("ana", "/imagine a fox --model crayon");
    expect(await workshop.finished(id)).toMatchObject({
      status: "failed",
      failure: { kind: "invalid_input", message: expect.stringContaining("crayon") },
      pictures: [],
    });
    expect(workshop.shown[0]?.text).toContain("crayon");
  });

  it("that broke on our side tells the person its id and nothing of the cause", async () => {
    const workshop = start();
    workshop.counting.fail(0, new TypeError("secret detail"));
    const id = await workshop.type("ana", "/imagine a fox");
    const { failure, status } = await workshop.finished(id);
    expect(status).toBe("failed");
    expect(failure?.message).toContain(id);
    expect(failure?.message).not.toContain("secret");
  });

  it("with the longest texts in three-byte characters and four pictures can be recorded", async () => {
    const workshop = start();
    const prompt = "狐".repeat(10_000);
    const negative = "犬".repeat(1_900);
    const id = await workshop.type("ana", `/imagine ${prompt} --no ${negative} --count 4`);
    const record = await workshop.finished(id);
    expect(record.status).toBe("delivered");
    expect(record.pictures).toHaveLength(4);
  });

  it("past its time is not started", async () => {
    const clock = createSteppedClock();
    const workshop = createWorkshop(storage, { clock });
    const id = await workshop.type("ana", "/imagine a fox");
    clock.move(15 * 60_000);
    await workshop.start();
    started.push(workshop);
    expect(await workshop.finished(id)).toMatchObject({ status: "expired", pictures: [] });
    expect(workshop.counting.requests).toHaveLength(0);
    expect(workshop.shown[0]?.text).toMatch(/too long/u);
  });

  it("that a button asks for is of the job that the button belongs to", async () => {
    const workshop = start();
    const id = await workshop.type("ana", "/imagine a red fox --seed 7");
    await workshop.finished(id);
    const info = await workshop.finished(await workshop.press("ben", "info", id));
    expect(info.card?.code).toContain("/imagine a red fox");
    expect(info.isPrivate).toBe(true);
    await expect(workshop.press("ben", "imagine", id)).rejects.toMatchObject({
      kind: "invalid_input",
    });
    await expect(workshop.press("ben", "info", "nosuchjob")).rejects.toMatchObject({
      kind: "not_found",
    });
  });
});

describe("the line", () => {
  it("lets three of a person's jobs run and ten wait, and refuses the fourteenth", async () => {
    const workshop = start();
    const release = workshop.counting.hold();
    const ids: string[] = [];
    for (const n of numbers(13)) ids.push(await workshop.type("ana", `/imagine fox ${n}`));
    await until(() => workshop.counting.requests.length === 3);
    expect(ids.map((id) => workshop.queue.position(id))).toEqual([
      ...[null, null, null],
      ...numbers(10),
    ]);
    await expect(
      workshop.type("ana", "/imagine one too many", { delivery: "too-many" }),
    ).rejects.toMatchObject({ kind: "rate_limited", retryAfterMs: expect.any(Number) });
    // Neither what answers at once nor anybody else is held up, and no more than three run.
    await workshop.finished(await workshop.type("ana", "/history"));
    const ben = await workshop.type("ben", "/imagine a heron");
    await until(() => workshop.counting.requests.length === 4);
    release();
    await Promise.all([...ids, ben].map((id) => workshop.finished(id)));
    expect(workshop.counting.requests).toHaveLength(14);
    const again = await workshop.type("ana", "/imagine one too many", { delivery: "too-many" });
    expect(await workshop.finished(again)).toMatchObject({ status: "delivered" });
  });

  it("refuses the eleventh who would wait also while all places are taken by others", async () => {
    const workshop = start({ runningInAll: 1 });
    const release = workshop.counting.hold();
    const ids = [await workshop.type("ben", "/imagine a heron")];
    for (const n of numbers(10)) ids.push(await workshop.type("ana", `/imagine fox ${n}`));
    await expect(workshop.type("ana", "/imagine another")).rejects.toMatchObject({
      kind: "rate_limited",
    });
    release();
    await Promise.all(ids.map((id) => workshop.finished(id)));
  });

  it("lets people take turns, whoever came first with many", async () => {
    const workshop = start({ runningInAll: 1 });
    const release = workshop.counting.hold();
    const ids = [await workshop.type("ana", "/imagine first")];
    await until(() => workshop.counting.requests.length === 1);
    for (const n of numbers(4)) ids.push(await workshop.type("ana", `/imagine ana ${n}`));
    for (const n of numbers(2)) ids.push(await workshop.type("ben", `/imagine ben ${n}`));
    expect(ids.map((id) => workshop.queue.position(id))).toEqual([null, 0, 2, 4, 5, 1, 3]);
    release();
    await Promise.all(ids.map((id) => workshop.finished(id)));
    expect(workshop.counting.requests.map(({ prompt }) => prompt)).toEqual([
      "first",
      "ana 0",
      "ben 0",
      "ana 1",
      "ben 1",
      "ana 2",
      "ana 3",
    ]);
  });
});

describe("a job whose model is busy", () => {
  const busy = () => new AtelierError("rate_limited", "The model is busy. Try again in a minute.");

  it("keeps its place, and is drawn after a pause", async () => {
    const workshop = start({ runningInAll: 1 });
    workshop.counting.fail(1, busy());
    const first = await workshop.type("ana", "/imagine first");
    const second = await workshop.type("ben", "/imagine second");
    for (const id of [first, second]) {
      expect(await workshop.finished(id)).toMatchObject({ status: "delivered", attempts: 1 });
    }
    expect(workshop.counting.requests.map(({ prompt }) => prompt)).toEqual([
      "first",
      "first",
      "second",
    ]);
    expect(workshop.shown.map(({ text }) => text)).toEqual(["first", "second"]);
  });

  it("is not drawn, and paid for, again where it was the store that was busy", async () => {
    const workshop = start();
    const busyStore = new AtelierError("rate_limited", "The picture store is busy.");
    const { stores } = workshop.services;
    const outputs = { ...stores.outputs, put: () => Promise.reject(busyStore) };
    Object.assign(workshop.services, { stores: { ...stores, outputs } });
    const id = await workshop.type("ana", "/imagine a paid fox");
    const { failure } = await workshop.finished(id);
    expect(failure).toMatchObject({ kind: "rate_limited", message: "The picture store is busy." });
    expect(workshop.counting.requests).toHaveLength(1);
  });

  it("is not begun again by a process that stops, nor waited for", async () => {
    const workshop = start({ busyPauseMs: 300 });
    workshop.counting.fail(1, busy());
    const id = await workshop.type("ana", "/imagine a fox");
    await until(async () => (await workshop.jobs.find(id))?.status === "queued");
    await workshop.stop(5_000);
    await sleep(500);
    expect(workshop.counting.requests).toHaveLength(1);
    const left = await workshop.jobs.find(id);
    expect(left).toMatchObject({ status: "queued", attempts: 0 });
    // Or the next process, of the next test, would take it over.
    if (left !== null) await workshop.jobs.change(left, { status: "cancelled" });
  });

  it("can be cancelled while it waits", async () => {
    const workshop = start({ busyPauseMs: 60_000 });
    workshop.counting.fail(1, busy());
    const id = await workshop.type("ana", "/imagine a fox");
    await until(() => workshop.counting.requests.length === 1);
    await until(async () => (await workshop.jobs.find(id))?.status === "queued");
    await workshop.finished(await workshop.type("ana", `/cancel ${id}`));
    expect(await workshop.finished(id)).toMatchObject({ status: "cancelled" });
    expect(workshop.counting.requests).toHaveLength(1);
  });
});

describe("/cancel", () => {
  it("stops the newest job that waits, and it is never drawn", async () => {
    const workshop = start();
    const release = workshop.counting.hold();
    const ids: string[] = [];
    for (const n of numbers(4)) ids.push(await workshop.type("ana", `/imagine fox ${n}`));
    await workshop.finished(await workshop.type("ana", "/cancel"));
    expect(await workshop.finished(String(ids[3]))).toMatchObject({ status: "cancelled" });
    release();
    await Promise.all(ids.map((id) => workshop.finished(id)));
    expect(workshop.counting.requests).toHaveLength(3);
  });

  it("stops a job that runs, and makes room for the next", async () => {
    const workshop = start({ runningInAll: 2 });
    const release = workshop.counting.hold();
    const id = await workshop.type("ana", "/imagine a fox");
    await until(() => workshop.counting.requests.length === 1);
    await workshop.finished(await workshop.type("ana", `/cancel ${id.toUpperCase()}`));
    expect(await workshop.finished(id)).toMatchObject({ status: "cancelled", pictures: [] });
    expect(workshop.shown.find(({ jobId }) => jobId === id)?.text).toBe("Cancelled.");
    const next = await workshop.type("ana", "/imagine a fox");
    release();
    expect(await workshop.finished(next)).toMatchObject({ status: "delivered" });
  });

  it("does not stop somebody else's job, nor one that is over", async () => {
    const workshop = start();
    const release = workshop.counting.hold();
    const id = await workshop.type("ana", "/imagine a fox");
    await until(() => workshop.counting.requests.length === 1);
    const tried = await workshop.finished(await workshop.type("ben", `/cancel ${id}`));
    expect(tried.failure?.kind).toBe("not_allowed");
    const nothing = await workshop.finished(await workshop.type("ben", "/cancel"));
    expect(nothing.failure?.kind).toBe("not_found");
    release();
    expect(await workshop.finished(id)).toMatchObject({ status: "delivered" });
    const late = await workshop.finished(await workshop.type("ana", `/cancel ${id}`));
    expect(late.failure?.kind).toBe("not_found");
  });
});
