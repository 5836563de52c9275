import { describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import {
  createLimitedImageModel,
  defaultRetryPolicy,
} from "../../src/limits/limited-image-model.ts";
import type {
  Clock,
  Drawing,
  DrawRequest,
  ImageModel,
  Limiter,
  Priority,
} from "../../src/ports/index.ts";
import { quietMetrics } from "../fixtures/quiet.ts";

const request: DrawRequest = { prompt: "a fox", aspectRatio: "1:1", seed: 7, outputFormat: "png" };
const drawing: Drawing = { bytes: new Uint8Array([1]), mediaType: "image/png", seed: 7 };

const down = () => new AtelierError("unavailable", "Down.");
const once = () => new AtelierError("unavailable", "Maybe made.", { retryAtMostOnce: true });
const busy = (retryAfterMs?: number) =>
  new AtelierError("rate_limited", "Busy.", retryAfterMs === undefined ? {} : { retryAfterMs });

type Step = AtelierError | Drawing | ((signal: AbortSignal) => Promise<Drawing>);

/** A model whose calls go as scripted, a limiter that lets all pass, a clock that jumps. */
function setUp(steps: Step[], changes: { random?: number; attemptTimeoutMs?: number } = {}) {
  let nowMs = 0;
  const seen = {
    calls: 0,
    sleeps: [] as number[],
    pauses: [] as number[],
    priorities: [] as Priority[],
    outcomes: [] as string[],
    ms: [] as number[],
    spendUsd: [] as number[],
  };
  const clock: Clock = {
    nowMs: () => nowMs,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      seen.sleeps.push(ms);
      nowMs += ms;
    },
  };
  const model: ImageModel = {
    id: "scripted",
    label: "Scripted",
    outputFormats: ["png"],
    initLimits: null,
    notice: "Not a generator.",
    async draw(_request, { signal }) {
      nowMs += 2_000;
      const step = steps[seen.calls++] ?? drawing;
      if (step instanceof AtelierError) throw step;
      return typeof step === "function" ? step(signal) : step;
    },
  };
  const limiter: Limiter = {
    async schedule(call, { priority, signal }) {
      signal.throwIfAborted();
      seen.priorities.push(priority);
      return call();
    },
    pause: (ms) => void seen.pauses.push(ms),
    close: async () => {},
  };
  const limited = createLimitedImageModel({
    model,
    limiter,
    clock,
    metrics: {
      ...quietMetrics,
      modelCalled(call) {
        seen.outcomes.push(call.outcome);
        seen.ms.push(call.ms);
        seen.spendUsd.push(call.spendUsd);
      },
    },
    priceUsd: 0.08,
    policy: { ...defaultRetryPolicy, attemptTimeoutMs: changes.attemptTimeoutMs ?? 90_000 },
    random: () => changes.random ?? 1,
  });
  const draw = (signal = new AbortController().signal, priority: Priority = "interactive") =>
    limited.draw(request, { signal, priority });
  return { seen, limited, draw };
}

/** Stays under way until its signal aborts, as a driver does. */
const hangs = (signal: AbortSignal): Promise<Drawing> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      const { reason } = signal;
      const late = new AtelierError("unavailable", "Slow.", {
        code: "Timeout",
        retryAtMostOnce: true,
      });
      reject(reason.name === "TimeoutError" ? late : reason);
    });
  });

describe("a limited image model", () => {
  it("has the id, label and notice of its model, and passes the priority on", async () => {
    const { limited, draw, seen } = setUp([]);
    expect(limited).toMatchObject({
      id: "scripted",
      label: "Scripted",
      notice: "Not a generator.",
    });
    expect(await draw(undefined, "batch")).toBe(drawing);
    expect(seen.priorities).toEqual(["batch"]);
  });

  it("tries again after what passes, waiting longer each time, and passes the limiter each time", async () => {
    const { draw, seen } = setUp([down(), busy(), down()]);
    expect(await draw()).toBe(drawing);
    expect(seen.sleeps).toEqual([500, 1_000, 2_000]);
    expect(seen.priorities).toHaveLength(4);
    expect(seen.outcomes).toEqual(["unavailable", "rate_limited", "unavailable", "drawn"]);
    expect(seen.ms).toEqual([2_000, 2_000, 2_000, 2_000]);
  });

  it("waits a random part of that time", async () => {
    const { draw, seen } = setUp([down(), down()], { random: 0.25 });
    await draw();
    expect(seen.sleeps).toEqual([125, 250]);
  });

  it("throws the last error after as many calls as the policy has", async () => {
    const last = down();
    const { draw, seen } = setUp([down(), busy(), down(), down(), last]);
    await expect(draw()).rejects.toBe(last);
    expect(seen.calls).toBe(5);
  });

  it("goes on for longer where it is only turned away, and gives up in the end", async () => {
    const { draw, seen } = setUp(Array.from({ length: 7 }, () => busy()));
    await expect(draw()).rejects.toMatchObject({ kind: "rate_limited" });
    expect(seen.calls).toBe(7);
    expect(seen.sleeps).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  it.each(["invalid_input", "refused", "misconfigured", "not_allowed", "internal"] as const)(
    "does not try %s again",
    async (kind) => {
      const error = new AtelierError(kind, "No.");
      const { draw, seen } = setUp([error]);
      await expect(draw()).rejects.toBe(error);
      expect(seen.calls).toBe(1);
    },
  );

  it("makes one more call, and no third, after one that may have been charged", async () => {
    const { draw, seen } = setUp([once(), down(), down()]);
    await expect(draw()).rejects.toMatchObject({ message: "Down." });
    expect(seen.calls).toBe(2);
  });

  it("says that a call may have been charged, even where the one after it was turned away", async () => {
    const { draw, seen } = setUp([once(), busy(), drawing]);
    await expect(draw()).rejects.toMatchObject({ message: "Maybe made.", retryAtMostOnce: true });
    expect(seen.calls).toBe(2);
  });

  it("allows that one more call also after failures that cost nothing", async () => {
    const { draw, seen } = setUp([down(), once(), drawing]);
    expect(await draw()).toBe(drawing);
    expect(seen.calls).toBe(3);
  });

  it("counts the price of what was drawn or may have been, and of nothing else", async () => {
    const { draw, seen } = setUp([down(), busy(), once(), drawing]);
    await draw();
    expect(seen.spendUsd).toEqual([0, 0, 0.08, 0.08]);
    const declined = setUp([new AtelierError("refused", "Declined.")]);
    await expect(declined.draw()).rejects.toMatchObject({ kind: "refused" });
    expect(declined.seen.spendUsd).toEqual([0]);
  });

  it("counts the price of a call that was left while the upstream went on drawing", async () => {
    const controller = new AbortController();
    const { draw, seen } = setUp([hangs]);
    const drawn = draw(controller.signal);
    controller.abort(new Error("The person pressed Cancel."));
    await expect(drawn).rejects.toThrow("Cancel");
    expect(seen.spendUsd).toEqual([0.08]);
  });

  it("pauses the limiter for a Retry-After instead of waiting alone", async () => {
    const { draw, seen } = setUp([busy(7_000)]);
    expect(await draw()).toBe(drawing);
    expect(seen.pauses).toEqual([7_000]);
    expect(seen.sleeps).toEqual([]);
  });

  it("pauses the limiter for others also when it gives up itself", async () => {
    const { draw, seen } = setUp([once(), busy(9_000_000)]);
    await expect(draw()).rejects.toMatchObject({ message: "Maybe made." });
    expect(seen.pauses, "at most two minutes").toEqual([120_000]);
  });

  it("ends an attempt that takes too long, and tries once more", async () => {
    const { draw, seen } = setUp([hangs, hangs, drawing], { attemptTimeoutMs: 20 });
    await expect(draw()).rejects.toMatchObject({ kind: "unavailable", code: "Timeout" });
    expect(seen.calls).toBe(2);
  });

  it("makes no call past the caller's deadline, and says what went wrong until then", async () => {
    const controller = new AbortController();
    const error = down();
    const { draw, seen } = setUp([
      async () => {
        queueMicrotask(() => controller.abort(new DOMException("Late.", "TimeoutError")));
        throw error;
      },
    ]);
    await expect(draw(controller.signal)).rejects.toBe(error);
    expect(seen.calls).toBe(1);
  });

  it("names a deadline that passed while it waited unavailable, with the code Timeout", async () => {
    const signal = AbortSignal.abort(new DOMException("Late.", "TimeoutError"));
    const { draw, seen } = setUp([]);
    await expect(draw(signal)).rejects.toMatchObject({ kind: "unavailable", code: "Timeout" });
    expect(seen.calls).toBe(0);
  });

  it("rejects with the reason of whoever stops it, and makes no further call", async () => {
    const controller = new AbortController();
    const reason = new Error("The person pressed Cancel.");
    const { draw, seen } = setUp([hangs]);
    const drawn = draw(controller.signal);
    controller.abort(reason);
    await expect(drawn).rejects.toBe(reason);
    expect(seen.calls).toBe(1);
    expect(seen.outcomes).toEqual(["stopped"]);
  });
});
