import { beforeAll, expect, it } from "vitest";
import { assumptions } from "../../infra/cost/assumptions.ts";
import { processClock } from "../../src/drivers/process/process-runtime.ts";
import { type StateItem, stateIndexes } from "../../src/ports/index.ts";
import { recordStateStore, type StoreCall } from "../bench/recorded-state-store.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { createWorkshop } from "../fixtures/workshop.ts";

let storage: EmbeddedStorage;
beforeAll(async () => {
  storage = await openEmbeddedStorage();
  return () => storage.close();
});

/**
 * Write units of 1 KB: the table's, and those of each index that the item is in. Source: DynamoDB
 * Developer Guide, "DynamoDB on-demand capacity mode" and "Using Global Secondary Indexes".
 */
function writeUnits(calls: readonly StoreCall[]): number {
  const unitsOf = (item: StateItem) => {
    const inIndexes = Object.values(stateIndexes).filter((key) => item[key] !== undefined).length;
    return Math.ceil(JSON.stringify(item).length / 1_024) * (1 + inIndexes);
  };
  return calls.reduce((sum, call) => sum + (call.method === "put" ? unitsOf(call.args[1]) : 0), 0);
}

it("the bill counts at least the writes that a drawn picture makes, and not twice as many", async () => {
  const recorded = recordStateStore(storage.state(processClock));
  const workshop = createWorkshop({ ...storage, state: () => recorded });
  await workshop.start();
  const calls = await recorded.record(async () => {
    await workshop.finished(await workshop.type("ana", "/imagine a red fox in the snow --ar 16:9"));
  });
  await workshop.stop();
  const { image } = assumptions;
  // Beside these: the take-over by the worker, two heartbeats, the last removal from an index.
  const besides = 4 * 3 + 2 + 3;
  const written = writeUnits(calls) + besides;
  expect(written).toBeLessThanOrEqual(image.writeUnits);
  expect(written).toBeGreaterThan(image.writeUnits / 2);
});
