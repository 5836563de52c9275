import { describe, expect, it } from "vitest";
import { createFirstResponses } from "../../adapters/discord/first-responses.ts";
import { createSteppedClock } from "../fixtures/stepped-clock.ts";

function world() {
  const clock = createSteppedClock();
  return { clock, responses: createFirstResponses({ clock }) };
}

/** Whether it has resolved by now. */
async function isSettled(work: Promise<void>): Promise<boolean> {
  const turn = new Promise<false>((resolve) => setImmediate(() => resolve(false)));
  return Promise.race([work.then(() => true), turn]);
}

describe("a first response that is on its way", () => {
  it("is waited for, and leaves no timer behind once Discord has it", async () => {
    const { clock, responses } = world();
    responses.expect("a");
    const waiting = responses.sent("a");
    expect([await isSettled(waiting), clock.sleeping()]).toEqual([false, 1]);
    responses.done("a");
    expect([await isSettled(waiting), clock.sleeping()]).toEqual([true, 0]);
  });

  it("is not waited for past the time that Discord gives it", async () => {
    const { clock, responses } = world();
    responses.expect("a");
    const waiting = responses.sent("a");
    clock.move(3_400);
    expect(await isSettled(waiting)).toBe(false);
    clock.move(200);
    expect([await isSettled(waiting), clock.sleeping()]).toEqual([true, 0]);
  });

  it("that is asked for twice is told to whoever waited for the first", async () => {
    const { responses } = world();
    responses.expect("a");
    const waiting = responses.sent("a");
    responses.expect("a");
    responses.done("a");
    expect(await isSettled(waiting)).toBe(true);
    expect(await isSettled(responses.sent("of-an-earlier-process"))).toBe(true);
  });
});
