import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JobRecord } from "../../src/job/job.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { createWorkshop, type Workshop } from "../fixtures/workshop.ts";

let storage: EmbeddedStorage;
let workshop: Workshop;
let secret: JobRecord;

const run = async (person: string, text: string, place = "general"): Promise<JobRecord> =>
  workshop.finished(await workshop.type(person, text, { place }));
const keyOf = (record: JobRecord) => record.pictures[0]?.blob.key;

beforeAll(async () => {
  storage = await openEmbeddedStorage();
  workshop = createWorkshop(storage);
  await workshop.start();
  secret = await run("ana", "/imagine a surprise --seed 7 --private");
});
afterAll(async () => {
  await workshop.stop();
  await storage.close();
});

describe("what a person made in private", () => {
  it("does not exist for others who ask for it by its id", async () => {
    expect(secret).toMatchObject({ isPrivate: true, status: "delivered" });
    const absent = await run("ben", "/show nosuchjob");
    for (const text of [`/show ${secret.id}`, `/cancel ${secret.id}`]) {
      const { failure, pictures } = await run("ben", text);
      expect(failure?.kind).toBe("not_found");
      expect(pictures).toEqual([]);
    }
    const { failure } = await run("ben", `/show ${secret.id}`);
    expect(failure?.message.replace(secret.id, "nosuchjob")).toBe(absent.failure?.message);
    const restyled = await run("ben", `/restyle --from ${secret.id} -- as an etching`);
    expect(restyled.failure?.kind).toBe("not_found");
    const own = await run("ana", `/show ${secret.id}`);
    expect(keyOf(own)).toBe(keyOf(secret));
  });

  it.each(["reroll", "vary", "restylethis", "edit", "link", "info", "share", "delete"])(
    "has a %s button for that person only",
    async (button) => {
      await expect(workshop.press("ben", button, secret.id)).rejects.toMatchObject({
        kind: "not_found",
      });
    },
  );

  it("stays private when its buttons are pressed", async () => {
    const again = await workshop.finished(await workshop.press("ana", "reroll", secret.id));
    expect(again.isPrivate).toBe(true);
    await expect(workshop.press("ben", "info", again.id)).rejects.toMatchObject({
      kind: "not_found",
    });
  });

  it("is in that person's history only", async () => {
    const own = await run("ana", "/history");
    expect(own.card?.fields.map(({ label }) => label)).toContain(secret.id);
    const other = await run("dora", "/history");
    expect(other.card?.fields).toEqual([]);
  });

  it("is the last picture of the place for that person only", async () => {
    const place = "studio";
    const hidden = await run("ana", "/imagine a kept surprise --private", place);
    const nothing = await run("ben", "/restyle as an etching", place);
    expect(nothing.failure?.message).toContain("no picture here yet");
    const own = await run("ana", "/restyle as an etching --private", place);
    expect(own.status).toBe("delivered");
    const open = await run("ben", "/imagine a heron", place);
    const restyled = await run("cleo", "/restyle as an etching", place);
    expect(restyled.pictures[0]?.recipe.imageSha256).toBeDefined();
    expect([hidden, open].map(({ isPrivate }) => isPrivate)).toEqual([true, false]);
    expect(restyled.pictures[0]?.recipe.imageSha256).not.toBe(own.pictures[0]?.recipe.imageSha256);
  });

  it("is never served to another person, nor to the same one in the open", async () => {
    for (const [person, flags] of [
      ["ben", ""],
      ["ben", " --private"],
      ["ana", ""],
    ] as const) {
      const record = await run(person, `/imagine a surprise --seed 7${flags}`);
      expect(keyOf(record)).not.toBe(keyOf(secret));
    }
    const own = await run("ana", "/imagine a surprise --seed 7 --private");
    expect(keyOf(own)).toBe(keyOf(secret));
  });

  it("is not the source of something that others would see", async () => {
    const open = await run("ana", `/restyle --from ${secret.id} -- as an etching`);
    expect(open.failure?.message).toContain("Add --private");
    const kept = await run("ana", `/restyle --from ${secret.id} --private -- as an etching`);
    expect(kept.status).toBe("delivered");
    const hint = await workshop.finished(await workshop.press("ana", "restylethis", secret.id));
    expect(hint.card?.code).toContain("--private");
  });

  it("is shown to everyone once that person shares it, and only then", async () => {
    const kept = await run("ana", "/imagine a gift --private", "gallery");
    expect(kept.card?.buttons.map(({ label }) => label)).toContain("Share to channel");
    const shared = await workshop.finished(await workshop.press("ana", "share", kept.id));
    expect(shared).toMatchObject({ isPrivate: false, status: "delivered" });
    expect(keyOf(shared)).toBe(keyOf(kept));
    expect(shared.card?.buttons.map(({ label }) => label)).not.toContain("Share to channel");
    const seen = await run("ben", `/show ${shared.id}`);
    expect(keyOf(seen)).toBe(keyOf(kept));
    const original = await run("ben", `/show ${kept.id}`);
    expect(original.failure?.kind).toBe("not_found");
    const rerolled = await workshop.finished(await workshop.press("ben", "reroll", shared.id));
    expect(rerolled).toMatchObject({ isPrivate: false, status: "delivered" });
  });

  it("cannot be shared once it is deleted, and what is open needs no sharing", async () => {
    const kept = await run("ana", "/imagine a regret --private");
    await workshop.finished(await workshop.press("ana", "delete", kept.id));
    const late = await workshop.finished(await workshop.press("ana", "share", kept.id));
    expect(late.failure).toMatchObject({ kind: "not_found" });
    const open = await run("ana", "/imagine a bridge");
    const needless = await workshop.finished(await workshop.press("ben", "share", open.id));
    expect(needless.failure?.message).toBe("Everyone here sees this already.");
  });

  it("leaves what was made in the open as it is: a private request does not find it", async () => {
    const open = await run("ana", "/imagine an open fox --seed 9");
    const hidden = await run("ana", "/imagine an open fox --seed 9 --private");
    expect(keyOf(hidden)).not.toBe(keyOf(open));
  });
});
