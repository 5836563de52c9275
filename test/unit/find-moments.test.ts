import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCachedEmbedder } from "../../src/frames/cached-embedder.ts";
import { findMoments, type MomentSearch } from "../../src/frames/find-moments.ts";
import { floorAt } from "../../src/frames/floors.ts";
import { createMomentLibrary } from "../fixtures/moment-library.ts";
import { createWordEmbedder } from "../fixtures/word-embedder.ts";

type Library = Awaited<ReturnType<typeof createMomentLibrary>>;
type Videos = MomentSearch["videos"];
const signal = new AbortController().signal;

/** Scenery without anything that is looked for. */
const scenery = (n: number) =>
  Array.from({ length: n }, (_, at) => [`meadow ${at} hedge`, `meadow ${at} gate`]);

describe("finding moments", () => {
  let library: Library;
  let videos: Videos;

  beforeAll(async () => {
    library = await createMomentLibrary();
    videos = await Promise.all([
      library.add("harbour", [
        ["red boat harbour"],
        ["red boat", "red boat quay"],
        ["boat fog"],
        ["red boat people crowd"],
        ...scenery(10),
      ]),
      library.add("street", [["red car street"], ["blue car street night"], ...scenery(10)]),
      library.add("garden", scenery(15)),
    ]);
  });
  afterAll(async () => library?.close());

  const find = (search: Partial<MomentSearch>, page = 0) =>
    findMoments({ query: { text: "red boat" }, videos, count: 4, ...search }, library.services, {
      page,
      signal,
    });
  const names = (moments: readonly { videoId: string; timeMs: number }[]) =>
    moments.map(({ videoId, timeMs }) => `${videoId} ${timeMs / 1_000}`);

  it("shows the best frame of each shot, best first, and at most two of each video", async () => {
    const found = await find({});
    expect(found.isClear).toBe(true);
    expect(names(found.moments).slice(0, 2)).toEqual(["harbour 1", "harbour 0"]);
    expect(found.moments.filter(({ videoId }) => videoId === "harbour")).toHaveLength(2);
    expect(found.moments[0]).toMatchObject({ certainty: "strong", shot: 1 });
  });

  it("shows every moment of the one video that was named", async () => {
    const [harbour] = videos;
    const found = await find({ videos: harbour === undefined ? [] : [harbour] });
    expect(names(found.moments)).toEqual(["harbour 1", "harbour 0", "harbour 4", "harbour 3"]);
  });

  it("goes on where the page before ended", async () => {
    const [harbour] = videos;
    const one = { videos: harbour === undefined ? [] : [harbour], count: 2 };
    const [first, second, third] = [await find(one, 0), await find(one, 1), await find(one, 2)];
    expect(names(first.moments)).toEqual(["harbour 1", "harbour 0"]);
    expect(names(second.moments)).toEqual(["harbour 4", "harbour 3"]);
    expect([first.hasMore, third.hasMore, third.moments]).toEqual([true, false, []]);
  });

  it("says that nothing fits, and gives the closest all the same", async () => {
    const found = await find({ query: { text: "giraffe savanna" } });
    expect(found.isClear).toBe(false);
    expect(found.moments).toHaveLength(4);
    expect(found.moments.every(({ certainty }) => certainty === null)).toBe(true);
  });

  it("keeps to a stretch of time", async () => {
    const found = await find({ fromMs: 3_000, toMs: 5_000 });
    expect(found.moments.length).toBeGreaterThan(0);
    for (const { timeMs } of found.moments) {
      expect(timeMs).toBeGreaterThanOrEqual(3_000);
      expect(timeMs).toBeLessThanOrEqual(5_000);
    }
  });

  it("leaves out what is to be avoided", async () => {
    const [harbour] = videos;
    const one = { videos: harbour === undefined ? [] : [harbour] };
    expect(names((await find(one)).moments)).toContain("harbour 4");
    const found = await find({ ...one, not: "people" });
    expect(names(found.moments)).not.toContain("harbour 4");
    expect(names(found.moments)).toContain("harbour 1");
  });

  it("finds by a picture", async () => {
    const found = await find({ query: { picture: Buffer.from("blue car street night") } });
    expect(found.moments[0]).toMatchObject({ videoId: "street", timeMs: 1_000 });
    expect(found.moments[0]?.score).toBeCloseTo(1, 2);
  });

  it("finds more like a frame, without the frame and its shot", async () => {
    const found = await find({ query: { frame: { videoId: "harbour", timeMs: 1_000 } } });
    expect(names(found.moments)[0]).toBe("harbour 0");
    expect(names(found.moments)).not.toContain("harbour 1");
    expect(names(found.moments)).not.toContain("harbour 2");
  });

  it("says whether something is really like the frame, and shows what comes closest anyway", async () => {
    const seldom = await find({ query: { frame: { videoId: "harbour", timeMs: 1_000 } } });
    expect(seldom).toMatchObject({ isClear: false, moments: { length: 4 } });
    // The hedge of that meadow stands in all three videos.
    const common = await find({ query: { frame: { videoId: "garden", timeMs: 0 } } });
    expect(common.isClear).toBe(true);
    expect(common.moments[0]?.certainty).not.toBeNull();
  });

  it("says when the frame to look like is gone", async () => {
    const gone = find({ query: { frame: { videoId: "harbour", timeMs: 77 } } });
    await expect(gone).rejects.toMatchObject({ kind: "not_found" });
  });

  it("finds nothing where there are no videos", async () => {
    expect(await find({ videos: [] })).toMatchObject({ moments: [], isClear: false });
  });

  it("gives a hint with an answer where the language is another", async () => {
    const foreign = [
      ...[
        "ein rotes Boot",
        "ein Hund in der Küche",
        "rotes Auto nachts",
        "красная лодка",
        "赤い船",
      ],
      ...["un bateau rouge", "voiture rouge", "el perro con gorra", "een hond op het strand"],
    ];
    for (const text of foreign) {
      const { notices } = await find({ query: { text } });
      expect(notices.join(), text).toContain("was trained on English");
    }
    const english = [
      ...["red boat", "a boat on the quay", "die hard", "no smoking sign", "do not enter sign"],
      ...["i love you sign", "los angeles skyline", "red van", "film noir", "sous chef", "em dash"],
      ...["red car no people", "chili con carne", "pod of whales", "las vegas at night"],
    ];
    for (const text of english) {
      expect((await find({ query: { text } })).notices, text).toEqual([]);
    }
  });

  it("says that a text was too long to be read whole", async () => {
    const text = `red boat ${"and so on ".repeat(10)}`;
    const found = await find({ query: { text } });
    expect(found.notices.join()).toContain("only its beginning was looked for");
    expect(found.moments[0]?.videoId).toBe("harbour");
  });

  it("finds a false match for at most few of the queries that nothing fits", async () => {
    const strangers = Array.from({ length: 60 }, (_, at) => `stranger${at} oddity${at * 7}`);
    let clear = 0;
    for (const text of strangers) if ((await find({ query: { text } })).isClear) clear += 1;
    // 5 % are meant; of 60 queries more than 9 would happen once in 1,000 times.
    expect(clear).toBeLessThanOrEqual(9);
  });
});

describe("while videos are indexed anew for another model", () => {
  const now = createWordEmbedder({ space: "words-2" });
  const before = createWordEmbedder({ space: "words-1" });
  let library: Library;
  let videos: Videos;

  beforeAll(async () => {
    library = await createMomentLibrary(now);
    videos = await Promise.all([
      library.add("fresh", [["red boat fresh"], ...scenery(10)]),
      library.add("stale", [["red boat"], ...scenery(10)], before),
    ]);
  });
  afterAll(async () => library?.close());

  const find = (services = library.services) =>
    findMoments({ query: { text: "red boat" }, videos, count: 4 }, services, { page: 0, signal });

  it("searches what is there, and says how many are not", async () => {
    const found = await find();
    expect(found.moments.map(({ videoId }) => videoId)).not.toContain("stale");
    expect(found.moments[0]?.videoId).toBe("fresh");
    expect(found.notices).toEqual([
      "One video is being indexed anew for another model and is not searched yet.",
    ]);
  });

  it("searches both, the best first, where the earlier model is still there", async () => {
    const earlierEmbedder = (space: string) => (space === "words-1" ? before : null);
    const found = await find({ ...library.services, earlierEmbedder });
    expect(found.moments.slice(0, 2).map(({ videoId }) => videoId)).toEqual(["stale", "fresh"]);
    expect(found.notices).toEqual([]);
  });
});

describe("a model that can say what it knows", () => {
  const model = {
    title: "Demo model",
    vocabulary: {
      knows: { things: ["boat", "car", "cat", "tree", "house", "kite"], colours: ["red", "blue"] },
      contentWords: ["boat", "boats", "car", "cat", "tree", "house", "kite", "red", "blue"],
      stopWords: ["a", "the", "in", "at", "with"],
    },
    calibration: {
      maybe: {
        falsePositiveRate: 0.05,
        floors: { "1": { "10": 0.3, "1000": 0.5 }, "2": { "10": 0.4, "1000": 0.6 } },
      },
      strong: { falsePositiveRate: 0.005, floors: { "1": { "10": 0.7 }, "2": { "10": 0.7 } } },
    },
  };
  let library: Library;
  let videos: Videos;

  beforeAll(async () => {
    library = await createMomentLibrary(createWordEmbedder(model));
    videos = [await library.add("only", [["red boat"], ["blue car"], ["tree"]])];
  });
  afterAll(async () => library?.close());

  const find = (text: string, not?: string) =>
    findMoments(
      { query: { text }, videos, count: 4, ...(not !== undefined && { not }) },
      library.services,
      { page: 0, signal },
    );

  it("refuses a word it does not know, and says what it knows", async () => {
    await expect(find("a giraffe in the tree")).rejects.toMatchObject({
      kind: "invalid_input",
      option: "text",
      message:
        "The demo model knows 6 things (boat, car, cat, tree, house, …), 2 colours (red, blue); it does not know “giraffe”.",
    });
  });

  it("proposes the nearest words it knows", async () => {
    await expect(find("a red boart")).rejects.toThrow("Did you mean “boat”?");
    await expect(find("a cup")).rejects.toThrow(/“cup”\.$/u);
  });

  it("asks for English where the language is another, and proposes nothing", async () => {
    await expect(find("ein rotes Boot im Baum")).rejects.toThrow(/“baum”\. Ask in English\.$/u);
    await expect(find("boat", "赤い船")).rejects.toThrow(/“赤い船”\. Ask in English\.$/u);
    await expect(find("red car no people")).rejects.toThrow(/“no”, “people”\.$/u);
  });

  it("refuses an unknown word of what is to be avoided, and a query that says nothing", async () => {
    await expect(find("boat", "giraffes")).rejects.toMatchObject({ option: "not" });
    await expect(find("in the")).rejects.toThrow("Say which of these is to be seen.");
  });

  it("answers with the words it knows, whatever their case and punctuation", async () => {
    const found = await find("The RED boat's, boat!");
    expect(found.moments[0]).toMatchObject({ timeMs: 0, certainty: "strong" });
  });

  it("takes the floors that it brings: by content words, between sizes by their logarithms", () => {
    const { maybe } = model.calibration;
    expect(floorAt(maybe, 1, 10)).toBe(0.3);
    expect(floorAt(maybe, 1, 100)).toBeCloseTo(0.4);
    expect(floorAt(maybe, 1, 3)).toBe(0.3);
    expect(floorAt(maybe, 1, 50_000)).toBe(0.5);
    expect(floorAt(maybe, 2, 100)).toBeCloseTo(0.5);
    expect(floorAt(maybe, 7, 10)).toBe(0.4);
    expect(floorAt(maybe, 0, 10)).toBe(0.3);
  });
});

describe("an embedder that remembers texts", () => {
  it("embeds a text once, gives its rows in order, and forgets what was not used for longest", async () => {
    const inner = createWordEmbedder();
    const embedder = createCachedEmbedder(inner);
    const [first] = await embedder.embedTexts(["boat", "car", "boat"], { signal });
    const again = await embedder.embedTexts(["tree", "boat"], { signal });
    expect(inner.texts).toEqual(["boat", "car", "tree"]);
    expect(again[1]?.embedding).toEqual(first?.embedding);
    const many = Array.from({ length: 500 }, (_, at) => `text ${at}`);
    await embedder.embedTexts(many, { signal });
    await embedder.embedTexts(["text 499", "boat"], { signal });
    expect(inner.texts.slice(-1)).toEqual(["boat"]);
    expect(inner.texts).toHaveLength(504);
  });
});
