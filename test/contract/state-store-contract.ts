import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StateItem, StateStore, WriteCondition } from "../../src/ports/index.ts";
import type { StillClock } from "../fixtures/still-clock.ts";
import { stateStoreQueryContract } from "./state-store-query-contract.ts";

export interface StateStoreUnderTest {
  /** A store of its own client on the same tables, as another process would have it. */
  connect(): StateStore;
  clock: StillClock;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const isFree: readonly WriteCondition[] = [{ kind: "absent" }, { kind: "expired" }];
const ownedBy = (owner: string): WriteCondition[] => [{ kind: "equals", attributes: { owner } }];

/** Proves that a driver keeps the contract of StateStore. Tables may hold other items already. */
export function stateStoreContract(name: string, start: () => Promise<StateStoreUnderTest>): void {
  describe(`${name} keeps the contract of StateStore`, () => {
    let store: StateStore;
    let underTest: StateStoreUnderTest;
    let keys = 0;
    const newKey = () => `test#${++keys}`;
    const inHours = (hours: number) =>
      Math.floor((underTest.clock.nowMs() + hours * HOUR_MS) / 1000);

    beforeAll(async () => {
      underTest = await start();
      store = underTest.connect();
    }, 90_000);
    afterAll(() => underTest.close());

    describe("items", () => {
      it("answers null for a key that was never written", async () => {
        expect(await store.get("state", newKey())).toBeNull();
        expect(await store.get("cache", newKey())).toBeNull();
      });

      it("gives back what was put, whatever JSON it is, and leaves undefined out", async () => {
        const item: StateItem = {
          pk: newKey(),
          owner: "Zoë 🦊 日本語 \u0000 e\u0301",
          count: -0.25,
          big: Number.MAX_SAFE_INTEGER,
          empty: "",
          nothing: null,
          isTrue: true,
          list: [1, "two", [], {}, null],
          nested: { "a key with spaces.and#signs": { deep: [false] }, absent: undefined },
          absent: undefined,
        };
        expect(await store.put("state", item)).toBe(true);
        expect(await store.get("state", String(item.pk))).toStrictEqual(
          JSON.parse(JSON.stringify(item)),
        );
      });

      it("finds an item whose key is not ASCII", async () => {
        const key = `${newKey()}/ключ/鍵/🗝`;
        await store.put("cache", { prompt_hash: key, status: "ready" });
        expect(await store.get("cache", key)).toMatchObject({ status: "ready" });
      });

      it("keeps the two tables apart", async () => {
        const key = newKey();
        await store.put("state", { pk: key, from: "state" });
        expect(await store.get("cache", key)).toBeNull();
      });

      it("replaces the whole item", async () => {
        const pk = newKey();
        await store.put("state", { pk, old: 1 });
        expect(await store.put("state", { pk, fresh: 2 })).toBe(true);
        expect(await store.get("state", pk)).toStrictEqual({ pk, fresh: 2 });
      });

      it("takes an item of 390 KB and refuses one of 401 KB", async () => {
        const pk = newKey();
        expect(await store.put("state", { pk, text: "x".repeat(390 * 1024) })).toBe(true);
        expect(String((await store.get("state", pk))?.text)).toHaveLength(390 * 1024);
        const tooLarge = { pk, text: "x".repeat(401 * 1024) };
        await expect(store.put("state", tooLarge)).rejects.toMatchObject({ kind: "internal" });
      });

      it("shows each write to every client at once", async () => {
        const other = underTest.connect();
        const pk = newKey();
        for (let revision = 1; revision <= 20; revision++) {
          await store.put("state", { pk, revision });
          expect(await other.get("state", pk)).toStrictEqual({ pk, revision });
        }
      });

      it("counts an item as absent from the second of its expiry on", async () => {
        const pk = newKey();
        const endsAtSeconds = inHours(2);
        await store.put("state", { pk, expires_at: endsAtSeconds });
        underTest.clock.move(endsAtSeconds * 1000 - 1 - underTest.clock.nowMs());
        expect(await store.get("state", pk)).toStrictEqual({ pk, expires_at: endsAtSeconds });
        underTest.clock.move(1);
        expect(await store.get("state", pk)).toBeNull();
      });

      it("deletes an item, and one that is not there", async () => {
        const pk = newKey();
        await store.put("state", { pk });
        expect(await store.delete("state", pk)).toBe(true);
        expect(await store.get("state", pk)).toBeNull();
        expect(await store.delete("state", pk)).toBe(true);
      });
    });

    describe("conditions", () => {
      it("`absent` holds only where no item is stored, expired or not", async () => {
        const pk = newKey();
        expect(await store.put("state", { pk, expires_at: inHours(1) }, [{ kind: "absent" }])).toBe(
          true,
        );
        expect(await store.put("state", { pk, second: true }, [{ kind: "absent" }])).toBe(false);
        underTest.clock.move(2 * HOUR_MS);
        expect(await store.put("state", { pk, second: true }, [{ kind: "absent" }])).toBe(false);
      });

      it("`expired` holds only for an item past its expiry", async () => {
        const pk = newKey();
        expect(await store.put("state", { pk }, [{ kind: "expired" }])).toBe(false);
        await store.put("state", { pk, note: "never ends" });
        expect(await store.put("state", { pk }, [{ kind: "expired" }])).toBe(false);
        await store.put("state", { pk, expires_at: inHours(1) });
        expect(await store.put("state", { pk }, [{ kind: "expired" }])).toBe(false);
        underTest.clock.move(HOUR_MS + 1000);
        expect(await store.put("state", { pk, note: "taken over" }, [{ kind: "expired" }])).toBe(
          true,
        );
        expect(await store.get("state", pk)).toStrictEqual({ pk, note: "taken over" });
      });

      it("`equals` holds when every named attribute has its value, null meaning absent", async () => {
        const pk = newKey();
        const put = (attributes: Record<string, string | number | null>) =>
          store.put("state", { pk, owner: "ana", revision: 3 }, [{ kind: "equals", attributes }]);
        expect(await put({ owner: "ana" })).toBe(false);
        expect(await put({ owner: null })).toBe(true);
        expect(await put({ owner: null })).toBe(false);
        expect(await put({ owner: "ana", revision: 4 })).toBe(false);
        expect(await put({ owner: "ana", revision: "3" })).toBe(false);
        expect(await put({ owner: "ana", revision: 3, error: "some" })).toBe(false);
        expect(await put({ owner: "ana", revision: 3, error: null })).toBe(true);
        expect(await put({})).toBe(true);
      });

      it("any one of several conditions is enough, and no conditions are none", async () => {
        const pk = newKey();
        await store.put("state", { pk, owner: "ana" });
        const anyOf = [...isFree, ...ownedBy("ben"), ...ownedBy("ana")];
        expect(await store.put("state", { pk, owner: "cleo" }, anyOf)).toBe(true);
        expect(await store.put("state", { pk, owner: "dan" }, anyOf)).toBe(false);
        expect(await store.put("state", { pk, owner: "dan" }, [])).toBe(true);
      });

      it("a condition that failed changes nothing", async () => {
        const pk = newKey();
        await store.put("state", { pk, owner: "ana", kept: true });
        await store.put("state", { pk, owner: "ben" }, [{ kind: "absent" }]);
        await store.delete("state", pk, ownedBy("ben"));
        expect(await store.get("state", pk)).toStrictEqual({ pk, owner: "ana", kept: true });
      });

      it("deletes under the same rule", async () => {
        const pk = newKey();
        expect(await store.delete("state", pk, ownedBy("ana"))).toBe(false);
        await store.put("state", { pk, owner: "ana", expires_at: inHours(1) });
        expect(await store.delete("state", pk, ownedBy("ben"))).toBe(false);
        expect(await store.delete("state", pk, [{ kind: "expired" }])).toBe(false);
        expect(await store.delete("state", pk, [...ownedBy("ben"), ...ownedBy("ana")])).toBe(true);
        expect(await store.get("state", pk)).toBeNull();
      });
    });

    describe("claims", () => {
      const claim = (from: StateStore, pk: string, owner: string, hours = 1) =>
        from.put("state", { pk, owner, expires_at: inHours(hours) }, isFree);

      it("gives a free key to exactly one of 200 who claim it at once from two clients", async () => {
        const pk = newKey();
        const clients = [underTest.connect(), underTest.connect()];
        const owners = Array.from({ length: 200 }, (_, n) => `worker-${n}`);
        const results = await Promise.all(
          owners.map((owner, n) => claim(clients[n % 2] ?? store, pk, owner)),
        );
        const winners = owners.filter((_, n) => results[n]);
        expect(winners).toHaveLength(1);
        expect(await store.get("state", pk)).toMatchObject({ owner: winners[0] });
      }, 30_000);

      it("gives an expired claim to exactly one of 200 who take it over at once", async () => {
        const pk = newKey();
        await claim(store, pk, "the one that died");
        underTest.clock.move(2 * HOUR_MS);
        const results = await Promise.all(
          Array.from({ length: 200 }, (_, n) => claim(store, pk, `worker-${n}`)),
        );
        expect(results.filter(Boolean)).toHaveLength(1);
      }, 30_000);

      it("lets an owner renew and release its claim, until someone else took it over", async () => {
        const pk = newKey();
        const renewed = { pk, owner: "ana", expires_at: inHours(3) };
        expect(await claim(store, pk, "ana")).toBe(true);
        expect(await claim(store, pk, "ben")).toBe(false);
        expect(await store.put("state", renewed, ownedBy("ana"))).toBe(true);
        underTest.clock.move(4 * HOUR_MS);
        expect(await claim(store, pk, "ben")).toBe(true);
        expect(await store.put("state", renewed, ownedBy("ana"))).toBe(false);
        expect(await store.delete("state", pk, ownedBy("ana"))).toBe(false);
        expect(await store.delete("state", pk, ownedBy("ben"))).toBe(true);
        expect(await claim(store, pk, "ana")).toBe(true);
      });
    });

    describe("counters", () => {
      it("start at 0 and return each new value, also of amounts with decimals or below 0", async () => {
        const key = newKey();
        expect(await store.add(key, 3, inHours(1))).toBe(3);
        expect(await store.add(key, 0.1, inHours(1))).toBe(3.1);
        expect(await store.add(key, 0.2, inHours(1))).toBe(3.3);
        expect(await store.add(key, -1.3, inHours(1))).toBe(2);
        expect(await store.get("state", key)).toMatchObject({ pk: key, count: 2 });
      });

      it("count each of 50 additions made at once", async () => {
        const key = newKey();
        const endsAt = inHours(1);
        const values = await Promise.all(
          Array.from({ length: 50 }, () => store.add(key, 1, endsAt)),
        );
        expect(values.toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: 50 }, (_, n) => n + 1),
        );
      });

      it("start again at 0 when they have ended, also for 50 who add at once", async () => {
        const key = newKey();
        await store.add(key, 1000, inHours(1));
        underTest.clock.move(2 * HOUR_MS);
        expect(await store.get("state", key)).toBeNull();
        const endsAt = inHours(1);
        const values = await Promise.all(
          Array.from({ length: 50 }, () => store.add(key, 1, endsAt)),
        );
        expect(Math.max(...values)).toBe(50);
        expect(await store.add(key, 1, endsAt)).toBe(51);
      });
    });

    stateStoreQueryContract(() => underTest, newKey);
  });
}
