import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FrameIndex } from "#core";
import { createFloorStore } from "../../src/frames/floor-store.ts";
import { createSimilarityFloors } from "../../src/frames/floors.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { createMomentLibrary } from "../fixtures/moment-library.ts";
import { createShiftableClock } from "../fixtures/shiftable-clock.ts";
import { createWordEmbedder } from "../fixtures/word-embedder.ts";

describe("floors that were measured on the index", () => {
  const clock = createShiftableClock();
  const embedder = createWordEmbedder();
  const filter = { videoIds: ["harbour"] };
  let storage: EmbeddedStorage;
  let library: Awaited<ReturnType<typeof createMomentLibrary>>;
  beforeAll(async () => {
    storage = await openEmbeddedStorage();
    library = await createMomentLibrary(embedder);
    await library.add("harbour", [["red boat"], ["blue car"], ["green tree"]]);
  }, 60_000);
  afterAll(async () => {
    await library?.close();
    await storage?.close();
  });

  /** Another process, and how often it searched. */
  function process() {
    let searches = 0;
    const index: FrameIndex = {
      ...library.services.index,
      search(...asked) {
        searches += 1;
        return library.services.index.search(...asked);
      },
    };
    const store = createFloorStore({ state: storage.state(clock), clock });
    const floors = createSimilarityFloors({ index, store });
    return { floors, searches: () => searches };
  }

  it("are measured by one process and taken over by the others, for a week", async () => {
    const first = process();
    const measured = await first.floors.ofText("a boat", { embedder, filter });
    expect(first.searches()).toBeGreaterThan(10);
    expect(measured.strong).toBeGreaterThan(0);
    const second = process();
    expect(await second.floors.ofText("a car", { embedder, filter })).toEqual(measured);
    expect(second.searches()).toBe(0);
    clock.shift(8 * 24 * 3_600_000);
    const later = process();
    await later.floors.ofText("a car", { embedder, filter });
    expect(later.searches()).toBeGreaterThan(10);
  });

  it("are measured where what is kept is not ours", async () => {
    await storage.state(clock).put("state", { pk: "floors#texts words-1 2", maybe: "high" });
    const other = process();
    await other.floors.ofText("a car", { embedder, filter });
    expect(other.searches()).toBeGreaterThan(10);
  });
});
