import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Video } from "../../src/frames/video.ts";
import { createVideoStore } from "../../src/frames/video-store.ts";
import type { StateStore } from "../../src/ports/index.ts";
import type { StateStoreUnderTest } from "./state-store-contract.ts";

const ADDED_AT = Date.parse("2026-11-21T10:00:00Z");

function video(id: string, changes: Partial<Video> = {}): Video {
  return {
    ...{ id, library: "test:team", title: "Ein Film – 映画", sourceKey: `videos/${id}.mp4` },
    ...{ mediaType: "video/mp4", durationMs: 0, frameCount: 0, status: "uploaded", failure: null },
    ...{ space: "", addedBy: "test:team:ana", addedAtMs: ADDED_AT, indexedAtMs: null },
    ...changes,
  };
}

/** What the videos' store does on any StateStore. */
export function videoStoreContract(name: string, start: () => Promise<StateStoreUnderTest>): void {
  describe(`The videos on ${name}`, () => {
    let underTest: StateStoreUnderTest;
    let state: StateStore;
    const videos = () => createVideoStore({ state, bucket: "media-bucket" });

    beforeAll(async () => {
      underTest = await start();
      state = underTest.connect();
    }, 90_000);
    afterAll(() => underTest.close());

    it("gives back what was added, and null for what was not", async () => {
      expect(await videos().find("nobody")).toBeNull();
      expect(await videos().add(video("first"))).toBe(true);
      expect(await videos().find("first")).toEqual(video("first"));
    });

    it("adds a video once, and says so", async () => {
      expect(await videos().add(video("once"))).toBe(true);
      expect(await videos().add(video("once", { title: "Another" }))).toBe(false);
      expect((await videos().find("once"))?.title).toBe("Ein Film – 映画");
    });

    it("keeps the attributes that other programs read", async () => {
      await videos().add(video("open"));
      await videos().change("open", {
        ...{ status: "ready", durationMs: 252_000, frameCount: 187, space: "demo-1-p1" },
        indexedAtMs: ADDED_AT + 60_000,
      });
      expect(await state.get("videos", "open")).toMatchObject({
        ...{ video_id: "open", title: "Ein Film – 映画" },
        ...{ source_s3: "s3://media-bucket/videos/open.mp4", duration_ms: 252_000 },
        ...{ frame_count: 187, status: "ready", model: "demo-1-p1" },
        indexed_at: "2026-11-21T10:01:00.000Z",
      });
    });

    it("changes some of a video, and says null when it is gone", async () => {
      await videos().add(video("changed"));
      const failed = { status: "failed", failure: "This file is no video." } as const;
      expect(await videos().change("changed", failed)).toEqual(video("changed", failed));
      expect(await videos().find("changed")).toEqual(video("changed", failed));
      expect(await videos().change("nobody", failed)).toBeNull();
    });

    it("loses none of several changes at once", async () => {
      await videos().add(video("busy"));
      await Promise.all([
        videos().change("busy", { title: "New" }),
        videos().change("busy", { durationMs: 5 }),
        videos().change("busy", { frameCount: 7 }),
        videos().change("busy", { status: "indexing" }),
      ]);
      expect(await videos().find("busy")).toMatchObject({
        ...{ title: "New", durationMs: 5, frameCount: 7, status: "indexing" },
      });
    });

    it("lists a library newest first, and no other library's", async () => {
      for (const [at, id] of ["old", "newer", "newest"].entries()) {
        await videos().add(video(id, { library: "test:other", addedAtMs: ADDED_AT + at }));
      }
      const listed = await videos().list("test:other");
      expect(listed.map(({ id }) => id)).toEqual(["newest", "newer", "old"]);
      const all = (await videos().listAll()).map(({ id }) => id);
      expect(all).toEqual(expect.arrayContaining(["newest", "newer", "old", "first"]));
      expect(await videos().list("test:nobody")).toEqual([]);
    });

    it("lists more than a page", async () => {
      const many = Array.from({ length: 230 }, (_, at) =>
        video(`many-${at}`, { library: "test:many", addedAtMs: ADDED_AT + at }),
      );
      for (let at = 0; at < many.length; at += 23) {
        await Promise.all(many.slice(at, at + 23).map((each) => videos().add(each)));
      }
      const listed = await videos().list("test:many");
      expect(listed).toEqual(many.reverse());
    }, 60_000);

    it("removes a video and its listing; a second time does no harm", async () => {
      await videos().add(video("doomed", { library: "test:doomed" }));
      await videos().remove("doomed");
      await videos().remove("doomed");
      expect(await videos().find("doomed")).toBeNull();
      expect(await videos().list("test:doomed")).toEqual([]);
      expect(await videos().add(video("doomed", { library: "test:doomed" }))).toBe(true);
      expect(await videos().list("test:doomed")).toHaveLength(1);
    });

    it.each([
      ["between the listing and the video", 1],
      ["after the video", 2],
    ])("is whole after a crash %s", async (_, writes) => {
      const library = `test:crash-${writes}`;
      let left = writes;
      const crashing: StateStore = {
        ...state,
        put: (...call) => {
          if (left-- <= 0) throw new Error("The process has died.");
          return state.put(...call);
        },
      };
      const dying = createVideoStore({ state: crashing, bucket: "media-bucket" });
      await expect(dying.add(video(`crash-${writes}`, { library }))).rejects.toThrow("died");
      const found = await videos().find(`crash-${writes}`);
      expect((await videos().list(library)).length).toBe(found === null ? 0 : 1);
      expect(await videos().add(video(`crash-${writes}`, { library }))).toBe(found === null);
      expect(await videos().list(library)).toHaveLength(1);
    });

    it("passes over what another program put into the table", async () => {
      await state.put("videos", { video_id: "foreign", title: "Not ours" });
      expect(await videos().find("foreign")).toBeNull();
    });
  });
}
