import { describe, expect, it } from "vitest";
import {
  attachmentProblem,
  PICTURE_TYPES,
} from "../../adapters/playground/page/attachment-problem.ts";

const HEIC = "HEIC pictures must be converted first, for example by exporting them as JPEG.";

describe("what is said of a file before it is uploaded", () => {
  it("is nothing for every type that the picker offers", () => {
    expect(PICTURE_TYPES.split(",")).toHaveLength(5);
    for (const type of PICTURE_TYPES.split(",")) {
      expect([type, attachmentProblem({ name: "fox", type })]).toEqual([type, null]);
    }
    expect(PICTURE_TYPES).not.toMatch(/hei[cf]/u);
  });

  it.each([
    ["photo.heic", "image/heic"],
    ["photo.HEIC", ""],
    ["photo.heif", ""],
    ["photo", "image/heif"],
    ["burst.heics.heic", "image/heic-sequence"],
  ])("is for the HEIC picture %s (%s) how to go on", (name, type) => {
    expect(attachmentProblem({ name, type })).toBe(HEIC);
  });

  it("is for other files that they are no pictures", () => {
    expect(attachmentProblem({ name: "notes.txt", type: "text/plain" })).toBe(
      "“notes.txt” is not a picture. Attach a JPEG, PNG, WebP, GIF or AVIF file.",
    );
    expect(attachmentProblem({ name: "theic", type: "" })).toContain("is not a picture");
  });
});
