import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AtelierError } from "../../src/errors.ts";
import type { StateStore } from "../../src/ports/index.ts";
import { createCacheUser } from "../fixtures/cache-user.ts";
import { type EmbeddedStorage, openEmbeddedStorage } from "../fixtures/embedded-storage.ts";
import { createSteppedClock } from "../fixtures/stepped-clock.ts";
import { until } from "../fixtures/until.ts";

let storage: EmbeddedStorage;
let lastHash = 0;
const newHash = () => `hash-${++lastHash}`;

beforeAll(async () => {
  storage = await openEmbeddedStorage();
});
afterAll(() => storage.close());

describe("one picture cache in one process", () => {
  it("calls one maker for 200 askers at once, and none for those who ask later", async () => {
    const user = createCacheUser(storage);
    const hash = newHash();
    const all = await Promise.all(Array.from({ length: 200 }, (_, n) => user.ask(hash, `job${n}`)));
    expect(user.calls()).toBe(1);
    expect(new Set(all.map(({ picture }) => picture.key)).size).toBe(1);
    expect(all.filter(({ isFromCache }) => !isFromCache)).toHaveLength(1);
    expect(await user.ask(hash, "later")).toMatchObject({ isFromCache: true });
    expect(user.calls()).toBe(1);
    expect(user.reads()).toEqual({ miss: 1, waited: 199, hit: 1 });
  });

  it("tells everyone who waited why the maker failed, and lets the next one try at once", async () => {
    const user = createCacheUser(storage);
    const hash = newHash();
    const refused = new AtelierError("refused", "That cannot be drawn.");
    user.failNext(refused);
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => user.ask(hash, `job${n}`)),
    );
    expect(all.every((each) => each.status === "rejected" && each.reason === refused)).toBe(true);
    expect(user.calls()).toBe(1);
    expect(await user.ask(hash, "next")).toMatchObject({ isFromCache: false });
  });

  it("tells them too when the maker broke with an error of no kind", async () => {
    const user = createCacheUser(storage);
    const hash = newHash();
    const broken = new TypeError("A slip.");
    user.failNext(broken);
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => user.ask(hash, `job${n}`)),
    );
    expect(all.every((each) => each.status === "rejected" && each.reason === broken)).toBe(true);
    expect(user.calls()).toBe(1);
  });

  it("lets one who waited draw instead when the maker was cancelled", async () => {
    const user = createCacheUser(storage);
    const hash = newHash();
    const release = user.holdNext();
    const cancel = new AbortController();
    const maker = user.ask(hash, "maker", cancel.signal);
    await until(() => user.calls() === 1);
    const waiters = Promise.all(Array.from({ length: 20 }, (_, n) => user.ask(hash, `job${n}`)));
    const reason = new Error("Cancelled.");
    cancel.abort(reason);
    release(reason);
    await expect(maker).rejects.toBe(reason);
    expect((await waiters).filter(({ isFromCache }) => !isFromCache)).toHaveLength(1);
    expect(user.calls()).toBe(2);
  });

  it("lets who waits go with the reason of its own signal, and the maker go on", async () => {
    const user = createCacheUser(storage);
    const other = createCacheUser(storage);
    const hash = newHash();
    const release = user.holdNext();
    const maker = user.ask(hash, "maker");
    await until(() => user.calls() === 1);
    const reason = new Error("Not wanted any more.");
    for (const waiter of [user, other]) {
      const leave = new AbortController();
      const waiting = waiter.ask(hash, "waiter", leave.signal);
      leave.abort(reason);
      await expect(waiting).rejects.toBe(reason);
    }
    release();
    expect(await maker).toMatchObject({ isFromCache: false });
    expect(other.calls()).toBe(0);
  });

  it("draws again when the result has expired", async () => {
    const clock = createSteppedClock();
    const user = createCacheUser(storage, { clock, ttlSeconds: 100 });
    const hash = newHash();
    await user.ask(hash, "first");
    clock.move(99_000);
    expect(await user.ask(hash, "second")).toMatchObject({ isFromCache: true });
    clock.move(2_000);
    expect(await user.ask(hash, "third")).toMatchObject({ isFromCache: false });
  });

  it("draws again, and replaces the entry, when the object has vanished", async () => {
    const user = createCacheUser(storage);
    const hash = newHash();
    const { picture } = await user.ask(hash, "first");
    await user.outputs.delete(picture.key);
    expect(await user.cache.find(hash)).toBeNull();
    expect(await user.ask(hash, "second")).toMatchObject({ isFromCache: false });
    expect(await user.ask(hash, "third")).toMatchObject({ isFromCache: true });
  });

  it.each([
    ["nothing but its key", {}],
    ["a result without its object", { status: "ready", timestamp: "x", s3_url: "s3://b/k" }],
    ["fields of the wrong kind", { status: null, owner: 7, timestamp: true, object_key: ["k"] }],
    ["a claim that nobody holds", { status: "pending", timestamp: "x", expires_at: 4e9 }],
    ["a claim that never ends", { status: "pending", owner: "gone-1", timestamp: "x" }],
  ])("takes an item with %s for a miss and replaces it", async (_what, damaged) => {
    const user = createCacheUser(storage);
    const hash = newHash();
    await user.state.put("cache", { prompt_hash: hash, ...damaged });
    expect(await user.ask(hash, "first", AbortSignal.timeout(10_000))).toMatchObject({
      isFromCache: false,
    });
    expect(await user.ask(hash, "second")).toMatchObject({ isFromCache: true });
  });

  it("forgets a result only while it is that object", async () => {
    const user = createCacheUser(storage);
    const hash = newHash();
    const { picture } = await user.ask(hash, "first");
    await user.cache.forget(hash, "outputs/another.png");
    expect(await user.cache.find(hash)).toEqual(picture);
    await user.cache.forget(hash, picture.key);
    expect(await user.cache.find(hash)).toBeNull();
    await user.cache.forget(hash, picture.key);
  });

  it("writes the attributes that other programs read", async () => {
    const clock = createSteppedClock(Date.parse("2026-11-21T10:00:00.500Z"));
    const user = createCacheUser(storage, { clock, ttlSeconds: 60 });
    const hash = newHash();
    const { picture } = await user.ask(hash, "first");
    expect(await user.state.get("cache", hash)).toMatchObject({
      prompt_hash: hash,
      s3_url: `s3://local/${picture.key}`,
      timestamp: "2026-11-21T10:00:00.500Z",
      expires_at: Date.parse("2026-11-21T10:01:00Z") / 1000,
      model: "counting",
      parameters: { seed: 7, prompt: "a fox" },
      status: "ready",
    });
  });
});

describe("a claim", () => {
  it("of a dead owner is taken over once it has expired, and not before", async () => {
    const dead = createCacheUser(storage, { clock: createSteppedClock() });
    const clock = createSteppedClock();
    const other = createCacheUser(storage, { clock });
    const hash = newHash();
    dead.holdNext();
    void dead.ask(hash, "dead");
    await until(() => dead.calls() === 1);
    const answer = other.ask(hash, "other");
    for (let second = 0; second < 28; second++) {
      await until(() => clock.sleeping() === 1);
      expect(other.calls()).toBe(0);
      clock.move(1_000);
    }
    await until(() => clock.sleeping() === 1);
    clock.move(5_000);
    expect(await answer).toMatchObject({ isFromCache: false });
    expect(other.calls()).toBe(1);
  });

  it("is kept alive while its maker works longer than it holds", async () => {
    const makersClock = createSteppedClock();
    const maker = createCacheUser(storage, { clock: makersClock });
    const clock = createSteppedClock();
    const other = createCacheUser(storage, { clock });
    const hash = newHash();
    const release = maker.holdNext();
    const made = maker.ask(hash, "maker");
    await until(() => maker.calls() === 1);
    const answer = other.ask(hash, "other");
    for (let beat = 0; beat < 12; beat++) {
      await until(() => makersClock.sleeping() === 1 && clock.sleeping() === 1);
      makersClock.move(10_000);
      // The next sleep begins once the claim is renewed.
      await until(() => makersClock.sleeping() === 1);
      clock.move(10_000);
    }
    expect(other.calls()).toBe(0);
    release();
    const { picture } = await made;
    await until(() => clock.sleeping() === 1);
    clock.move(1_000);
    expect(await answer).toEqual({ picture, isFromCache: true });
  });

  it("is renewed again after the table was away for one beat", async () => {
    const makersClock = createSteppedClock();
    const real = storage.state(makersClock);
    let puts = 0;
    const shaky: StateStore = {
      ...real,
      put: (...args) =>
        ++puts === 2 ? Promise.reject(new AtelierError("unavailable", "Away.")) : real.put(...args),
    };
    const maker = createCacheUser(storage, { clock: makersClock, state: shaky });
    const hash = newHash();
    const release = maker.holdNext();
    const made = maker.ask(hash, "maker");
    await until(() => maker.calls() === 1);
    for (const beat of [2, 3, 4, 5]) {
      await until(() => makersClock.sleeping() === 1);
      makersClock.move(10_000);
      await until(() => puts === beat);
    }
    await until(async () => (await real.get("cache", hash)) !== null);
    release();
    expect(await made).toMatchObject({ isFromCache: false });
  });

  it("that cannot be released does not hide why the picture failed", async () => {
    const state: StateStore = {
      ...storage.state(createSteppedClock()),
      delete: () => Promise.reject(new AtelierError("unavailable", "Away.")),
    };
    const user = createCacheUser(storage, { state });
    const refused = new AtelierError("refused", "That cannot be drawn.");
    user.failNext(refused);
    await expect(user.ask(newHash(), "job")).rejects.toBe(refused);
  });

  it("is taken again by its own owner after a crash, without a wait", async () => {
    const crashed = createCacheUser(storage, { clock: createSteppedClock() });
    const again = createCacheUser(storage, { clock: createSteppedClock() });
    const hash = newHash();
    crashed.holdNext();
    void crashed.ask(hash, "same");
    await until(() => crashed.calls() === 1);
    expect(await again.ask(hash, "same")).toMatchObject({ isFromCache: false });
  });
});

describe("picture caches of several processes on one table", () => {
  it("call one maker for a hundred askers at once", async () => {
    const hash = newHash();
    const script = join(import.meta.dirname, "../fixtures/ask-cache.ts");
    const { endpoint, accessKeyId, folder } = storage;
    const args = ["--import", "tsx", script, endpoint, accessKeyId, folder, hash, "25"];
    const env = { ...process.env, NODE_NO_WARNINGS: "1" };
    const children = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], env });
      return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
    });
    try {
      for (const { lines } of children) expect((await lines.next()).value).toBe("ready");
      for (const { child } of children) child.stdin.write("go\n");
      const answers = await Promise.all(
        children.map(async ({ lines }) => JSON.parse(String((await lines.next()).value))),
      );
      expect(new Set(answers.flatMap(({ keys }) => keys)).size).toBe(1);
      expect(answers.reduce((sum, { made }) => sum + made, 0)).toBe(1);
      const user = createCacheUser(storage);
      expect(await user.state.add(`calls#${hash}`, 0, 4_000_000_000)).toBe(1);
    } finally {
      for (const { child } of children) {
        if (child.exitCode === null) child.kill("SIGKILL");
        if (child.exitCode === null) await once(child, "exit");
      }
    }
  }, 60_000);
});
