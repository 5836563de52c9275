import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAdapterNotes } from "../../src/adapter-notes.ts";
import { newRandomId, processClock } from "../../src/drivers/process/process-runtime.ts";
import { AtelierError } from "../../src/errors.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { until } from "../fixtures/until.ts";
import { createWorkshop, type Workshop, type WorkshopOptions } from "../fixtures/workshop.ts";

let storage: EmbeddedStorage;
const started: Workshop[] = [];

beforeAll(async () => {
  storage = await openEmbeddedStorage();
});
afterAll(async () => {
  await Promise.all(started.map((workshop) => workshop.stop()));
  await storage.close();
});

async function start(options: WorkshopOptions = {}): Promise<Workshop> {
  const workshop = createWorkshop(storage, options);
  started.push(workshop);
  await workshop.start();
  return workshop;
}

describe("a job that draws", () => {
  it("is refused before the model is called where the platform could not show it", async () => {
    const workshop = await start({
      begin: async () => {
        throw new AtelierError("not_allowed", "Invite me first.");
      },
    });
    const record = await workshop.finished(await workshop.type("ana", "/imagine a fox"));
    expect(record.failure).toEqual({ kind: "not_allowed", message: "Invite me first." });
    expect(workshop.counting.seeds()).toEqual([]);
  });

  it("begins on the platform once; quick answers do not", async () => {
    const begun: string[] = [];
    const workshop = await start({ begin: async (job) => void begun.push(job.command) });
    await workshop.finished(await workshop.type("ana", "/imagine a fox"));
    await workshop.finished(await workshop.type("ana", "/history"));
    expect(begun).toEqual(["imagine"]);
  });
});

describe("an answer that the platform does not take", () => {
  it("for good is given up at once; it is kept, and /show brings it back", async () => {
    let tries = 0;
    const workshop = await start({
      async deliver(record) {
        if (record.command !== "imagine") return;
        tries += 1;
        throw new AtelierError("not_allowed", "The channel is archived.");
      },
    });
    const lost = await workshop.finished(await workshop.type("ana", "/imagine a fox"));
    expect(tries).toBe(1);
    expect(lost).toMatchObject({ status: "failed", failure: { kind: "not_allowed" } });
    expect(lost.failure?.message).toContain(`/show ${lost.id} brings it back`);
    const shown = await workshop.finished(await workshop.type("ana", `/show ${lost.id}`));
    expect(shown.pictures).toEqual(lost.pictures);
    expect(shown.card?.text).toBe("a fox");
    expect(workshop.counting.requests).toHaveLength(1);
  });

  it("just now is tried again later, and drawn once", async () => {
    let isAway = true;
    let tries = 0;
    const workspace = newRandomId();
    const workshop = await start({
      workspace,
      async deliver() {
        tries += 1;
        if (isAway) throw new AtelierError("unavailable", "The platform is away.");
      },
    });
    const id = await workshop.type("ana", "/imagine a heron");
    await until(() => tries === 3);
    expect((await workshop.jobs.find(id))?.status).toBe("running");
    isAway = false;
    await workshop.stop();
    const later = await start({ workspace, isAlone: true });
    expect((await later.finished(id)).status).toBe("delivered");
    expect(later.shown).toHaveLength(1);
    expect(later.counting.requests).toEqual([]);
  });
});

describe("a restyle in a thread", () => {
  it("takes the picture that the thread is about, until one is drawn in it", async () => {
    const workshop = await start();
    const root = await workshop.finished(
      await workshop.type("ana", "/imagine a fox", { place: "channel" }),
    );
    await workshop.finished(await workshop.type("ben", "/imagine a heron", { place: "channel" }));
    const inThread = { place: "channel:thread", threadOf: root.id };
    const restyle = async (text: string) =>
      workshop.finished(await workshop.type("ben", text, inThread));

    const first = await restyle("/restyle as an etching --seed 1");
    const named = await restyle(`/restyle --from ${root.id} --seed 2 -- as an etching`);
    const source = named.pictures[0]?.recipe.imageSha256;
    expect(source).toBeDefined();
    expect(first.pictures[0]?.recipe.imageSha256).toBe(source);

    const next = await restyle("/restyle as an etching --seed 3");
    expect(next.pictures[0]?.recipe.imageSha256).not.toBe(source);
  });

  it("does not take a private picture that somebody else's thread hangs on", async () => {
    const workshop = await start();
    const root = await workshop.finished(await workshop.type("ana", "/imagine a fox --private"));
    const record = await workshop.finished(
      await workshop.type("ben", "/restyle as an etching", { place: "aside", threadOf: root.id }),
    );
    expect(record.failure?.message).toContain("no picture here yet");
  });
});

describe("a restyle that says nothing", () => {
  it("is refused before it is queued, and names the option that is missing", async () => {
    const workshop = await start();
    await expect(workshop.type("ana", "/restyle")).rejects.toMatchObject({
      kind: "invalid_input",
      option: "prompt",
    });
    await expect(workshop.type("ana", "/restyle --style nosuch")).rejects.toThrow(
      "There is no style “nosuch”",
    );
  });
});

describe("the history", () => {
  it("says how much of one's limits is used", async () => {
    const workshop = await start();
    const empty = await workshop.finished(await workshop.type("zoe", "/history"));
    expect(empty.card?.notices).toEqual(["Running 0 of 3, waiting 0 of 10."]);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const busy = await start({ begin: () => held });
    const jobs = await Promise.all(
      ["a", "b", "c", "d", "e"].map((what) => busy.type("zoe", `/imagine ${what}`)),
    );
    const full = await busy.finished(await busy.type("zoe", "/history"));
    expect(full.card?.notices).toEqual(["Running 3 of 3, waiting 2 of 10."]);
    release();
    await Promise.all(jobs.map((id) => busy.finished(id)));
  });
});

describe("an adapter's notes", () => {
  it("outlive the process, are apart from other platforms' and are written once if asked to", async () => {
    const state = storage.state(processClock);
    const notesOf = (platform: string) =>
      createAdapterNotes({ state, clock: processClock, platform });
    const notes = notesOf("one");
    expect(await notes.get("message#1")).toBeNull();
    await notes.put("message#1", { channel: "C1", ts: "1.2" });
    expect(await notesOf("one").get("message#1")).toEqual({ channel: "C1", ts: "1.2" });
    expect(await notesOf("two").get("message#1")).toBeNull();
    expect(await notes.putNew("message#1", "other")).toBe(false);
    expect(await notes.putNew("message#2", "other")).toBe(true);
    await notes.delete("message#1");
    expect(await notes.get("message#1")).toBeNull();
  });
});
