import { describe, expect, it } from "vitest";
import { createFrameChooser, type KeptFrame } from "../../src/frames/choose-frames.ts";
import type { CandidateFrame } from "../../src/ports/index.ts";

function frame(
  timeMs: number,
  { shot = 0, brightness = 100, cell }: { shot?: number; brightness?: number; cell?: number } = {},
) {
  const luma = new Uint8Array(64).fill(brightness);
  luma[27] = cell ?? brightness;
  return { timeMs, shot, luma, jpeg: new Uint8Array() } satisfies CandidateFrame;
}

function timesKept(candidates: readonly CandidateFrame[], after: KeptFrame | null = null) {
  const chooser = createFrameChooser({ after });
  return candidates.flatMap((each) => chooser.offer(each)).map(({ timeMs }) => timeMs);
}

const everySecond = (count: number, of: (second: number) => CandidateFrame) =>
  Array.from({ length: count }, (_, second) => of(second));

describe("choosing frames", () => {
  it("keeps one of a still picture every 8 s", () => {
    expect(timesKept(everySecond(30, (second) => frame(second * 1_000)))).toEqual([
      0, 8_000, 16_000, 24_000,
    ]);
  });

  it("keeps the one before where the next would come too late", () => {
    expect(
      timesKept([0, 3_000, 7_000, 11_000, 14_000, 16_000].map((timeMs) => frame(timeMs))),
    ).toEqual([0, 7_000, 14_000]);
  });

  it("does so before a cut too", () => {
    const cut = frame(9_000, { shot: 1, brightness: 10 });
    expect(timesKept([frame(0), frame(6_000), cut])).toEqual([0, 6_000, 9_000]);
  });

  it("keeps every frame of a picture that changes", () => {
    const moving = everySecond(5, (second) => frame(second * 1_000, { brightness: second * 20 }));
    expect(timesKept(moving)).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
  });

  it("notices something small that moves", () => {
    const small = [frame(0), frame(1_000, { cell: 130 }), frame(2_000, { cell: 132 })];
    expect(timesKept(small)).toEqual([0, 1_000]);
  });

  it("notices a slow change, as it compares with the frame that was kept", () => {
    const slow = everySecond(8, (second) => frame(second * 1_000, { brightness: 100 + second }));
    expect(timesKept(slow)).toEqual([0, 3_000, 6_000]);
  });

  it("keeps the first frame of a shot, however alike it is", () => {
    expect(timesKept([frame(0), frame(1_000, { shot: 1 }), frame(2_000, { shot: 1 })])).toEqual([
      0, 1_000,
    ]);
  });

  it("goes on after a frame as if it had kept it", () => {
    const frames = everySecond(20, (second) => frame(second * 1_000));
    const after = frame(8_000);
    expect(timesKept(frames.slice(9), after)).toEqual(
      timesKept(frames).filter((timeMs) => timeMs > 8_000),
    );
  });
});
