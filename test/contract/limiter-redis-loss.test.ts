import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createBottleneckLimiter } from "../../src/drivers/bottleneck/bottleneck-limiter.ts";
import type { Limiter, Log } from "../../src/ports/index.ts";
import { until } from "../fixtures/until.ts";
import { type RedisServer, redisIsInstalled, startRedis } from "../servers/redis.ts";
import { type LimiterLimits, limitsOf, live } from "./limiter-contract.ts";
import { type RedisLine, startRedisLine } from "./limiter-redis-line.ts";

const installed = redisIsInstalled();
const reason = installed ? "" : " (skipped: redis-server is not installed)";

/** Moments in a loss of Redis that a healthy or a dead server shows only by chance. */
describe.skipIf(!installed)(`the Bottleneck limiter while Redis comes back${reason}`, () => {
  let redis: RedisServer;
  let line: RedisLine;
  const opened: Limiter[] = [];
  const strays: unknown[] = [];
  const said: ("away" | "back")[] = [];
  const log: Log = {
    info: () => void said.push("back"),
    warn: () => void said.push("away"),
    error: () => {},
  };
  const onStray = (cause: unknown) => void strays.push(cause);
  const open = async (limits: LimiterLimits): Promise<Limiter> => {
    const limiter = await createBottleneckLimiter({ ...limits, redisUrl: line.url, log });
    opened.push(limiter);
    return limiter;
  };

  beforeAll(async () => {
    redis = await startRedis();
  });
  beforeEach(async () => {
    line = await startRedisLine(redis.url);
    process.on("unhandledRejection", onStray);
  });
  afterEach(async () => {
    line.letGo();
    await Promise.all(opened.splice(0).map((limiter) => limiter.close()));
    await line.close();
    process.off("unhandledRejection", onStray);
    strays.length = 0;
    said.length = 0;
  });
  afterAll(() => redis.close());

  it("may be closed before Redis has said that it is ready, without a rejection nobody handles", async () => {
    const limiter = await open(limitsOf(2));
    await limiter.schedule(async () => {}, live());
    line.hold("info");
    line.cut();
    await until(() => line.heldCount() === 2);
    await limiter.close();
    // The answers are on their way while the limiter's connections close.
    line.letGo();
    await sleep(100);
    expect(strays).toEqual([]);
  });

  it("goes on alone, and says so, where Redis is back but cannot be subscribed to", async () => {
    const limiter = await open(limitsOf(2));
    await limiter.schedule(async () => {}, live());
    line.hold("subscribe");
    line.cut();
    await until(() => line.heldCount() === 1 && said.length === 2);
    expect(said).toEqual(["away", "back"]);
    await until(() => said.length === 3);
    expect(said).toEqual(["away", "back", "away"]);
    expect(await limiter.schedule(async () => "drawn", live())).toBe("drawn");
    expect(strays).toEqual([]);
  });
  it("hears the other processes again after its connections were lost", async () => {
    const limits = limitsOf(2);
    const [told, other] = await Promise.all([open(limits), open(limits)]);
    for (const limiter of [told, other]) await limiter.schedule(async () => {}, live());
    line.cut();
    await until(() => said.filter((word) => word === "back").length === 2);
    // The connections that listen come back beside the ones that tell it.
    await sleep(100);
    const pausedMs = performance.now();
    told.pause(500);
    await sleep(100);
    await other.schedule(async () => {}, live());
    expect(performance.now() - pausedMs).toBeGreaterThanOrEqual(450);
    expect(strays).toEqual([]);
  });
});
