import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FrameServices, VideoStore } from "#core";
import {
  type ClipInference,
  createClipInference,
} from "../../infra/clip-services/clip-inference.ts";
import { composeClipServices } from "../../infra/clip-services/compose.ts";
import { createFrameSearch } from "../../infra/clip-services/frame-search.ts";
import { seedDemoLibrary } from "../../infra/demo-library.ts";
import { openFramesLate } from "../../infra/deployed/open-frames-late.ts";
import { createFrameIndex } from "../../infra/frame-index.ts";
import { readSettings } from "../../infra/settings.ts";
import { processClock } from "../../src/drivers/process/process-runtime.ts";
import { findMoments } from "../../src/frames/find-moments.ts";
import { createVideoStore } from "../../src/frames/video-store.ts";
import { createColorEmbedder } from "../fixtures/color-embedder.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { loadedWith } from "../fixtures/loaded-with.ts";
import { quietLog } from "../fixtures/quiet.ts";
import { type LambdaServer, startLambdaServer } from "../servers/lambda-server.ts";

const program = fileURLToPath(new URL("../fixtures/late-frames-process.ts", import.meta.url));
const clock = processClock;
const signal = () => AbortSignal.timeout(20_000);

let storage: EmbeddedStorage;
let lambda: LambdaServer;
let environment: Record<string, string>;
let videos: VideoStore;
let openFrames: () => Promise<FrameServices>;
/** What clip-inference runs now. */
let inference: ClipInference;
const own = composeClipServices(() => readSettings({ LOG_LEVEL: "silent" }));
const closers: (() => Promise<void>)[] = [() => own.close()];

beforeAll(async () => {
  storage = await openEmbeddedStorage();
  const media = storage.blobs(clock);
  const stored = {
    ...{ state: storage.state(clock), stores: { outputs: media, inputs: media, media } },
    ...{ filesRoute: null, isExclusive: false, close: async () => {} },
  };
  videos = createVideoStore({ state: stored.state, bucket: media.bucket });
  inference = await own.clipInference();
  const { settings: plain } = readSettings({});
  const parts = { storage: stored, videos, clock, log: quietLog, isOnDemand: true };
  const index = await createFrameIndex({ ...parts, settings: plain, owner: "search" });
  closers.push(() => index.close());
  const unused = async (): Promise<never> => {
    throw new Error("The worker asks for embeddings itself.");
  };
  const frameSearch = createFrameSearch({
    ...{ openEmbedder: unused, openStores: unused, index, videos, media, clock },
    linkTtlSeconds: 60,
  });
  lambda = await startLambdaServer({
    "clip-inference": (event) => inference(event, signal()),
    "frame-search": (event) => frameSearch(event, signal()),
  });
  environment = {
    ...{ CLIP: "lambda", CLIP_FUNCTION: "clip-inference", SEARCH_FUNCTION: "frame-search" },
    ...{ MEDIA_BUCKET: "local", AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint },
    ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
  };
  Object.assign(process.env, environment);
  const { settings } = readSettings(environment);
  openFrames = openFramesLate({ settings, storage: stored, clock, log: quietLog, owner: "worker" });
}, 60_000);
afterAll(async () => {
  await lambda?.close();
  for (const close of closers) await close();
  await storage?.close();
});

/** In a process of its own: what it wrote. */
async function runWorker(videoId: string) {
  const { endpoint, accessKeyId, folder } = storage;
  const args = ["--import", "tsx", program, endpoint, accessKeyId, folder, videoId];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const chunk of child.stdout) said += String(chunk);
  return JSON.parse(said);
}

describe("functions that neither embed nor index", () => {
  it.each(["worker", "frame-search", "dead-letter", "generate"])(
    "%s starts without the native libraries of a model or an index",
    (name) => {
      const loaded = [...loadedWith(`infra/lambda/${name}.lambda.ts`)];
      expect(loaded.length).toBeGreaterThan(10);
      expect(loaded.filter((each) => /^(?:onnxruntime-node|usearch)$/u.test(each))).toEqual([]);
    },
  );
});

describe("finding moments in the worker", () => {
  it("opens nothing before a command needs it, and then each service once", async () => {
    expect(lambda.invocations).toEqual([]);
    const [frames, again] = await Promise.all([openFrames(), openFrames()]);
    expect(again).toBe(frames);
    expect(frames.embedder.model.name).toBe("demo");
    expect(lambda.invocations.map(({ functionName }) => functionName)).toEqual(["clip-inference"]);
  });

  it("indexes and finds by the two functions, with no native library of a model or an index", {
    timeout: 60_000,
  }, async () => {
    const { ingest } = await openFrames();
    const media = storage.blobs(clock);
    await seedDemoLibrary({ videos, media, ingest, clock, signal: signal() });
    const park = (await videos.listAll()).find(({ title }) => title === "A day in the park");
    const { hits, native } = await runWorker(park?.id ?? "");
    expect(hits).toMatchObject([{ videoId: park?.id, score: expect.any(Number) }]);
    expect(hits[0].score).toBeGreaterThan(0.1);
    expect(native.filter((path: string) => /onnxruntime|usearch|sharp/u.test(path))).toEqual([]);
  });

  it("begins anew once clip-inference runs another model, and says so to whoever asked", async () => {
    const before = await openFrames();
    inference = createClipInference({
      embedder: createColorEmbedder({ space: "colors-9" }),
      openStores: async () => [],
    });
    await expect(
      before.embedder.embedTexts(["a green hill"], { signal: signal() }),
    ).rejects.toMatchObject({
      kind: "unavailable",
      message: "The search model was changed just now. Ask again in a moment.",
    });
    const after = await openFrames();
    expect(after.embedder.model.space).toBe("colors-9");
    const [row] = await after.embedder.embedTexts(["a green hill"], { signal: signal() });
    expect(row?.embedding).toHaveLength(512);
  });

  it("begins anew also when all videos have moved to the other model's space by then", async () => {
    const before = await openFrames();
    const videosAt = (space: string) => [{ id: "moved", space }];
    const find = (space: string) =>
      findMoments({ query: { text: "a hill" }, videos: videosAt(space), count: 4 }, before, {
        page: 0,
        signal: signal(),
      });
    const { notices } = await find("an-earlier-space");
    expect(notices.join()).toContain("is being indexed anew");
    expect(await openFrames()).toBe(before);
    inference = createClipInference({
      embedder: createColorEmbedder({ space: "colors-10" }),
      openStores: async () => [],
    });
    await expect(find("colors-10")).rejects.toMatchObject({
      kind: "unavailable",
      message: "The search model was changed just now. Ask again in a moment.",
    });
    expect((await openFrames()).embedder.model.space).toBe("colors-10");
  });
});
