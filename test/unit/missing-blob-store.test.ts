import { describe, expect, it } from "vitest";
import { createMissingBlobStore } from "../../infra/missing-blob-store.ts";

describe("a store that the settings do not name", () => {
  const store = createMissingBlobStore("MEDIA_BUCKET");
  const blob = { bytes: Uint8Array.of(1), mediaType: "video/mp4" };

  it.each([
    ["put", () => store.put("videos/a.mp4", blob)],
    ["get", () => store.get("videos/a.mp4")],
    ["putFile", () => store.putFile("videos/a.mp4", "a.mp4", "video/mp4")],
    ["getFile", () => store.getFile("videos/a.mp4", "a.mp4")],
    ["has", () => store.has("videos/a.mp4")],
    ["etag", () => store.etag("videos/a.mp4")],
    ["presign", () => store.presign("videos/a.mp4", { ttlSeconds: 60 })],
    ["delete", () => store.delete("videos/a.mp4")],
  ])("tells the operator at %s which setting is missing", async (_, use) => {
    await expect(use()).rejects.toMatchObject({
      kind: "misconfigured",
      message: expect.stringContaining("MEDIA_BUCKET"),
    });
  });
});
