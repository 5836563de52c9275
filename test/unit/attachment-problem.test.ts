import { describe, expect, it } from "vitest";
import {
  attachmentProblem,
  mediaTypeOf,
  PICTURE_TYPES,
  VIDEO_TYPES,
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

  it("is nothing for videos, also where the browser does not know their type", () => {
    for (const type of VIDEO_TYPES.split(",").filter((each) => each.includes("/"))) {
      expect([type, attachmentProblem({ name: "fox", type })]).toEqual([type, null]);
    }
    expect(attachmentProblem({ name: "Harbour.MKV", type: "" })).toBeNull();
    expect(mediaTypeOf({ name: "Harbour.MKV", type: "" })).toBe("video/x-matroska");
    expect(mediaTypeOf({ name: "harbour.mov", type: "" })).toBe("video/quicktime");
    expect(mediaTypeOf({ name: "harbour", type: "" })).toBe("application/octet-stream");
  });

  it("is for other files that they are neither pictures nor videos", () => {
    expect(attachmentProblem({ name: "notes.txt", type: "text/plain" })).toBe(
      "“notes.txt” is neither a picture nor a video. Attach JPEG, PNG, WebP, GIF or AVIF, or MP4, MOV, WebM or MKV.",
    );
    expect(attachmentProblem({ name: "theic", type: "" })).toContain("neither a picture");
  });
});
