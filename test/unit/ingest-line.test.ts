import { describe, expect, it } from "vitest";
import { createIngestLine } from "../../src/frames/ingest-line.ts";

const never = new AbortController().signal;

/** Work that ends when it is told to. */
function openWork() {
  let end = () => {};
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { run: () => done, end: () => end() };
}

describe("the line of videos", () => {
  it("lets in as many as it was told, and the next when one leaves", async () => {
    const line = createIngestLine(2);
    const works = [openWork(), openWork(), openWork()];
    const started: number[] = [];
    const passes = works.map((work, at) =>
      line.pass(
        () => {
          started.push(at);
          return work.run();
        },
        { isUrgent: () => true, signal: never },
      ),
    );
    await Promise.resolve();
    expect(started).toEqual([0, 1]);
    works[1]?.end();
    await passes[1];
    await new Promise(setImmediate);
    expect(started).toEqual([0, 1, 2]);
    for (const work of works) work.end();
    await Promise.all(passes);
  });

  it("lets those go first for whom someone waits", async () => {
    const line = createIngestLine(1);
    const first = openWork();
    const order: string[] = [];
    const enter = (name: string, isUrgent: boolean) =>
      line.pass(async () => void order.push(name), { isUrgent: () => isUrgent, signal: never });
    const passes = [
      line.pass(first.run, { isUrgent: () => true, signal: never }),
      enter("in the background", false),
      enter("for someone", true),
    ];
    first.end();
    await Promise.all(passes);
    expect(order).toEqual(["for someone", "in the background"]);
  });

  it("forgets who is called off while waiting, and goes on after a failure", async () => {
    const line = createIngestLine(1);
    const first = openWork();
    const stop = new AbortController();
    const failing = line.pass(
      async () => {
        await first.run();
        throw new Error("broken");
      },
      { isUrgent: () => true, signal: never },
    );
    const calledOff = line.pass(async () => "ran", { isUrgent: () => true, signal: stop.signal });
    const last = line.pass(async () => "ran", { isUrgent: () => true, signal: never });
    stop.abort(new Error("called off"));
    await expect(calledOff).rejects.toThrow("called off");
    first.end();
    await expect(failing).rejects.toThrow("broken");
    expect(await last).toBe("ran");
  });
});
