import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import { createCountingModel } from "../fixtures/counting-model.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { quietLog } from "../fixtures/quiet.ts";
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

async function start(options: WorkshopOptions = {}) {
  const workshop = createWorkshop(storage, options);
  started.push(workshop);
  await workshop.start();
  return {
    workshop,
    run: async (text: string) => workshop.finished(await workshop.type("ana", text)),
    press: async (button: string, jobId: string) =>
      workshop.finished(await workshop.press("ana", button, jobId)),
  };
}

describe("a job that is over", () => {
  it("says that it was deleted when it is shown again", async () => {
    const { run, press } = await start();
    const { id } = await run("/imagine a fox");
    await press("delete", id);
    const { card } = await run(`/show ${id}`);
    expect(card).toMatchObject({ text: "Deleted by the person who asked.", images: [] });
    expect(card?.replaces).toBeUndefined();
  });

  it("whose pictures are somebody else's says so when it is deleted, and leaves them", async () => {
    const { workshop, run } = await start();
    const made = await run("/imagine a shared fox --seed 3");
    const served = await workshop.finished(
      await workshop.type("ben", "/imagine a shared fox --seed 3"),
    );
    const removed = await workshop.finished(await workshop.press("ben", "delete", served.id));
    expect(removed.card?.text).toContain("belong to whoever had them made");
    const key = made.pictures[0]?.blob.key ?? "";
    expect(await workshop.services.stores.outputs.has(key)).toBe(true);
  });

  it("cannot be re-rolled once its model is gone, and says what to do instead", async () => {
    const { workshop, run } = await start();
    const { id } = await run("/imagine a fox");
    const counting = createCountingModel();
    const newer = { ...counting, model: { ...counting.model, id: "newer.v1" } };
    const later = await start({ workspace: workshop.workspace, counting: newer });
    const { failure } = await later.press("reroll", id);
    expect(failure).toMatchObject({ kind: "not_found" });
    expect(failure?.message).toContain("choose another --model");
  });

  it("is in the history, however many quick commands came after it", async () => {
    const { run } = await start();
    const { id } = await run("/imagine a fox");
    for (let n = 0; n < 65; n++) await run("/help");
    const { card } = await run("/history");
    expect(card?.fields.map(({ label }) => label)).toEqual([id]);
  });

  it("that failed in part has told the operator of what is missing", async () => {
    const warnings: unknown[] = [];
    const log = { ...quietLog, warn: (fields: unknown) => void warnings.push(fields) };
    const { workshop, run } = await start({ log });
    const failure = new AtelierError("internal", "The second one broke.");
    workshop.counting.fail(2, failure);
    const record = await run("/imagine a fox --count 2 --seed 8");
    expect(record.pictures).toHaveLength(1);
    expect(warnings).toEqual([{ jobId: record.id, kind: "internal", err: failure }]);
  });
});

describe("a restyle of four", () => {
  it("reads the picture that it starts from once", async () => {
    const { workshop, run } = await start();
    await run("/imagine a fox");
    const { inputs } = workshop.services.stores;
    const get = inputs.get.bind(inputs);
    const read: string[] = [];
    inputs.get = (key, options) => {
      if (key.startsWith("inputs/")) read.push(key);
      return get(key, options);
    };
    const record = await run("/restyle as an etching --count 4 --seed 5");
    expect(record.pictures).toHaveLength(4);
    expect(read).toHaveLength(1);
  });
});

describe("a prompt", () => {
  it("that fills the limit alone is refused with a style, in words that say why", async () => {
    const { workshop, run } = await start();
    const { failure } = await run(`/imagine ${"a".repeat(9_990)} --style photo`);
    expect(failure).toMatchObject({ kind: "invalid_input" });
    expect(failure?.message).toContain("the words of its style");
    expect(workshop.counting.requests).toEqual([]);
  });
});

describe("a cache that cannot be written", () => {
  it("does not take the picture away that was drawn", async () => {
    const { workshop, run } = await start();
    const { state } = workshop;
    const put = state.put.bind(state);
    state.put = async (table, item, anyOf) => {
      if (table === "cache" && item.status === "ready") throw new Error("Throttled.");
      return put(table, item, anyOf);
    };
    const record = await run("/imagine a fox --seed 21");
    expect(record).toMatchObject({ status: "delivered" });
    expect(record.pictures).toHaveLength(1);
  });
});

describe("a cancelled job whose card was kept, but not shown, when its process died", () => {
  it("ends as cancelled", async () => {
    let release = () => {};
    const stuck = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = await start({ deliver: () => stuck });
    first.workshop.counting.hold();
    const id = await first.workshop.type("ana", "/imagine a fox");
    await expect.poll(() => first.workshop.counting.requests.length).toBe(1);
    await first.workshop.queue.cancel(id);
    await expect
      .poll(async () => (await first.workshop.jobs.find(id))?.card?.text)
      .toBe("Cancelled.");
    const kept = await first.workshop.jobs.find(id);
    if (kept === null) throw new Error("The job is gone.");
    const next = await start({ workspace: first.workshop.workspace });
    await next.workshop.jobs.change(kept, { owner: next.workshop.jobs.owner, status: "queued" });
    await next.workshop.queue.enqueue({ jobId: id, user: kept.user, quick: false });
    expect(await next.workshop.finished(id)).toMatchObject({ status: "cancelled" });
    expect(next.workshop.shown.map(({ text }) => text)).toEqual(["Cancelled."]);
    release();
  });
});
