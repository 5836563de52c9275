import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createGenerateHandler } from "../../infra/deployed/generate-handler.ts";
import { AtelierError } from "../../src/errors.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { createGenerateDesk, type GenerateDesk } from "../fixtures/generate-desk.ts";
import { batchEvent } from "../fixtures/generate-events.ts";
import { quietLog } from "../fixtures/quiet.ts";
import { until } from "../fixtures/until.ts";

let storage: EmbeddedStorage;
let desk: GenerateDesk;
beforeAll(async () => {
  storage = await openEmbeddedStorage();
  return () => storage.close();
});
beforeEach(() => {
  desk = createGenerateDesk(storage);
});

const record = (messageId: string, payload: unknown) => ({
  messageId,
  body: JSON.stringify(payload),
});
const failed = (...messageIds: string[]) => ({
  batchItemFailures: messageIds.map((itemIdentifier) => ({ itemIdentifier })),
});

describe("a batch of the queue image-batch", () => {
  it("is drawn, one picture for each record, in text or as an object", async () => {
    const answer = await desk.invoke(
      batchEvent([
        record("text", { prompt: "a batch of foxes", seed: 3 }),
        { messageId: "object", body: { prompt: "a batch of owls" } },
      ]),
    );
    expect(answer).toEqual(failed());
    expect(desk.counting.requests.map(({ prompt }) => prompt).sort()).toEqual([
      "a batch of foxes",
      "a batch of owls",
    ]);
    // What was drawn is there for the next who asks.
    const asked = await desk.call({ prompt: "a batch of foxes", seed: 3 });
    expect(asked.body).toMatchObject({ cached: true, parameters: { seed: 3 } });
  });

  it("has a bad record reported, which stops no other one", async () => {
    desk.counting.fail(0, new AtelierError("unavailable", "The model is away."));
    const bad = batchEvent([
      { messageId: "no JSON", body: "{" },
      record("no prompt", { seed: 1 }),
      { messageId: "no body", body: undefined },
      record("model away", { prompt: "nobody draws this" }),
    ]);
    expect(await desk.invoke(bad)).toEqual(failed("no JSON", "no prompt", "no body", "model away"));
    const fresh = createGenerateDesk(storage);
    const mixed = batchEvent([
      record("bad", { prompt: "a", aspect_ratio: "4:3" }),
      record("good", { prompt: "drawn beside a bad one" }),
      record("worse", []),
    ]);
    expect(await fresh.invoke(mixed)).toEqual(failed("bad", "worse"));
    expect(fresh.counting.requests.map(({ prompt }) => prompt)).toEqual(["drawn beside a bad one"]);
  });

  it("is drawn once however often it is delivered: in one batch, at a time, and later", async () => {
    const twice = [
      record("d-1", { prompt: "drawn once" }),
      record("d-1", { prompt: "drawn once" }),
    ];
    // Another process on the same tables.
    const other = createGenerateDesk(storage);
    const answers = await Promise.all([
      desk.invoke(batchEvent(twice)),
      other.invoke(batchEvent(twice)),
      desk.invoke(batchEvent(twice)),
    ]);
    expect(answers).toEqual([failed(), failed(), failed()]);
    const later = createGenerateDesk(storage);
    expect(await later.invoke(batchEvent(twice))).toEqual(failed());
    const desks = [desk, other, later];
    expect(desks.flatMap(({ counting }) => counting.requests)).toHaveLength(1);
  });

  it("is drawn when it comes again after the model failed", async () => {
    desk.counting.fail(1, new AtelierError("unavailable", "Just now."));
    const again = batchEvent([record("a-1", { prompt: "second time lucky" })]);
    expect(await desk.invoke(again)).toEqual(failed("a-1"));
    expect(await desk.invoke(again)).toEqual(failed());
    expect(desk.counting.requests).toHaveLength(2);
  });

  it("reports what the function's time was too short for, and keeps what was done", async () => {
    await desk.invoke(batchEvent([record("t-0", { prompt: "there already" })]));
    const open = desk.counting.hold();
    const calls = desk.counting.requests.length;
    const answered = desk.invoke(
      batchEvent([
        record("t-1", { prompt: "too slow" }),
        record("t-2", { prompt: "there already" }),
      ]),
      2_300,
    );
    await until(() => desk.counting.requests.length > calls);
    expect(await answered).toEqual(failed("t-1"));
    open();
    expect(await desk.invoke(batchEvent([record("t-1", { prompt: "too slow" })]))).toEqual(
      failed(),
    );
  });

  it("is logged by its messages' ids, never by what they ask for", async () => {
    await desk.invoke(
      batchEvent([
        record("l-1", { prompt: "a secret fox" }),
        { messageId: "l-2", body: "a secret that is no JSON" },
      ]),
    );
    const seen = desk.lines.map(({ messageId, outcome, level }) => [messageId, outcome, level]);
    expect(seen.sort()).toEqual([
      ["l-1", "drawn", "info"],
      ["l-2", "invalid_input", "warn"],
    ]);
    expect(JSON.stringify(desk.lines)).toContain("not valid JSON");
    expect(JSON.stringify(desk.lines)).not.toContain("secret");
    expect(desk.outcomes.sort()).toEqual(["drawn", "invalid_input"]);
  });
});

describe("a function that cannot open what it works with", () => {
  const lines: unknown[] = [];
  const broken = createGenerateHandler({
    open: () =>
      Promise.reject(new AtelierError("misconfigured", "The bucket of nobody is not there.")),
    log: () => ({ ...quietLog, error: (fields) => void lines.push(fields) }),
    newId: () => "reference",
    nowMs: Date.now,
  });

  it("answers a call without detail, and logs the cause under the reference", async () => {
    const answer = await broken({ prompt: "a red fox" });
    expect(answer).toMatchObject({ statusCode: 500, isBase64Encoded: false });
    expect(JSON.stringify(answer)).toContain("InternalError");
    expect(JSON.stringify(answer)).toContain("reference");
    expect(JSON.stringify(answer)).not.toContain("bucket");
    expect(lines).toMatchObject([{ reference: "reference", err: { kind: "misconfigured" } }]);
  });

  it("fails a whole batch, so that it comes again", async () => {
    await expect(broken(batchEvent([record("b-1", { prompt: "a" })]))).rejects.toThrow("bucket");
  });
});
