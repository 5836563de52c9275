import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  createLambdaHandler,
  type LambdaHandlerOptions,
} from "../../infra/clip-services/lambda-handler.ts";
import { quietLog } from "../fixtures/quiet.ts";

/** What it answers to work that, once its time is up, needs this long to end. */
function answerOf(
  endsAfterMs: number,
  { answerMs, timeMs }: { answerMs?: number; timeMs: number },
) {
  const options: LambdaHandlerOptions<string> = {
    name: "test",
    log: () => quietLog,
    newId: () => "r1",
    async work(_, signal) {
      await once(signal, "abort");
      await sleep(endsAfterMs);
      return "half is done";
    },
    failed: ({ code }) => code ?? "failed",
    ...(answerMs !== undefined && { answerMs }),
  };
  return createLambdaHandler(options)({}, { getRemainingTimeInMillis: () => timeMs });
}

describe("a function whose time is up", () => {
  it("gives the answer of work that ends soon, and no failure", async () => {
    expect(await answerOf(50, { timeMs: 1_050 })).toBe("half is done");
    expect(await answerOf(500, { timeMs: 8_050, answerMs: 8_000 })).toBe("half is done");
  });

  it("fails within its time when the work does not end", async () => {
    expect(await answerOf(2_000, { timeMs: 1_050 })).toBe("Timeout");
  });
});
