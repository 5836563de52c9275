import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import type { JobRecord } from "../../src/job/job.ts";
import { readRecipe } from "../../src/recipe-metadata/index.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { createWorkshop, type Workshop } from "../fixtures/workshop.ts";

let storage: EmbeddedStorage;
const started: Workshop[] = [];

beforeAll(async () => {
  storage = await openEmbeddedStorage();
});
afterAll(async () => {
  await Promise.all(started.map((workshop) => workshop.stop()));
  await storage.close();
});

async function start(): Promise<Workshop> {
  const workshop = createWorkshop(storage);
  started.push(workshop);
  await workshop.start();
  return workshop;
}

const run = async (workshop: Workshop, person: string, text: string): Promise<JobRecord> =>
  workshop.finished(await workshop.type(person, text));
const press = async (workshop: Workshop, person: string, button: string, id: string) =>
  workshop.finished(await workshop.press(person, button, id));
const seedsOf = (record: JobRecord) => record.pictures.map(({ seed }) => seed);
const keysOf = (record: JobRecord) => record.pictures.map(({ blob }) => blob.key);

describe("pictures", () => {
  it("four with a seed have that seed and the three after it, each from a call of its own", async () => {
    const workshop = await start();
    const record = await run(workshop, "ana", "/imagine a fox --seed 4294967293 --count 4");
    expect(seedsOf(record)).toEqual([4294967293, 4294967294, 1, 2]);
    expect(workshop.counting.seeds().sort()).toEqual([1, 2, 4294967293, 4294967294]);
    expect(new Set(keysOf(record)).size).toBe(4);
    expect(keysOf(record)).toEqual(
      [1, 2, 3, 4].map((n) =>
        expect.stringMatching(
          new RegExp(`^outputs/\\d{4}/\\d\\d/\\d\\d/${record.id}-${n}\\.jpeg$`),
        ),
      ),
    );
  });

  it("asked for again without a seed are all from the cache, also by a colleague", async () => {
    const workshop = await start();
    const first = await run(workshop, "ana", "/imagine a fox --count 4");
    const second = await run(workshop, "ben", "/imagine  a   fox --count 4");
    expect(keysOf(second)).toEqual(keysOf(first));
    expect(second.pictures.every(({ isFromCache }) => isFromCache)).toBe(true);
    expect(second.card?.notices.join()).toContain("cache");
    expect(first.pictures.some(({ isFromCache }) => isFromCache)).toBe(false);
    expect(workshop.counting.requests).toHaveLength(4);
  });

  it("asked for by both at the same moment are drawn once", async () => {
    const workshop = await start();
    const ids = await Promise.all([
      workshop.type("ana", "/imagine a fox --count 4"),
      workshop.type("ben", "/imagine a fox --count 4"),
    ]);
    const records = await Promise.all(ids.map((id) => workshop.finished(id)));
    expect(workshop.counting.requests).toHaveLength(4);
    expect(records.map(keysOf)[0]).toEqual(records.map(keysOf)[1]);
  });

  it("differ from workspace to workspace", async () => {
    const [here, there] = [await start(), await start()];
    await run(here, "ana", "/imagine a fox --seed 7");
    await run(there, "ana", "/imagine a fox --seed 7");
    expect(there.counting.requests).toHaveLength(1);
  });

  it("re-rolled never come from the cache, and have new seeds", async () => {
    const workshop = await start();
    const first = await run(workshop, "ana", "/imagine a fox --seed 7");
    const seeds = new Set(seedsOf(first));
    for (let n = 1; n <= 3; n++) {
      const again = await press(workshop, "ben", "reroll", first.id);
      expect(again.pictures).toMatchObject([{ isFromCache: false }]);
      for (const seed of seedsOf(again)) seeds.add(seed);
    }
    expect(seeds.size).toBe(4);
    const varied = await press(workshop, "ana", "vary", first.id);
    expect(varied.pictures).toHaveLength(4);
    expect(workshop.counting.requests).toHaveLength(8);
  });

  it.each(["/imagine a fox --count 2 --format png", "/imagine a -- fox --no “big ears”, hats"])(
    "come back from the command that Info shows for %s",
    async (command) => {
      const workshop = await start();
      const first = await run(workshop, "ana", command);
      const rerolled = await press(workshop, "ana", "reroll", first.id);
      const drawn = workshop.counting.requests.length;
      for (const record of [first, rerolled]) {
        const info = await press(workshop, "ben", "info", record.id);
        const lines = info.card?.code?.split("\n") ?? [];
        expect(lines).toHaveLength(record.pictures.length);
        for (const [n, line] of lines.entries()) {
          const again = await run(workshop, "ben", line);
          expect(keysOf(again)).toEqual([keysOf(record)[n]]);
        }
      }
      expect(workshop.counting.requests).toHaveLength(drawn);
    },
  );

  it("restyled come back from the command that Info shows, whatever was shown since", async () => {
    const workshop = await start();
    await run(workshop, "ana", "/imagine a fox");
    const restyled = await run(workshop, "ana", "/restyle as an etching --strength subtle");
    expect(workshop.counting.requests[1]?.init).toMatchObject({ strength: 0.35 });
    await run(workshop, "ana", "/imagine a heron");
    const info = await press(workshop, "ana", "info", restyled.id);
    const again = await run(workshop, "ana", String(info.card?.code));
    expect(keysOf(again)).toEqual(keysOf(restyled));
    expect(workshop.counting.requests).toHaveLength(3);
  });

  it("carry their recipe in the file", async () => {
    const workshop = await start();
    const record = await run(workshop, "ana", "/imagine a fox --seed 7 --format webp");
    const blob = await workshop.services.stores.outputs.get(String(keysOf(record)[0]));
    expect(readRecipe(blob?.bytes ?? new Uint8Array())).toContain(
      "/imagine a fox --ar 1:1 --seed 7",
    );
  });

  it("of which one fails are shown without it, with a notice that says why", async () => {
    const workshop = await start();
    workshop.counting.fail(2, new AtelierError("refused", "The content was declined."));
    const record = await run(workshop, "ana", "/imagine a fox --seed 7 --count 4");
    expect(record.status).toBe("delivered");
    expect(record.pictures).toHaveLength(3);
    expect(record.card?.notices).toContainEqual(
      "1 of 4 could not be drawn. The content was declined.",
    );
    // What is there is not drawn again.
    const again = await run(workshop, "ana", "/imagine a fox --seed 7 --count 4");
    expect(again.pictures).toHaveLength(4);
    expect(workshop.counting.requests).toHaveLength(5);
  });

  it("of which the first fails still bring the other three", async () => {
    const workshop = await start();
    workshop.counting.fail(1, new AtelierError("unavailable", "The model is away."));
    const record = await run(workshop, "ana", "/imagine a fox --count 4");
    expect(record.pictures).toHaveLength(3);
    expect(new Set(workshop.counting.seeds()).size).toBe(4);
  });

  it("of which all fail are a failure that says why", async () => {
    const workshop = await start();
    workshop.counting.fail(0, new AtelierError("refused", "The content was declined."));
    const record = await run(workshop, "ana", "/imagine a fox --count 4");
    expect(record).toMatchObject({
      status: "refused",
      failure: { kind: "refused", message: "The content was declined." },
      pictures: [],
    });
  });
});

describe("Delete", () => {
  it("removes the object and both cache entries, for the person who asked only", async () => {
    const workshop = await start();
    const record = await run(workshop, "ana", "/imagine a fox");
    const [picture] = record.pictures;
    expect(picture?.promptHashes).toHaveLength(2);
    const tried = await press(workshop, "ben", "delete", record.id);
    expect(tried.failure?.kind).toBe("not_allowed");
    const { cache, stores } = workshop.services;
    for (const hash of picture?.promptHashes ?? []) expect(await cache.find(hash)).not.toBeNull();

    await press(workshop, "ana", "delete", record.id);
    for (const hash of picture?.promptHashes ?? []) expect(await cache.find(hash)).toBeNull();
    expect(await stores.outputs.has(String(picture?.blob.key))).toBe(false);
    const shown = await run(workshop, "ben", `/show ${record.id}`);
    expect(shown.card).toMatchObject({ text: "Deleted by the person who asked.", images: [] });
    const again = await run(workshop, "ana", "/imagine a fox");
    expect(again.pictures).toMatchObject([{ isFromCache: false }]);
  });

  it("leaves alone what came from the cache and was made for somebody else", async () => {
    const workshop = await start();
    const made = await run(workshop, "ana", "/imagine a fox");
    const found = await run(workshop, "ben", "/imagine a fox");
    await press(workshop, "ben", "delete", found.id);
    const { outputs } = workshop.services.stores;
    expect(await outputs.has(String(keysOf(made)[0]))).toBe(true);
    expect(await run(workshop, "cleo", "/imagine a fox")).toMatchObject({
      pictures: [{ isFromCache: true }],
    });
    const shown = await run(workshop, "ana", `/show ${found.id}`);
    expect(shown.card?.images).toEqual([]);
  });
});
