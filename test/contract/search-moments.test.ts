import { randomBytes } from "node:crypto";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Embedder,
  encodeAction,
  type FrameServices,
  type JobRecord,
  listVisibleVideos,
  signCard,
  type Video,
} from "#core";
import { PLAYGROUND_CARD_LIMITS, renderJob } from "../../adapters/playground/render.ts";
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
  await stores.media.put(video.sourceKey, { bytes, mediaType: video.mediaType });
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

describe("a moment whose picture a program put there", () => {
  const put = (id: string, bytes: Uint8Array) =>
    harbour.services.stores.media.put(`frames/${id}/0000000000.jpg`, {
      bytes,
      mediaType: "image/jpeg",
    });

  it("is shown although its picture has more bytes than a thumbnail", async () => {
    await addVideo("h6", "Raw frames", "test:harbour", "white lighthouse");
    const noise = randomBytes(1_100 * 1_100 * 3);
    const raw = { width: 1_100, height: 1_100, channels: 3 } as const;
    const picture = await sharp(noise, { raw }).png().toBuffer();
    expect(picture.length).toBeGreaterThan(3_000_000);
    await put("h6", picture);
    const { card } = await find(harbour, "white lighthouse");
    expect(card?.images.map(({ widthPx }) => widthPx)).toEqual([1_100]);
  });

  it("is left out where that cannot be read, and the others are shown", async () => {
    await addVideo("h7", "Broken frames", "test:harbour", "purple windmill");
    await addVideo("h8", "Whole frames", "test:harbour", "purple windmill");
    await put("h7", Buffer.from("This is no picture."));
    const found = await find(harbour, "purple windmill");
    expect(labelsOf(found)).toEqual(["Whole frames, 0:00"]);
    expect(found.card?.notices).toEqual(["One moment is left out: its picture cannot be read."]);
    const alone = await find(harbour, "purple windmill --in Broken frames");
    expect(alone.card).toMatchObject({ text: "“purple windmill”", images: [] });
    expect(alone.card?.notices).toEqual(found.card?.notices);
  });
});

describe("New link", () => {
  const newLink = async (workshop: Workshop, of: JobRecord) =>
    workshop.finished(await workshop.press("ben", "link", of.id));

  it("gives whoever asks the moments again, to be signed anew", async () => {
    const found = await find(harbour, "blue car");
    const { card } = await newLink(harbour, found);
    expect(card?.text).toBe("This link works for 15 minutes:");
    expect(card?.fields).toEqual(found.card?.fields);
    expect(card?.fields[0]?.moment?.blob.key).toBe("videos/h2.mp4");
  });

  it("gives none to another workspace's, nor to a video that was removed", async () => {
    const pressed = await newLink(mill, await find(harbour, "blue car"));
    expect(pressed.failure).toMatchObject({ kind: "not_found" });
    await addVideo("h9", "Short-lived", "test:harbour", "orange tram");
    const found = await find(harbour, "orange tram");
    await harbour.services.stores.media.delete("videos/h9.mp4");
    expect((await newLink(harbour, found)).failure?.message).toBe(
      "That is not there any more. /videos lists what there is.",
    );
  });

  it("gives those to files that were put into the bucket under any name", async () => {
    const { services } = harbour;
    await addVideo("v-0123456789abcdef", "Our trip", "test:harbour", "purple kite");
    const sourceKey = "videos/2024/our-trip.mp4";
    await services.stores.media.put(sourceKey, { bytes: Buffer.of(1), mediaType: "video/mp4" });
    await services.videos?.change("v-0123456789abcdef", { sourceKey });
    const { card } = await newLink(harbour, await find(harbour, "purple kite"));
    expect(card?.fields[0]?.moment?.blob.key).toBe(sourceKey);
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

describe("/videos", () => {
  it("shows page after page, each with its own Remove buttons and New link", async () => {
    for (let at = 1; at <= 12; at += 1) {
      await addVideo(`p${at}`, `Reel ${at}`, "test:harbour", null);
    }
    const pages = [await harbour.finished(await harbour.type("ana", "/videos"))];
    const last = () => pages.at(-1) as JobRecord;
    while (last().card?.buttons.some(({ label }) => label === "Next")) {
      pages.push(await harbour.finished(await harbour.press("ana", "nextvideos", last().id)));
    }
    const title = pages[0]?.card?.text ?? "";
    expect(pages.map(({ card }) => card?.text)).toEqual([
      expect.stringMatching(/^\d+ videos of yours$/u),
      ...pages.slice(1).map((_, at) => `${title}, page ${at + 2}`),
    ]);
    const all = await listVisibleVideos(harbour.identity("ana"), {
      videos: createVideoStore({ state: harbour.state, bucket: "local" }),
    });
    expect(pages.flatMap(labelsOf)).toEqual(all.map((video) => video.title));
    for (const { id: jobId, card } of pages) {
      const { buttons = [], fields = [] } = card ?? {};
      expect(buttons.length).toBeLessThanOrEqual(PLAYGROUND_CARD_LIMITS.buttonsMax);
      const wanted = fields.flatMap(({ label }, at) =>
        label === "Demo" ? [] : [encodeAction({ command: "removevideo", jobId, index: at + 1 })],
      );
      const actions = buttons.map(({ action }) => action);
      expect(actions).toEqual(expect.arrayContaining([...wanted, `v1.link.${jobId}.0`]));
    }
  });

  it("opens no video where programs gave frames only, and its moments open their frames", async () => {
    await addVideo("f1", "Frames", "test:mill", "silver train");
    await mill.services.videos?.change("f1", { sourceKey: "frames/f1/frames.json" });
    const { card } = await mill.finished(await mill.type("ana", "/videos"));
    expect(card?.fields.find(({ label }) => label === "Frames")?.moment).toBeUndefined();
    const found = await find(mill, "silver train");
    const frame = { blob: { store: "media", key: "frames/f1/0000000000.jpg" } };
    expect(found.card?.fields[0]?.moment).toEqual(frame);
    const signed =
      found.card && (await signCard(found.card, async ({ key }) => `https://a.b/${key}`));
    const live = { linksExpireAtMs: 0, position: null, progress: null };
    // The page plays what has such a link.
    expect(renderJob(found, signed, "", live).card?.fields[0]).not.toHaveProperty("moment_url");
  });
});
