import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JobStopped } from "../../src/job/job-stopped.ts";
import type { JobQueue } from "../../src/ports/index.ts";
import { until } from "../fixtures/until.ts";

/** What a worker does with a job until its promise resolves; the signal is the job's. */
export type ContractWorker = (jobId: string, signal: AbortSignal) => Promise<void>;

export interface JobQueueUnderTest {
  /** At most ten of a person's jobs that draw may wait. */
  queue: JobQueue;
  /** Writes the job's record, where the driver needs one; then it can be queued. */
  accept(job: { jobId: string; user: string; quick: boolean }): Promise<void>;
  /** From now on jobs are given to the worker. */
  start(worker: ContractWorker): Promise<void>;
  close(): Promise<void>;
}

const WAITING_MAX = 10;

/** What every JobQueue promises. */
export function jobQueueContract(name: string, open: () => Promise<JobQueueUnderTest>): void {
  describe(name, () => {
    let given: JobQueueUnderTest;
    let people = 0;
    let jobs = 0;
    /** In the order of their start, with why they were stopped. */
    const started: { jobId: string; stopped: unknown }[] = [];
    const held = new Map<string, () => void>();
    const idsStarted = () => started.map(({ jobId }) => jobId);

    /** Queued before anybody works. */
    const early: string[] = [];

    beforeAll(async () => {
      given = await open();
      const ana = newPerson();
      early.push(await put(ana), await put(ana));
      await given.start(async (jobId, signal) => {
        const entry = { jobId, stopped: signal.aborted ? signal.reason : null };
        started.push(entry);
        if (!held.has(jobId) || signal.aborted) return;
        await new Promise<void>((resolve) => {
          held.set(jobId, resolve);
          signal.addEventListener("abort", () => {
            entry.stopped = signal.reason;
            resolve();
          });
        });
      });
    });
    afterAll(async () => {
      for (const release of held.values()) release();
      await given.close();
    });

    const newPerson = () => `test:contract:person${people++}`;
    async function put(user: string, { quick = false, isHeld = false } = {}): Promise<string> {
      const jobId = `job${jobs++}`;
      if (isHeld) held.set(jobId, () => {});
      const ticket = { jobId, user, quick };
      await given.accept(ticket);
      await given.queue.enqueue(ticket);
      return jobId;
    }
    async function release(jobId: string): Promise<void> {
      held.get(jobId)?.();
    }

    it("keeps what is queued before anybody works", async () => {
      await until(() => early.every((id) => idsStarted().includes(id)));
      expect(idsStarted().filter((id) => early.includes(id))).toEqual(early);
    });

    it("gives each job once, a person's in their order", async () => {
      const ana = newPerson();
      const ids: string[] = [];
      for (let n = 0; n < 5; n++) ids.push(await put(ana));
      await until(() => ids.every((id) => idsStarted().includes(id)));
      expect(idsStarted().filter((id) => ids.includes(id))).toEqual(ids);
    });

    it("does not add a ticket that waits or runs already", async () => {
      const ana = newPerson();
      const id = await put(ana, { isHeld: true });
      await given.queue.enqueue({ jobId: id, user: ana, quick: false });
      await until(() => idsStarted().includes(id));
      await given.queue.enqueue({ jobId: id, user: ana, quick: false });
      await release(id);
      const next = await put(ana);
      await until(() => idsStarted().includes(next));
      expect(idsStarted().filter((each) => each === id)).toHaveLength(1);
    });

    it("lets nobody wait for somebody else's jobs, nor what answers at once for drawings", async () => {
      const [ana, ben] = [newPerson(), newPerson()];
      const slow: string[] = [];
      for (let n = 0; n < 4; n++) slow.push(await put(ana, { isHeld: true }));
      await until(() => idsStarted().includes(slow[0] ?? ""));
      const others = [await put(ben), await put(ana, { quick: true })];
      await until(() => others.every((id) => idsStarted().includes(id)));
      expect(idsStarted()).not.toContain(slow[3]);
      for (const id of slow) {
        await until(() => idsStarted().includes(id));
        await release(id);
      }
    });

    it("aborts a running job's signal when it is cancelled", async () => {
      const id = await put(newPerson(), { isHeld: true });
      await until(() => idsStarted().includes(id));
      expect(await given.queue.cancel(id)).toBe(true);
      const reasonOf = () => started.find(({ jobId }) => jobId === id)?.stopped;
      await until(() => reasonOf() !== null);
      expect(reasonOf()).toBeInstanceOf(JobStopped);
      expect(reasonOf()).toMatchObject({ reason: "cancelled" });
    });

    it("has a waiting job that is cancelled ended by a worker, with a signal that has aborted", async () => {
      const ana = newPerson();
      const ids: string[] = [];
      for (let n = 0; n < 4; n++) ids.push(await put(ana, { isHeld: true }));
      const waiting = ids[3] ?? "";
      await until(() => idsStarted().includes(ids[0] ?? ""));
      expect(await given.queue.cancel(waiting)).toBe(true);
      await until(() => idsStarted().includes(waiting));
      expect(started.find(({ jobId }) => jobId === waiting)?.stopped).toMatchObject({
        reason: "cancelled",
      });
      for (const id of ids.slice(0, 3)) {
        await until(() => idsStarted().includes(id));
        await release(id);
      }
      expect(idsStarted().filter((each) => each === waiting)).toHaveLength(1);
    });

    it("refuses what would wait behind ten others of the same person, and nobody else's", async () => {
      const [ana, ben] = [newPerson(), newPerson()];
      const ids: string[] = [];
      let refused: unknown = null;
      while (refused === null && ids.length <= 2 * WAITING_MAX) {
        try {
          ids.push(await put(ana, { isHeld: true }));
        } catch (thrown) {
          refused = thrown;
        }
      }
      expect(refused).toMatchObject({ kind: "rate_limited", retryAfterMs: expect.any(Number) });
      expect(ids.length).toBeGreaterThanOrEqual(WAITING_MAX);
      const others = [await put(ana, { quick: true }), await put(ben)];
      await until(() => others.every((id) => idsStarted().includes(id)));
      for (const id of ids) {
        await until(() => idsStarted().includes(id));
        await release(id);
      }
      const more = await put(ana);
      await until(() => idsStarted().includes(more));
    });
  });
}
