import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createRequestTime } from "../../infra/deployed/webhook-request-time.ts";
import { processClock } from "../../src/drivers/process/process-runtime.ts";

const time = createRequestTime(processClock);
const forEver = () => new Promise<never>(() => {});

describe("the time of a request", () => {
  it("gives a part's outcome through while there is some", async () => {
    const done = time.run(Date.now(), async () => {
      const value = await time.within(1_000, async () => 7);
      const failure = time.within(1_000, async () => Promise.reject(new Error("its own")));
      await expect(failure).rejects.toThrow("its own");
      return value;
    });
    expect(await done).toBe(7);
  });

  it("ends a part that takes longer, and tells it so", async () => {
    let reason: unknown;
    const work = time.run(Date.now(), () =>
      time.within(40, (signal) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
        });
        return forEver();
      }),
    );
    await expect(work).rejects.toMatchObject({ kind: "unavailable" });
    expect(reason).toMatchObject({ kind: "unavailable" });
  });

  it("counts from the request's arrival, and begins nothing afterwards", async () => {
    let begun = 0;
    const part = async () => {
      begun += 1;
    };
    await expect(time.run(Date.now() - 50, () => time.within(40, part))).rejects.toMatchObject({
      kind: "unavailable",
    });
    await time.run(Date.now() - 50, () => time.within(2_000, part));
    expect(begun).toBe(1);
  });

  it("ends for what a request left behind, too", async () => {
    let left: Promise<unknown> = Promise.resolve();
    await time.run(Date.now(), async () => {
      left = sleep(60).then(() => time.within(40, async () => "said at a later request"));
      left.catch(() => {});
    });
    await expect(left).rejects.toMatchObject({ kind: "unavailable" });
  });

  it("is each request's own, and nobody's outside", async () => {
    const [late, early] = await Promise.allSettled([
      time.run(Date.now() - 100, () => time.within(50, async () => "late")),
      time.run(Date.now(), () => time.within(50, async () => "early")),
    ]);
    expect([late.status, early.status]).toEqual(["rejected", "fulfilled"]);
    expect(await time.within(0, async () => "at the start")).toBe("at the start");
  });
});
