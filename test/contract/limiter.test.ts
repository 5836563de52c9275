import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createBottleneckLimiter } from "../../src/drivers/bottleneck/bottleneck-limiter.ts";
import type { Limiter, Log } from "../../src/ports/index.ts";
import { type RedisServer, redisIsInstalled, startRedis } from "../servers/redis.ts";
import {
  type LimiterLimits,
  limiterContract,
  limitsOf,
  live,
  recorder,
} from "./limiter-contract.ts";

const quiet: Log = { info: () => {}, warn: () => {}, error: () => {} };

limiterContract("the Bottleneck limiter of one process", (limits) =>
  createBottleneckLimiter({ ...limits, log: quiet }),
);

const installed = redisIsInstalled();
const reason = installed ? "" : " (skipped: redis-server is not installed)";

describe.skipIf(!installed)(`with Redis${reason}`, () => {
  let redis: RedisServer;
  const opened: Limiter[] = [];
  const warnings: string[] = [];
  const infos: string[] = [];
  const log: Log = {
    info: (_fields, message) => void infos.push(message),
    warn: (_fields, message) => void warnings.push(message),
    error: () => {},
  };
  const open = async (limits: LimiterLimits): Promise<Limiter> => {
    const limiter = await createBottleneckLimiter({ ...limits, redisUrl: redis.url, log });
    opened.push(limiter);
    return limiter;
  };

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((limiter) => limiter.close()));
    warnings.length = 0;
    infos.length = 0;
  });
  afterAll(() => redis.close());

  limiterContract("the Bottleneck limiter", open);

  it("keeps the concurrency over two processes together", async () => {
    const limits = limitsOf(3);
    const { seen, call } = recorder(30);
    const pair = await Promise.all([open(limits), open(limits)]);
    await Promise.all(
      Array.from({ length: 16 }, (_, n) => pair[n % 2]?.schedule(call(String(n % 2)), live())),
    );
    expect(seen.startsMs).toHaveLength(16);
    expect(seen.most).toBe(3);
    expect(warnings).toEqual([]);
  });

  it("keeps the rate over two processes together", async () => {
    const limits = limitsOf(2, 120);
    const { seen, call } = recorder();
    const pair = await Promise.all([open(limits), open(limits)]);
    await Promise.all(Array.from({ length: 6 }, (_, n) => pair[n % 2]?.schedule(call(), live())));
    const starts = seen.startsMs.toSorted((a, b) => a - b);
    expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBeGreaterThan(4 * 504 - 260);
    expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBeLessThan(4_000);
  });

  it("pauses the other processes too", async () => {
    const limits = limitsOf(2);
    const [told, other] = await Promise.all([open(limits), open(limits)]);
    await Promise.all([
      told.schedule(async () => {}, live()),
      other.schedule(async () => {}, live()),
    ]);
    const pausedMs = performance.now();
    told.pause(500);
    await sleep(100);
    await other.schedule(async () => {}, live());
    expect(performance.now() - pausedMs).toBeGreaterThanOrEqual(450);
  });

  it("goes on, and keeps limits together again, after the database was flushed", async () => {
    const limits = limitsOf(2);
    const pair = await Promise.all([open(limits), open(limits)]);
    await Promise.all(pair.map((limiter) => limiter.schedule(async () => {}, live())));
    await redis.flush();
    const during = pair.map((limiter) => limiter.schedule(async () => "drawn", live()));
    expect(await Promise.all(during)).toEqual(["drawn", "drawn"]);
    await sleep(600);
    const { seen, call } = recorder(30);
    await Promise.all(Array.from({ length: 10 }, (_, n) => pair[n % 2]?.schedule(call(), live())));
    expect(seen.startsMs).toHaveLength(10);
    expect(seen.most).toBe(2);
  });

  it("lets calls through that wait for their turn while the database is flushed", async () => {
    const limits = limitsOf(1);
    const pair = await Promise.all([open(limits), open(limits)]);
    const { seen, call } = recorder(150);
    const all = Array.from({ length: 6 }, (_, n) => pair[n % 2]?.schedule(call(), live()));
    await sleep(200);
    await redis.flush();
    await Promise.all(all);
    expect(seen.startsMs).toHaveLength(6);
  });

  it("goes on alone when Redis dies, says so once, and shares again when it is back", async () => {
    const limits = limitsOf(2);
    const pair = await Promise.all([open(limits), open(limits)]);
    const { seen, call } = recorder(50);
    const first = Array.from({ length: 8 }, (_, n) => pair[n % 2]?.schedule(call(), live()));
    await sleep(80);
    await redis.kill();
    const startedMs = performance.now();
    await Promise.all(first);
    await Promise.all(Array.from({ length: 8 }, (_, n) => pair[n % 2]?.schedule(call(), live())));
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(seen.startsMs).toHaveLength(16);
    // One for each process; each keeps its own concurrency of two.
    expect(warnings).toHaveLength(2);
    expect(seen.most).toBeLessThanOrEqual(4);

    await redis.restart();
    for (let n = 0; n < 100 && infos.length < 2; n += 1) await sleep(50);
    expect(infos).toHaveLength(2);
    await sleep(600);
    const again = recorder(30);
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => pair[n % 2]?.schedule(again.call(), live())),
    );
    expect(again.seen.most).toBe(2);
  }, 20_000);

  it("works from the start when Redis is not there", async () => {
    const url = "redis://127.0.0.1:9";
    const limiter = await createBottleneckLimiter({ ...limitsOf(2), redisUrl: url, log });
    opened.push(limiter);
    expect(await limiter.schedule(async () => "drawn", live())).toBe("drawn");
    expect(warnings).toHaveLength(1);
  });
});
