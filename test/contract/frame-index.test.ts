import { describe } from "vitest";
import { createSegmentFolder } from "../fixtures/segment-folder.ts";
import { frameIndexContract } from "./frame-index-contract.ts";

describe("the usearch FrameIndex", () => {
  describe("on a store in a folder of this machine", () => {
    frameIndexContract(async () => {
      const folder = await createSegmentFolder();
      return { open: async () => folder.open(), close: folder.close };
    });
  });

  describe("on a store elsewhere, in its caller's thread", () => {
    frameIndexContract(async () => {
      const folder = await createSegmentFolder();
      return {
        open: async () => folder.open({ isRemote: true, inThread: false }),
        close: folder.close,
      };
    });
  });
});
