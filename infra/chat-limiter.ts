import type { Limiter, Log } from "#core";
import { createBottleneckLimiter } from "../src/drivers/bottleneck/bottleneck-limiter.ts";

/**
 * No limit of a platform: they change, and each says itself when a method was called too often.
 * These only spread a burst.
 */
const CALLS_PER_MINUTE = 1_200;
const CALLS_AT_ONCE = 16;

/** The limiter of one method of a chat platform, in a process that lasts. */
export function createChatLimiter(id: string, log: Log): Promise<Limiter> {
  return createBottleneckLimiter({
    id,
    requestsPerMinute: CALLS_PER_MINUTE,
    concurrency: CALLS_AT_ONCE,
    log,
  });
}
