import { beforeAll, describe, expect, it } from "vitest";
import type { StateItem, StateStore } from "../../src/ports/index.ts";
import type { StateStoreUnderTest } from "./state-store-contract.ts";

const minute = (n: number) => `2026-11-21T10:${String(n).padStart(2, "0")}:00.000Z`;
const minutesOf = (items: readonly StateItem[]) =>
  items.map((item) => Number(String(item.at).slice(14, 16)));

/** The part of the StateStore's contract that is about `query`. */
export function stateStoreQueryContract(
  start: () => StateStoreUnderTest,
  newKey: () => string,
): void {
  describe("queries", () => {
    let store: StateStore;
    beforeAll(() => {
      store = start().connect();
    });

    /** Twelve items, written out of order, of which those at a minute divisible by 3 end in an hour. */
    async function fill(user: string): Promise<void> {
      const endsAt = Math.floor(start().clock.nowMs() / 1000) + 3600;
      const order = [7, 2, 11, 0, 5, 9, 1, 10, 3, 8, 6, 4];
      for (const n of order) {
        await store.put("state", {
          pk: newKey(),
          user_key: user,
          at: minute(n),
          ...(n % 3 === 0 ? { expires_at: endsAt } : {}),
        });
      }
    }

    it("answer nothing for a value that no item has", async () => {
      expect(await store.query("user", newKey(), { newestFirst: true, limit: 5 })).toEqual([]);
    });

    it("give whole items in the order of `at`, in both directions, at most `limit`", async () => {
      const user = newKey();
      await fill(user);
      const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
      const oldest = await store.query("user", user, { newestFirst: false, limit: 100 });
      expect(minutesOf(oldest)).toEqual(all);
      expect(oldest[1]).toStrictEqual({ pk: oldest[1]?.pk, user_key: user, at: minute(1) });
      const newest = await store.query("user", user, { newestFirst: true, limit: 5 });
      expect(minutesOf(newest)).toEqual([11, 10, 9, 8, 7]);
      expect(await store.query("user", user, { newestFirst: true, limit: 0 })).toEqual([]);
    });

    it.each([
      { newestFirst: true, expected: [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0] },
      { newestFirst: false, expected: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
    ])(
      "page with `beyond` without gap or repetition (newestFirst: $newestFirst)",
      async ({ newestFirst, expected }) => {
        const user = newKey();
        await fill(user);
        const seen: number[] = [];
        let page = await store.query("user", user, { newestFirst, limit: 5 });
        while (page.length > 0) {
          seen.push(...minutesOf(page));
          const beyond = String(page.at(-1)?.at);
          page = await store.query("user", user, { newestFirst, limit: 5, beyond });
        }
        expect(seen).toEqual(expected);
      },
    );

    it("hide expired items and still fill the limit from further pages", async () => {
      const user = newKey();
      await fill(user);
      start().clock.move(2 * 3_600_000);
      const live = [1, 2, 4, 5, 7, 8, 10, 11];
      for (const limit of [1, 2, 3, 7, 8, 9]) {
        const items = await store.query("user", user, { newestFirst: false, limit });
        expect(minutesOf(items)).toEqual(live.slice(0, limit));
      }
      const beyond = minute(5);
      const older = await store.query("user", user, { newestFirst: true, limit: 3, beyond });
      expect(minutesOf(older)).toEqual([4, 2, 1]);
    });

    it("answer nothing when every item of many has expired", async () => {
      const user = newKey();
      const endsAt = Math.floor(start().clock.nowMs() / 1000) + 60;
      for (let n = 0; n < 7; n++) {
        await store.put("state", {
          pk: newKey(),
          user_key: user,
          at: minute(n),
          expires_at: endsAt,
        });
      }
      start().clock.move(61_000);
      expect(await store.query("user", user, { newestFirst: true, limit: 2 })).toEqual([]);
    });

    it("read more than a megabyte", async () => {
      const user = newKey();
      const text = "x".repeat(300 * 1024);
      for (let n = 0; n < 6; n++) {
        await store.put("state", { pk: newKey(), user_key: user, at: minute(n), text });
      }
      const items = await store.query("user", user, { newestFirst: false, limit: 6 });
      expect(minutesOf(items)).toEqual([0, 1, 2, 3, 4, 5]);
    });

    it("know the three indexes, and follow an item that is changed or deleted", async () => {
      const pk = newKey();
      const value = newKey();
      const find = (index: "user" | "place" | "open") =>
        store.query(index, value, { newestFirst: true, limit: 5 });
      const item = { pk, at: minute(1), user_key: value, place_key: value, open_key: value };
      await store.put("state", item);
      for (const index of ["user", "place", "open"] as const) {
        await expect.poll(() => find(index)).toStrictEqual([item]);
      }
      const { open_key: _, ...closed } = item;
      await store.put("state", { ...closed, at: minute(2) });
      await expect.poll(() => find("open")).toEqual([]);
      await expect.poll(() => find("user")).toStrictEqual([{ ...closed, at: minute(2) }]);
      await store.delete("state", pk);
      await expect.poll(() => find("place")).toEqual([]);
    });

    it("keep values apart that begin alike", async () => {
      const value = newKey();
      await store.put("state", { pk: newKey(), user_key: value, at: minute(1) });
      await store.put("state", { pk: newKey(), user_key: `${value}/é`, at: minute(2) });
      const items = await store.query("user", value, { newestFirst: true, limit: 5 });
      expect(minutesOf(items)).toEqual([1]);
    });
  });
}
