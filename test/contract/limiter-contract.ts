import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { Limiter, Priority } from "../../src/ports/index.ts";
import { until } from "../fixtures/until.ts";

export interface LimiterLimits {
  id: string;
  requestsPerMinute: number;
  concurrency: number;
}

/** Enough for everything at once, where a test is not about the rate. */
const PLENTY = 6_000;
let lastId = 0;

/** Limits of their own, so that tests do not share a bucket. */
export function limitsOf(concurrency: number, requestsPerMinute = PLENTY): LimiterLimits {
  lastId += 1;
  return { id: `upstream-${process.pid}-${lastId}`, requestsPerMinute, concurrency };
}

export const live = (priority: Priority = "interactive") => ({
  priority,
  signal: new AbortController().signal,
});

/** A call that can be held open; counts how many are under way, and notes when each began. */
export function recorder(holdMs = 0) {
  const seen = { underWay: 0, most: 0, startsMs: [] as number[], names: [] as string[] };
  const call =
    (name = "") =>
    async () => {
      seen.names.push(name);
      seen.startsMs.push(performance.now());
      seen.underWay += 1;
      seen.most = Math.max(seen.most, seen.underWay);
      await sleep(holdMs);
      seen.underWay -= 1;
      return name;
    };
  return { seen, call };
}

/** Proves that a driver keeps the contract of Limiter. */
export function limiterContract(
  name: string,
  makeLimiter: (limits: LimiterLimits) => Promise<Limiter>,
): void {
  describe(`${name} keeps the contract of Limiter`, () => {
    const opened: Limiter[] = [];
    afterEach(() => Promise.all(opened.splice(0).map((limiter) => limiter.close())));
    const open = async (limits: LimiterLimits): Promise<Limiter> => {
      const limiter = await makeLimiter(limits);
      opened.push(limiter);
      return limiter;
    };

    it("passes a call's result and its error on", async () => {
      const limiter = await open(limitsOf(2));
      expect(await limiter.schedule(async () => 42, live())).toBe(42);
      const error = new Error("upstream");
      const failing = limiter.schedule(() => Promise.reject(error), live());
      await expect(failing).rejects.toBe(error);
      expect(await limiter.schedule(async () => "next", live())).toBe("next");
    });

    it("never has more calls under way than its concurrency", async () => {
      const limiter = await open(limitsOf(3));
      const { seen, call } = recorder(20);
      await Promise.all(Array.from({ length: 12 }, () => limiter.schedule(call(), live())));
      expect(seen.most).toBe(3);
      expect(seen.startsMs).toHaveLength(12);
    });

    it("starts a few calls at once and the others at its rate", async () => {
      // Two at once, then 119 a minute: about one each half second.
      const limiter = await open(limitsOf(2, 120));
      const { seen, call } = recorder();
      await Promise.all(Array.from({ length: 6 }, () => limiter.schedule(call(), live())));
      const [first = 0, second = 0, , , , last = 0] = seen.startsMs;
      expect(second - first).toBeLessThan(400);
      expect(last - first).toBeGreaterThan(4 * 504 - 260);
      expect(last - first).toBeLessThan(3_500);
    });

    it("starts people's calls before batches", async () => {
      const limiter = await open(limitsOf(1));
      const { seen, call } = recorder(150);
      const all = [
        limiter.schedule(call("running"), live("batch")),
        limiter.schedule(call("batch 1"), live("batch")),
        limiter.schedule(call("batch 2"), live("batch")),
      ];
      await until(() => seen.names.includes("running"));
      all.push(
        limiter.schedule(call("person 1"), live()),
        limiter.schedule(call("person 2"), live()),
      );
      await Promise.all(all);
      expect(seen.names).toEqual(["running", "person 1", "person 2", "batch 1", "batch 2"]);
    });

    it("never makes a call that was aborted while it waited, and spends nothing on it", async () => {
      // Two at once, then about one each half second.
      const limiter = await open(limitsOf(2, 120));
      const { seen, call } = recorder(40);
      const running = [limiter.schedule(call("a"), live()), limiter.schedule(call("b"), live())];
      const controllers = Array.from({ length: 20 }, () => new AbortController());
      const waiting = controllers.map(({ signal }) =>
        limiter.schedule(call("aborted"), { priority: "interactive", signal }).catch((e) => e),
      );
      await sleep(20);
      const reason = new Error("no longer wanted");
      for (const controller of controllers) controller.abort(reason);
      expect(new Set(await Promise.all(waiting))).toEqual(new Set([reason]));
      await Promise.all(running);
      // By now two calls may start at once again, unless the aborted ones spent what came in.
      await sleep(1_400);
      const startedMs = performance.now();
      await Promise.all([limiter.schedule(call("c"), live()), limiter.schedule(call("d"), live())]);
      expect(performance.now() - startedMs).toBeLessThan(350);
      expect(seen.names).toEqual(["a", "b", "c", "d"]);
    });

    it("does not make a call whose signal is aborted already", async () => {
      const limiter = await open(limitsOf(1));
      const { seen, call } = recorder();
      const reason = new Error("too late");
      const scheduled = limiter.schedule(call(), {
        priority: "interactive",
        signal: AbortSignal.abort(reason),
      });
      await expect(scheduled).rejects.toBe(reason);
      expect(seen.startsMs).toEqual([]);
    });

    it("starts nothing during a pause, what waits and what comes, and everything after it", async () => {
      const limiter = await open(limitsOf(1));
      const { seen, call } = recorder(50);
      const all = [
        limiter.schedule(call("running"), live()),
        limiter.schedule(call("waits"), live()),
      ];
      while (seen.startsMs.length === 0) await sleep(1);
      const pausedMs = performance.now();
      limiter.pause(400);
      limiter.pause(10);
      all.push(limiter.schedule(call("comes"), live()));
      await Promise.all(all);
      expect(seen.names).toEqual(["running", "waits", "comes"]);
      expect((seen.startsMs[1] ?? 0) - pausedMs).toBeGreaterThanOrEqual(399);
      expect((seen.startsMs[2] ?? 0) - pausedMs).toBeLessThan(1_500);
    });

    it("rejects at close what waits and what comes, and lets run what runs", async () => {
      const limiter = await open(limitsOf(1));
      const { seen, call } = recorder(50);
      const running = limiter.schedule(call("running"), live());
      while (seen.startsMs.length === 0) await sleep(1);
      const waiting = limiter.schedule(call("waits"), live()).catch((error) => error);
      await limiter.close();
      expect(await running).toBe("running");
      expect(await waiting).toMatchObject({ kind: "unavailable" });
      await expect(limiter.schedule(call("comes"), live())).rejects.toMatchObject({
        kind: "unavailable",
      });
      expect(seen.names).toEqual(["running"]);
    });
  });
}
