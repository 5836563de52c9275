import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AtelierError, type Embedder, type Video, type VideoStore } from "#core";
import { createFrameSearch, type FrameSearch } from "../../infra/clip-services/frame-search.ts";
import { once } from "../../infra/clip-services/once.ts";
import { createVideoStore } from "../../src/frames/video-store.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { createMomentLibrary } from "../fixtures/moment-library.ts";
import { createShiftableClock } from "../fixtures/shiftable-clock.ts";
import { createWordEmbedder } from "../fixtures/word-embedder.ts";

/** frame-search while the model that embeds is changed: videos move from its index to the other's. */
const clock = createShiftableClock();
const signal = new AbortController().signal;
const earlier = createWordEmbedder({ name: "earlier", space: "words-0" });
const later = createWordEmbedder({ name: "later", space: "words-1" });

let storage: EmbeddedStorage;
let library: Awaited<ReturnType<typeof createMomentLibrary>>;
let videos: VideoStore;
beforeAll(async () => {
  storage = await openEmbeddedStorage();
  library = await createMomentLibrary(later);
  videos = createVideoStore({ state: storage.state(clock), bucket: "local" });
}, 60_000);
beforeEach(async () => {
  for (const { id } of await videos.listAll()) {
    await library.services.index.delete(id);
    await videos.remove(id);
  }
});
afterAll(async () => {
  await library?.close();
  await storage?.close();
});

async function add(id: string, shows: string, by: Embedder): Promise<void> {
  const { space } = await library.add(id, [[shows]], by);
  const video: Video = {
    ...{ id, title: id, library: "shared", sourceKey: `videos/${id}.mp4`, mediaType: "video/mp4" },
    ...{ durationMs: 1_000, frameCount: 1, status: "ready", failure: null, space },
    ...{ addedBy: "clip-batch", addedAtMs: 1, indexedAtMs: null },
  };
  await videos.add(video);
}

/** What an ingest does with a video that the later model indexes anew. */
async function move(id: string, shows: string): Promise<void> {
  await library.add(id, [[shows]], later);
  await videos.change(id, { space: later.model.space });
  await library.services.index.delete(id, earlier.model.space);
}

function search(openEmbedder: () => Promise<Embedder>, given: VideoStore = videos): FrameSearch {
  return createFrameSearch({
    openEmbedder,
    index: library.services.index,
    videos: given,
    media: storage.blobs(clock),
    openStores: async () => [],
    clock,
    linkTtlSeconds: 60,
  });
}

/** The service that embeds: it changes its model when told, and then refuses who began with the earlier. */
function changingService() {
  let isChanged = false;
  let opened = 0;
  const open = once(async (forget) => {
    opened += 1;
    if (isChanged) return later;
    const began: Embedder = {
      ...earlier,
      async embedTexts(texts, options) {
        if (!isChanged) return earlier.embedTexts(texts, options);
        forget();
        throw new AtelierError("misconfigured", "It now answers in another space.");
      },
    };
    return began;
  });
  return {
    open,
    opened: () => opened,
    change: () => {
      isChanged = true;
    },
  };
}

async function found(frameSearch: FrameSearch, query: string) {
  const { statusCode, body } = await frameSearch({ query }, signal);
  expect(statusCode).toBe(200);
  const { results, space } = JSON.parse(body);
  return { space, ids: results.map(({ video_id }: { video_id: string }) => video_id) };
}

describe("frame-search while the model is changed", () => {
  it("answers with the model that embeds from then on, in the same call", async () => {
    await add("kites", "yellow kite", later);
    const service = changingService();
    const frameSearch = search(service.open);
    expect(await found(frameSearch, "yellow kite")).toEqual({ space: "words-0", ids: [] });
    service.change();
    expect(await found(frameSearch, "yellow kite")).toEqual({ space: "words-1", ids: ["kites"] });
    expect(await found(frameSearch, "yellow kite")).toEqual({ space: "words-1", ids: ["kites"] });
    expect(service.opened()).toBe(2);
  });

  it("finds a video that leaves the earlier index while that is searched", async () => {
    await add("kites", "yellow kite", earlier);
    const service = changingService();
    let lists = 0;
    const moving: VideoStore = {
      ...videos,
      async listAll() {
        const listed = await videos.listAll();
        lists += 1;
        if (lists === 1) {
          service.change();
          await move("kites", "yellow kite");
        }
        return listed;
      },
    };
    const frameSearch = search(service.open, moving);
    expect(await found(frameSearch, "yellow kite")).toEqual({ space: "words-1", ids: ["kites"] });
  });

  it("finds a video that is indexed anew while the query is embedded", async () => {
    await add("kites", "yellow kite", earlier);
    const slow: Embedder = {
      ...later,
      async embedTexts(texts, options) {
        await move("kites", "yellow kite");
        return later.embedTexts(texts, options);
      },
    };
    const frameSearch = search(async () => slow);
    expect(await found(frameSearch, "yellow kite")).toEqual({ space: "words-1", ids: ["kites"] });
  });

  it("fails as the service does, where that is no change of model", async () => {
    const broken: Embedder = {
      ...later,
      embedTexts: () => Promise.reject(new AtelierError("unavailable", "It is down.")),
    };
    const frameSearch = search(async () => broken);
    await expect(frameSearch({ query: "a kite" }, signal)).rejects.toThrow("It is down.");
  });
});
