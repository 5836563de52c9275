import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Embedder, FrameServices, JobRecord, Video } from "#core";
import { createVideoStore } from "../../src/frames/video-store.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { flatPicture } from "../fixtures/flat-picture.ts";
import { createMomentLibrary } from "../fixtures/moment-library.ts";
import { createWordEmbedder } from "../fixtures/word-embedder.ts";
import { createWorkshop, type Workshop } from "../fixtures/workshop.ts";

/** Two workspaces of one Atelier: each with the same stores, index and demo videos. */
let storage: EmbeddedStorage;
let library: Awaited<ReturnType<typeof createMomentLibrary>>;
let harbour: Workshop;
let mill: Workshop;

beforeAll(async () => {
  storage = await openEmbeddedStorage();
  library = await createMomentLibrary();
  [harbour, mill] = [await workspace("harbour"), await workspace("mill")];
  await addVideo("h1", "Quay", "test:harbour", "red boat");
  await addVideo("h2", "Quay", "test:harbour", "blue car");
  await addVideo("m1", "Weir", "test:mill", "red boat");
  await addVideo("d1", "Demo", "demo", "green tree");
  await addVideo("h3", "Night shift", "test:harbour", null);
  await addVideo("h4", "Torn", "test:harbour", null, "This video is cut off.");
}, 60_000);
afterAll(async () => {
  await Promise.all([harbour?.stop(), mill?.stop()]);
  await library?.close();
  await storage?.close();
});

async function workspace(name: string): Promise<Workshop> {
  const workshop = createWorkshop(storage, { workspace: name });
  const videos = createVideoStore({ state: workshop.state, bucket: "local" });
  const frames: FrameServices = {
    ...library.services,
    videos,
    ingest: {
      run: () => Promise.reject(new Error("Nothing is indexed here.")),
      progressOf: () => null,
      remove: async () => {},
      start: async () => {},
      stop: async () => {},
    },
    videoMaxBytes: 1_000,
  };
  Object.assign(workshop.services, { videos, openFrames: async () => frames });
  await workshop.start();
  return workshop;
}

/** A video of one frame that shows that; with `null`, one that is not indexed (yet). */
async function addVideo(
  id: string,
  title: string,
  library_: string,
  shows: string | null,
  failure: string | null = null,
): Promise<void> {
  const { stores, videos } = harbour.services;
  const { space } = shows === null ? { space: "" } : await library.add(id, [[shows]]);
  const status = shows !== null ? "ready" : failure === null ? "indexing" : "failed";
  const video: Video = {
    ...{ id, title, library: library_, sourceKey: `videos/${id}.mp4`, mediaType: "video/mp4" },
    ...{ durationMs: 1_000, frameCount: 1, status, failure, space },
    ...{ addedBy: "test:harbour:ana", addedAtMs: 1, indexedAtMs: null },
  };
  const bytes = await flatPicture([90, 60, 30]);
  await stores.media.put(`frames/${id}/0000000000.jpg`, { bytes, mediaType: "image/png" });
  await videos?.add(video);
}

async function find(workshop: Workshop, text: string): Promise<JobRecord> {
  return workshop.finished(await workshop.type("ana", `/findframe ${text}`));
}
const labelsOf = ({ card }: JobRecord) => (card?.fields ?? []).map(({ label }) => label);

describe("videos of two workspaces", () => {
  it("are found in their own, and the demo videos in both", async () => {
    expect(labelsOf(await find(harbour, "red boat"))).toEqual(["Quay, 0:00"]);
    expect(labelsOf(await find(mill, "red boat"))).toEqual(["Weir, 0:00"]);
    for (const workshop of [harbour, mill]) {
      expect(labelsOf(await find(workshop, "green tree"))).toEqual(["Demo, 0:00"]);
    }
  });

  it("are neither named nor opened by another's title, id or button", async () => {
    for (const name of ["Weir", "m1"]) {
      const refused = await find(harbour, `red boat --in ${name}`);
      expect(refused.failure?.message).toContain(`no video here that is called “${name}”`);
    }
    const found = await find(mill, "red boat");
    const pressed = await harbour.finished(await harbour.press("ana", "morelike", found.id));
    expect(pressed.failure?.kind).toBe("not_found");
    const shown = await harbour.finished(await harbour.type("ana", `/show ${found.id}`));
    expect(shown.failure?.kind).toBe("not_found");
    const own = await mill.finished(await mill.type("ben", `/show ${found.id}`));
    expect(labelsOf(own)).toEqual(labelsOf(found));
    const listed = await harbour.finished(await harbour.type("ana", "/videos"));
    expect(labelsOf(listed)).not.toContain("Weir");
  });
});

describe("a video that is named", () => {
  it("together with another of the same title means both, by its id it alone", async () => {
    expect(labelsOf(await find(harbour, "blue car --in quay"))).toEqual(["Quay, 0:00"]);
    expect(labelsOf(await find(harbour, "red boat --in Quay"))).toEqual(["Quay, 0:00"]);
    const alone = await find(harbour, "red boat --in h2");
    expect(alone.card?.text).toMatch(/^No clear match/u);
  });

  it("and is not indexed says so, and when to ask again", async () => {
    expect((await find(harbour, "red boat --in Night shift")).failure?.message).toBe(
      "“Night shift” is still being indexed. Ask again when it is ready.",
    );
    expect((await find(harbour, "red boat --in torn")).failure?.message).toBe(
      "“Torn” could not be indexed: This video is cut off.",
    );
  });

  it("is shorter than the times that are asked for: that is said", async () => {
    expect((await find(harbour, "red boat --from 9:00")).card?.text).toBe(
      "Nothing found for “red boat”: no video here has a moment between these times.",
    );
  });
});

describe("a video that is indexed anew for another model", () => {
  it("is found although it leaves the earlier index while that is searched", async () => {
    const frames = await harbour.services.openFrames?.();
    if (frames === undefined) throw new Error("There are no videos here.");
    const earlier = createWordEmbedder({ space: "words-0" });
    const { space } = await library.add("h5", [["yellow kite"]], earlier);
    await addVideo("h5", "Kites", "test:harbour", null);
    await frames.videos.change("h5", { status: "ready", space });
    const moves: Embedder = {
      ...earlier,
      async embedTexts(texts, options) {
        await library.add("h5", [["yellow kite"]]);
        await frames.videos.change("h5", { space: frames.embedder.model.space });
        await frames.index.delete("h5", space);
        return earlier.embedTexts(texts, options);
      },
    };
    harbour.services.openFrames = async () => ({
      ...frames,
      earlierEmbedder: (of) => (of === space ? moves : null),
    });
    expect(labelsOf(await find(harbour, "yellow kite"))).toEqual(["Kites, 0:00"]);
  });
});

describe("more like a moment", () => {
  it("says when nothing is alike, and what comes closest", async () => {
    const found = await find(mill, "red boat");
    const alike = await mill.finished(await mill.press("ana", "morelike", found.id));
    expect(alike.card?.text).toBe(
      "No clear match for moments like “Weir, 0:00”; these come closest.",
    );
    expect(labelsOf(alike)).toEqual(["Demo, 0:00"]);
  });
});
