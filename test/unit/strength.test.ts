import { describe, expect, it } from "vitest";
import { AtelierError, readStrength } from "#core";

describe("the strength of a restyle", () => {
  it.each([
    ["subtle", 0.35],
    [" Medium ", 0.6],
    ["STRONG", 0.85],
    ["0", 0],
    ["0.0", 0],
    ["1", 1],
    ["1.00", 1],
    ["0.5", 0.5],
    [".5", 0.5],
    ["0.5000", 0.5],
    ["0.12345", 0.12345],
  ])("may be %j", (text, strength) => {
    expect(readStrength(text)).toBe(strength);
  });

  it.each(["", "weak", "2", "1.01", "-0.5", "0,5", "5e-1", "0x1", "00.5", "1.", "NaN"])(
    "cannot be %j",
    (text) => {
      expect(() => readStrength(text)).toThrow(AtelierError);
    },
  );
});
