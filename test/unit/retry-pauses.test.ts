import { describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import { createRetryPauses } from "../../src/frames/retry-pauses.ts";

const busy = (retryAfterMs?: number) =>
  new AtelierError("rate_limited", "Busy.", retryAfterMs === undefined ? {} : { retryAfterMs });

describe("the pauses before work is tried again", () => {
  it("are twice as long each time, five minutes at most", () => {
    const pauses = createRetryPauses({ retriesMax: 100 });
    const taken = Array.from({ length: 10 }, () => pauses.after(busy(), 0));
    expect(taken.slice(0, 4)).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect(taken.slice(-2)).toEqual([300_000, 300_000]);
  });

  it("are as long as the upstream asks for", () => {
    const pauses = createRetryPauses({ retriesMax: 100 });
    expect(pauses.after(busy(45_000), 0)).toBe(45_000);
  });

  it("begin anew, and never end, while the work gets on", () => {
    const pauses = createRetryPauses({ retriesMax: 3 });
    expect([16, 32, 32, 48].map((done) => pauses.after(busy(), done))).toEqual([
      2_000, 2_000, 4_000, 2_000,
    ]);
  });

  it("end after so many without progress, and before what no other try can help", () => {
    const pauses = createRetryPauses({ retriesMax: 2 });
    pauses.after(busy(), 0);
    pauses.after(busy(), 0);
    expect(() => pauses.after(busy(), 0)).toThrow("Busy.");
    const broken = new AtelierError("invalid_input", "No video.");
    expect(() => createRetryPauses({ retriesMax: 2 }).after(broken, 0)).toThrow("No video.");
  });
});
