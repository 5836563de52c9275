import { describe, expect, it } from "vitest";
import { mergeFrames } from "../../infra/clip-services/merge-frames.ts";

const of = { videoId: "v", space: "s", dim: 2 };
const east = Float32Array.of(1, 0);
const almostEast = Float32Array.of(0.995, 0.0999);
const north = Float32Array.of(0, 1);

describe("merging frames into a segment", () => {
  it("puts them in the order of time, with a cut where neighbours differ", () => {
    const rows = new Map([
      [2_000, north],
      [0, east],
      [1_000, almostEast],
    ]);
    const { frames, embeddings } = mergeFrames(null, rows, of);
    expect(frames).toEqual([
      { timeMs: 0, shot: 0 },
      { timeMs: 1_000, shot: 0 },
      { timeMs: 2_000, shot: 1 },
    ]);
    expect([...embeddings]).toEqual([...east, ...almostEast, ...north]);
  });

  it("keeps the cuts that were seen in the video, and what is there already", () => {
    const before = {
      ...of,
      frames: [
        { timeMs: 0, shot: 0 },
        { timeMs: 1_000, shot: 1 },
        { timeMs: 3_000, shot: 1 },
      ],
      embeddings: Float32Array.of(...east, ...east, ...north),
    };
    const rows = new Map([
      [1_000, north],
      [2_000, east],
    ]);
    const { frames, embeddings } = mergeFrames(before, rows, of);
    expect(frames.map(({ shot }) => shot)).toEqual([0, 1, 1, 2]);
    expect([...embeddings.subarray(2, 4)]).toEqual([...east]);
  });
});
