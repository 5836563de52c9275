import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import { createCountingModel } from "../fixtures/counting-model.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { createSteppedClock } from "../fixtures/stepped-clock.ts";
import { until } from "../fixtures/until.ts";
import { createWorkshop, type Workshop, type WorkshopOptions } from "../fixtures/workshop.ts";

const HEARTBEAT_MS = 45_000;
let storage: EmbeddedStorage;
let workshops: Workshop[];

beforeEach(async () => {
  storage = await openEmbeddedStorage();
  workshops = [];
});
afterEach(async () => {
  await Promise.all(workshops.map((workshop) => workshop.stop()));
  await storage.close();
});

async function start(options: WorkshopOptions = {}): Promise<Workshop> {
  const workshop = createWorkshop(storage, options);
  workshops.push(workshop);
  await workshop.start();
  return workshop;
}

/** A process whose clock has stopped: it beats no more, as if it had been killed. */
const startDoomed = (options: WorkshopOptions = {}) =>
  start({ ...options, clock: createSteppedClock() });

/** The clock of a process that starts when the heartbeats of those before it have run out. */
const afterwards = () => createSteppedClock(Date.now() + HEARTBEAT_MS + 2_000);

const hang = () => new Promise<never>(() => {});

describe("a process that stops", () => {
  it("puts back what runs and what waits, and the next one on the store finishes it", async () => {
    const first = await start();
    first.counting.hold();
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4]) ids.push(await first.type("ana", `/imagine fox ${n}`));
    await until(() => first.counting.requests.length === 3);
    await first.stop();
    for (const id of ids) {
      expect(await first.jobs.find(id)).toMatchObject({ status: "queued", attempts: 0 });
    }
    const second = await start({ workspace: first.workspace });
    for (const id of ids) {
      expect(await second.finished(id)).toMatchObject({ status: "delivered", attempts: 1 });
    }
    expect(first.shown).toHaveLength(0);
    expect(second.shown).toHaveLength(4);
  });

  it("lets what is nearly done finish within the grace", async () => {
    const workshop = await start();
    const release = workshop.counting.hold();
    const id = await workshop.type("ana", "/imagine a fox");
    await until(() => workshop.counting.requests.length === 1);
    const stopped = workshop.stop(20_000);
    release();
    await stopped;
    expect(await workshop.jobs.find(id)).toMatchObject({ status: "delivered" });
  });

  it("takes nothing back while it stops, so that a job in the line is not lost", async () => {
    const workshop = await start({ runningInAll: 1 });
    const release = workshop.counting.hold();
    await workshop.type("ana", "/imagine a fox");
    const waiting = await workshop.type("ana", "/imagine a heron");
    await until(() => workshop.counting.requests.length === 1);
    const stopped = workshop.stop(20_000);
    expect(await workshop.queue.cancel(waiting)).toBe(false);
    expect(workshop.queue.position(waiting)).toBe(0);
    release();
    await stopped;
  });
});

describe("a process that died", () => {
  it("has its jobs taken over, and nothing that it finishes late is shown", async () => {
    const dead = await startDoomed();
    const release = dead.counting.hold();
    const id = await dead.type("ana", "/imagine a fox");
    await until(() => dead.counting.requests.length === 1);
    const heir = await start({ clock: afterwards() });
    expect(await heir.finished(id)).toMatchObject({ status: "delivered", attempts: 2 });
    release();
    await dead.stop(20_000);
    expect(dead.shown).toHaveLength(0);
    expect(heir.shown.map(({ jobId }) => jobId)).toEqual([id]);
  });

  it("has them taken over by one process that ran already, with its next heartbeat", async () => {
    const dead = await startDoomed();
    const clock = createSteppedClock();
    const heir = await start({ clock });
    dead.counting.hold();
    const id = await dead.type("ana", "/imagine a fox");
    for (let beat = 0; beat < 4; beat++) {
      expect(heir.counting.requests).toHaveLength(0);
      await until(() => clock.sleeping() === 1);
      clock.move(15_000);
    }
    expect(await heir.finished(id)).toMatchObject({ status: "delivered" });
  });

  it("has them taken over by one of two that start together", async () => {
    const dead = await startDoomed();
    dead.counting.hold();
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) ids.push(await dead.type("ana", `/imagine fox ${n}`));
    await until(() => dead.counting.requests.length === 3);
    const heirs = await Promise.all([
      start({ clock: afterwards() }),
      start({ clock: afterwards() }),
    ]);
    for (const id of ids) await dead.finished(id);
    expect(heirs.flatMap(({ shown }) => shown.map(({ jobId }) => jobId)).sort()).toEqual(
      [...ids].sort(),
    );
  });

  it("leaves none of a person's jobs behind, though they are more than may wait at once", async () => {
    const clock = afterwards();
    const ids: string[] = [];
    for (const name of ["first", "second"]) {
      const dead = await startDoomed({ workspace: "shared" });
      dead.counting.hold();
      for (let n = 0; n < 9; n++) ids.push(await dead.type("ana", `/imagine ${name} ${n}`));
      await until(() => dead.counting.requests.length === 3);
    }
    const heir = await start({ clock, workspace: "shared" });
    await until(async () => {
      if (clock.sleeping() === 1) clock.move(15_000);
      return heir.shown.length === ids.length;
    });
    for (const id of ids) expect(await heir.finished(id)).toMatchObject({ status: "delivered" });
  });

  it("has a card that it kept, but did not show, shown without drawing again", async () => {
    const counting = createCountingModel();
    const dead = await startDoomed({ counting, deliver: hang });
    const id = await dead.type("ana", "/imagine a fox");
    await until(async () => (await dead.jobs.find(id))?.card != null);
    const heir = await start({ counting, clock: afterwards() });
    // The dead one hangs for ever; only the heir can be stopped.
    workshops = [heir];
    const record = await heir.finished(id);
    expect(record).toMatchObject({ status: "delivered", failure: null });
    expect(record.pictures).toHaveLength(1);
    expect(heir.shown[0]?.text).toBe("a fox");
    expect(counting.requests).toHaveLength(1);
  });

  it("has a failure that it kept, but did not show, shown and recorded as one", async () => {
    const counting = createCountingModel();
    counting.fail(1, new AtelierError("refused", "That cannot be drawn."));
    const dead = await startDoomed({ counting, deliver: hang });
    const id = await dead.type("ana", "/imagine a fox");
    await until(async () => (await dead.jobs.find(id))?.card != null);
    const heir = await start({ counting, clock: afterwards() });
    // The dead one hangs for ever; only the heir can be stopped.
    workshops = [heir];
    expect(await heir.finished(id)).toMatchObject({
      status: "refused",
      failure: { kind: "refused", message: "That cannot be drawn." },
    });
    expect(counting.requests).toHaveLength(1);
  });

  it("takes a job with it three times at most", async () => {
    const counting = createCountingModel();
    counting.hold();
    const clock = createSteppedClock();
    const first = await startDoomed({ counting });
    const id = await first.type("ana", "/imagine a fox");
    for (const attempts of [1, 2, 3]) {
      await until(() => counting.requests.length === attempts);
      expect(await first.jobs.find(id)).toMatchObject({ status: "running", attempts });
      clock.move(HEARTBEAT_MS + 2_000);
      await start({ counting, clock: createSteppedClock(clock.nowMs()) });
    }
    expect(await first.finished(id)).toMatchObject({
      status: "failed",
      attempts: 4,
      failure: { kind: "internal" },
    });
    expect(counting.requests).toHaveLength(3);
  });
});

describe("a process that lives", () => {
  it("keeps its jobs when another one starts", async () => {
    const first = await start();
    const release = first.counting.hold();
    const id = await first.type("ana", "/imagine a fox");
    await until(() => first.counting.requests.length === 1);
    const second = await start();
    expect(await second.jobs.find(id)).toMatchObject({ owner: first.jobs.owner, attempts: 1 });
    release();
    await first.finished(id);
    expect(second.counting.requests).toHaveLength(0);
    expect(first.shown).toHaveLength(1);
  });

  it("alone on its store takes over at once whatever is open", async () => {
    const dead = await startDoomed();
    dead.counting.hold();
    const id = await dead.type("ana", "/imagine a fox");
    await until(() => dead.counting.requests.length === 1);
    const only = await start({ isAlone: true });
    expect(await only.finished(id)).toMatchObject({ status: "delivered" });
  });
});

describe("a platform that is away for longer than three tries", () => {
  it("gets the card later, from the same process, without the command being run again", async () => {
    const clock = createSteppedClock();
    let isAway = true;
    const workshop = await start({
      clock,
      deliver: async () => {
        if (isAway) throw new AtelierError("unavailable", "The platform is away.");
      },
    });
    const id = await workshop.type("ana", "/imagine a fox");
    await until(() => {
      clock.move(1_000);
      return !workshop.queue.holds(id);
    });
    expect(await workshop.jobs.find(id)).toMatchObject({ status: "running" });
    isAway = false;
    await until(() => {
      clock.move(15_000);
      return workshop.shown.length > 0;
    });
    expect(await workshop.finished(id)).toMatchObject({ status: "delivered", attempts: 2 });
    expect(workshop.counting.requests).toHaveLength(1);
  });
});
