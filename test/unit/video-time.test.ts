import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockTime, momentName, readVideoTime } from "#core";

describe("a time of a video", () => {
  it.each([
    [0, "0:00"],
    [83_999, "1:23"],
    [252_000, "4:12"],
    [3_723_000, "1:02:03"],
  ])("of %d ms is shown as %s", (ms, shown) => {
    expect(clockTime(ms)).toBe(shown);
  });

  it.each([
    ["83", 83_000],
    ["83.25", 83_250],
    ["1:23", 83_000],
    [" 01:23.5 ", 83_500],
    ["1:02:03", 3_723_000],
  ])("is read from “%s”", (text, ms) => {
    expect(readVideoTime(text, "from")).toBe(ms);
  });

  it.each(["", "1:60", "-5", "1:2:3:4", "half", "1e3", "1:"])("is not “%s”", (text) => {
    expect(() => readVideoTime(text, "to")).toThrow(
      "--to is a time in the video: minutes and seconds as 1:23, or seconds as 83.",
    );
  });

  it("that is shown can be typed again, to the second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 35_999_000 }), (ms) => {
        expect(readVideoTime(clockTime(ms), "from")).toBe(Math.floor(ms / 1000) * 1000);
      }),
    );
  });

  it("names a moment together with the video's title", () => {
    expect(momentName({ title: "Harbour at dusk", timeMs: 83_000 })).toBe("Harbour at dusk, 1:23");
  });
});
